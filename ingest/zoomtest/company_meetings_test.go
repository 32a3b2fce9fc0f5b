package zoomtest

import (
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestIDsAreReadBack(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := newNumbering(rapid.Uint64().Draw(rt, "seed"))
		team, day, seq := rapid.IntRange(companyTeam, 20_000).Draw(rt, "team"), rapid.IntRange(-10, 60_000).Draw(rt, "day"), rapid.IntRange(0, 100).Draw(rt, "seq")
		uuid := n.meetingUUID(team, day, seq)
		if a, b, c, ok := n.readMeetingUUID(uuid); !ok || a != team || b != day || c != seq || len(uuid) != 24 {
			rt.Fatalf("UUID %s of %d %d %d reads %d %d %d %v", uuid, team, day, seq, a, b, c, ok)
		}
		host, slot := rapid.IntRange(0, MaxUsers).Draw(rt, "host"), rapid.IntRange(0, numberSlots-1).Draw(rt, "slot")
		number := n.meetingNumber(host, day, slot)
		if a, b, c, ok := n.readMeetingNumber(number); !ok || a != host || b != day&(numberDays-1) || c != slot || number < 8e10 || number >= 9e10 {
			rt.Fatalf("number %d of %d %d %d reads %d %d %d %v", number, host, day, slot, a, b, c, ok)
		}
		id := n.channelID(team, day)
		if a, b, ok := n.readChannelID(id); !ok || a != team || b != day || len(id) != 32 {
			rt.Fatalf("channel %s of %d %d reads %d %d %v", id, team, day, a, b, ok)
		}
		// Another account's ids are nobody's here.
		other := newNumbering(rapid.Uint64().Draw(rt, "other seed"))
		if other.shift != n.shift {
			if _, _, _, ok := other.readMeetingUUID(uuid); ok {
				rt.Fatalf("%s is known to another account", uuid)
			}
		}
	})
}

func TestStrangeIDsNameNothing(t *testing.T) {
	c := newCompany(t, Options{Seed: 1, Users: 100, Days: 30})
	for _, uuid := range []string{"", "abc", "AAAAAAAAAAAAAAAAAAAAAA==", "4444AAAiAAAAAiAiAiiAii==", strings.Repeat("A", 400), "\x00", c.numbers.meetingUUID(1<<20, c.last, 0),
		c.numbers.meetingUUID(0, c.last, 999), c.numbers.meetingUUID(-7, c.last, 0), c.numbers.meetingUUID(companyTeam, c.last, 1), c.numbers.meetingUUID(0, 1<<30, 0)} {
		if m, ok := c.Meeting(uuid); ok {
			t.Errorf("%q is %+v", uuid, m)
		}
	}
	for _, number := range []int64{-1, 0, 1, 1 << 62, 79_999_999_999, 90_000_000_000, 80_000_000_001, 85_555_555_555} {
		if m, ok := c.LastMeeting(number); ok {
			t.Errorf("%d is %+v", number, m)
		}
	}
	for _, id := range []string{"", "zz", strings.Repeat("0", 32), c.numbers.channelID(channelTeam, 1<<20), c.numbers.channelID(channelTeam, -1), c.numbers.channelID(9, 0), c.numbers.channelID(channelTopic, -1)} {
		if ch, ok := c.Channel(id); ok || c.ChannelMembers(id) != nil {
			t.Errorf("%q is %+v", id, ch)
		}
	}
}

// Hosts and their colleagues are at work while they meet, nobody is in two meetings at once, and people sit where their sign-ins say.
func TestMeetingsFollowTheDay(t *testing.T) {
	for seed := range uint64(2) {
		c := newCompany(t, Options{Seed: seed, Users: 400, Days: 45, Attacks: true})
		networks := c.Networks()
		kinds := map[string]int{}
		for day := c.first; day <= c.last; day++ {
			busy := map[*person][]span{}
			for _, g := range c.gatherings(day) {
				if g.start < int64(day)*secondsPerDay || g.start >= min(int64(day+1)*secondsPerDay, c.end) || g.end <= g.start {
					t.Fatalf("meeting from %v to %v on %v", timeAt(g.start), timeAt(g.end), dayTime(day))
				}
				here := map[*person]bool{}
				for i, x := range g.stays {
					p := c.participant(g, i, x)
					if x.leave < x.join || x.who == nil != (p.Email == "" && p.UserID == "") || p.Internal != (x.who != nil) {
						t.Fatalf("stay %+v is %+v", x, p)
					}
					if p.IPAddress.IsValid() {
						i := slices.IndexFunc(networks, func(n Network) bool { return n.Prefix.Contains(p.IPAddress) })
						if i < 0 || networks[i].City != p.City || networks[i].Country != p.Country {
							t.Fatalf("%s is not in %s", p.IPAddress, p.City)
						}
						kinds[networks[i].Kind]++
						if x.who == nil && networks[i].Kind == NetworkHosting {
							kinds["guest in hosting"]++
						}
					}
					if x.who == nil {
						kinds["guest"]++
						continue
					}
					local := g.local // of the team's office
					if g.team == nil {
						local = floorDiv(g.start+c.offset(x.who.office, g.local), secondsPerDay)
					}
					if w := c.working(x.who, local); w.to == 0 || x.join < w.from || x.leave > w.to+1800 || slices.Contains(x.who.replaced, local) {
						t.Fatalf("seed %d: %s meets from %v to %v, works from %v to %v", seed, x.who.email, timeAt(x.join), timeAt(x.leave), timeAt(w.from), timeAt(w.to))
					}
					if plan := c.plan(x.who, g.local); plan.atOffice && p.IPAddress.IsValid() && p.NetworkType != "Cellular" && !c.nets.office[plan.city].Prefix.Contains(p.IPAddress) {
						t.Fatalf("%s is at the office and in %s", x.who.email, p.IPAddress)
					}
					here[x.who] = true
				}
				if !here[g.host] {
					t.Fatalf("the host of %+v is not there", c.meeting(g))
				}
				for p := range here {
					for _, b := range busy[p] {
						if g.start < b.to && b.from < g.end {
							t.Fatalf("seed %d: %s is in two meetings at %v", seed, p.email, timeAt(g.start))
						}
					}
					busy[p] = append(busy[p], span{g.start, g.end})
				}
				if g.recorded && (!g.host.host && g.host.index != 0 || c.licence(g.host) != 2 || g.endToEnd) {
					t.Fatalf("%s may not record", g.host.email)
				}
				if c.licence(g.host) != 2 && g.end-g.start > basicMinutes*60 {
					t.Fatalf("a basic account meets for %d s", g.end-g.start)
				}
			}
		}
		for _, kind := range []string{NetworkOffice, NetworkHome, NetworkMobile, NetworkHosting, "guest", "guest in hosting"} {
			if kinds[kind] == 0 {
				t.Errorf("seed %d: nobody in %s: %v", seed, kind, kinds)
			}
		}
	}
}

// Every way to ask for a meeting gives the same one.
func TestMeetingsAgree(t *testing.T) {
	c := newCompany(t, Options{Seed: 5, Users: 200, Days: 40, Attacks: true})
	last := map[int64]Meeting{}
	total := map[string]HostTotal{}
	alone, publicOpen, guests := 0, 0, 0
	eachDay(c, func(day time.Time) {
		var sum DayTotal
		byHost, joined := map[string][]Meeting{}, map[string][]Meeting{}
		var recorded []string
		for _, m := range c.Meetings(day) {
			if found, ok := c.Meeting(m.UUID); !ok || found != m {
				t.Fatalf("%s is found as %+v", m.UUID, found)
			}
			last[m.Number] = m
			byHost[m.HostID] = append(byHost[m.HostID], m)
			people, colleagues, seconds := map[string]bool{}, map[string]bool{}, int64(0)
			var before time.Time
			for _, p := range c.Attendance(m) {
				if p.Join.Before(before) {
					t.Fatalf("%s: stays are not in order", m.UUID)
				}
				before = p.Join
				if p.Waiting {
					continue
				}
				key := p.UserID
				if !p.Internal {
					key = p.Name // a caller has a number for a name
					guests++
				} else if !colleagues[p.UserID] {
					joined[p.UserID] = append(joined[p.UserID], m)
					colleagues[p.UserID] = true
				}
				people[key] = true
				seconds += int64(p.Leave.Sub(p.Join) / time.Second)
			}
			if len(people) != m.People || len(colleagues) != m.Colleagues || seconds != m.TotalSeconds || m.Guests != (m.People > m.Colleagues) {
				t.Fatalf("%+v has %d people, %d colleagues, %d s", m, len(people), len(colleagues), seconds)
			}
			sum.Meetings, sum.Participants, sum.Minutes = sum.Meetings+1, sum.Participants+m.People, sum.Minutes+minutes(m.TotalSeconds)
			if m.People < 2 {
				sum.Alone++
				alone++
			}
			h := total[m.HostID]
			total[m.HostID] = HostTotal{h.Meetings + 1, h.Participants + m.People, h.Minutes + minutes(m.TotalSeconds)}
			r, ok := c.Recording(m.UUID)
			if ok != m.Recorded { // none is older than 120 days here
				t.Fatalf("%s: recording %v of a meeting recorded %v", m.UUID, ok, m.Recorded)
			}
			if ok {
				recorded = append(recorded, m.UUID)
				for _, f := range r.Files {
					sum.RecordingBytes += f.Bytes
				}
				if r.Share == "publicly" && r.Passcode == "" {
					publicOpen++
				}
			}
		}
		for _, u := range c.Users() {
			if u.ID == "" {
				continue
			}
			if created, _ := time.Parse(time.RFC3339, u.CreatedAt); dayNumber(created) == dayNumber(day) {
				sum.NewUsers++
			}
			if got := c.HostMeetings(u.ID, day); len(got) != len(byHost[u.ID]) || len(got) > 0 && !reflect.DeepEqual(got, byHost[u.ID]) {
				t.Fatalf("%s hosted %v on %v, want %v", u.ID, got, day, byHost[u.ID])
			}
			if got := c.JoinedMeetings(u.ID, day); len(got) != len(joined[u.ID]) || len(got) > 0 && !reflect.DeepEqual(got, joined[u.ID]) {
				t.Fatalf("%s joined %d on %v, want %d", u.ID, len(got), day, len(joined[u.ID]))
			}
			for _, r := range c.HostRecordings(u.ID, day, false) {
				i := slices.Index(recorded, r.Meeting.UUID)
				if i < 0 || r.Meeting.HostID != u.ID {
					t.Fatalf("recording %+v of %s", r, u.ID)
				}
				recorded = slices.Delete(recorded, i, i+1)
			}
		}
		if len(recorded) > 0 {
			t.Fatalf("nobody's recordings: %v", recorded)
		}
		if got := c.DayTotals(day); got != sum {
			t.Fatalf("%v sums to %+v, want %+v", day, got, sum)
		}
	})
	for number, m := range last {
		if got, ok := c.LastMeeting(number); !ok || got != m {
			t.Errorf("the last meeting of %d is %+v, want %+v", number, got, m)
		}
	}
	if got := c.HostTotals(c.Start(), c.End()); !reflect.DeepEqual(got, total) {
		t.Error("totals of hosts differ from their meetings")
	}
	if alone == 0 || publicOpen == 0 || guests == 0 {
		t.Errorf("%d meetings alone, %d public recordings without passcode, %d guests: the test says too little", alone, publicOpen, guests)
	}
}

// A meeting asked alone, of a new account, is the one that the whole day gives.
func TestMeetingsAreIndependent(t *testing.T) {
	o := Options{Seed: 8, Users: 300, Days: 30, Attacks: true}
	day := testEnd.AddDate(0, 0, -10)
	all := newCompany(t, o).Meetings(day)
	if len(all) < 50 {
		t.Fatalf("%d meetings", len(all))
	}
	c := newCompany(t, o)
	for _, m := range all[:20] {
		if got, ok := c.Meeting(m.UUID); !ok || got != m {
			t.Errorf("%s is %+v, want %+v", m.UUID, got, m)
		}
	}
	if len(c.gathered.days) > 0 {
		t.Error("a day was made for a single meeting")
	}
	o.Seed++
	if other := newCompany(t, o); reflect.DeepEqual(other.Meetings(day), all) {
		t.Error("another seed gives the same meetings")
	}
}

// Recordings go to the trash after 120 days and are gone after 30 more, as the settings say.
func TestRecordingsExpire(t *testing.T) {
	c := newCompany(t, Options{Seed: 3, Users: 150, Days: 180})
	count := map[string]int{}
	eachDay(c, func(day time.Time) {
		age := int(c.End().Sub(day).Hours() / 24)
		listed := len(c.Recordings(day))
		trashed := len(c.recordings(c.gatherings(dayNumber(day)), true))
		switch {
		case age < 119:
			count["kept"] += listed
			count["trashed too early"] += trashed
		case age > 121 && age < 149:
			count["kept too long"] += listed
			count["trashed"] += trashed
		case age > 151:
			count["not gone"] += listed + trashed
		}
	})
	if count["kept"] == 0 || count["trashed"] == 0 || count["kept too long"]+count["not gone"]+count["trashed too early"] > 0 {
		t.Errorf("%v", count)
	}
}

// Channels, their members and the log of who came and went tell one story.
func TestChannelsAgree(t *testing.T) {
	c := newCompany(t, Options{Seed: 2, Users: 400, Days: 120})
	in := map[string]map[string]bool{} // users by channel
	external := 0
	for _, ch := range c.Channels() {
		if found, ok := c.Channel(ch.ID); !ok || found != ch {
			t.Fatalf("%s is found as %+v", ch.ID, found)
		}
		members := c.ChannelMembers(ch.ID)
		if len(members) == 0 || members[0].Role != "owner" {
			t.Fatalf("%s begins with %+v", ch.Name, members)
		}
		in[ch.ID] = map[string]bool{}
		for i, m := range members {
			if m.External != (m.ID == "") || m.External && ch.Type != ChannelPrivate || (m.Role == "owner") != (i == 0) {
				t.Fatalf("%s: member %+v", ch.Name, m)
			}
			if m.External {
				external++
			} else {
				in[ch.ID][m.ID] = true
			}
		}
	}
	for _, u := range c.Users() {
		mine := map[string]bool{}
		for _, ch := range c.UserChannels(u.ID) {
			mine[ch.ID] = true
		}
		for id, members := range in {
			if u.ID != "" && members[u.ID] != mine[id] {
				t.Fatalf("%s is in %s: %v by its members, %v by the user", u.Email, id, members[u.ID], mine[id])
			}
		}
	}
	joined, left := map[string]ChannelActivity{}, map[string]bool{}
	rows := 0
	eachDay(c, func(day time.Time) {
		before := day
		for _, a := range c.ChannelActivities(day) {
			if a.At.Before(before) || dayNumber(a.At) != dayNumber(day) {
				t.Fatalf("%+v is out of order", a)
			}
			before = a.At
			for _, m := range a.Members {
				rows++
				key := a.ChannelID + " " + m.MemberID
				if a.Joined {
					joined[key] = a
				} else {
					left[key] = true
				}
			}
		}
	})
	for key, a := range joined {
		id, member, _ := strings.Cut(key, " ")
		is := slices.ContainsFunc(c.ChannelMembers(id), func(m ChannelMember) bool { return m.MemberID == member })
		if is == left[key] && len(a.Members) > 0 && a.Members[0].External {
			t.Errorf("guest %s: member %v, left %v", key, is, left[key])
		}
	}
	if external == 0 || rows == 0 || len(left) == 0 {
		t.Errorf("%d external members, %d activities, %d left: the test says too little", external, rows, len(left))
	}
}

// Everybody's settings begin with the account's and leave alone what it locks.
func TestPersonSettingsObeyTheLocks(t *testing.T) {
	c := newCompany(t, Options{Seed: 4, Users: 300, Days: 30})
	differ := 0
	for _, u := range c.Users() {
		body := c.UserSettings(u.ID, "")
		if u.ID == "" {
			if body != nil {
				t.Fatal("somebody invited has settings")
			}
			continue
		}
		got := map[string][]any{}
		leaves(any(body), "", got)
		if got["schedule_meeting.join_before_host"][0] != false {
			t.Errorf("%s may not change what the account locks", u.Email)
		}
		if v := got["in_meeting.who_can_share_screen"][0]; v != "host" {
			differ++
		}
	}
	if differ == 0 || differ > 150 {
		t.Errorf("%d of 300 differ", differ)
	}
	locks := map[string][]any{}
	leaves(any(c.GroupLockSettings(c.Groups()[0].ID, "")), "", locks)
	if locks["schedule_meeting.join_before_host"][0] != true {
		t.Error("a group does not lock what the account locks")
	}
}

func TestPhoneCallersHaveNoAddress(t *testing.T) {
	c := newCompany(t, Options{Seed: 6, Users: 600, Days: 10})
	callers := 0
	eachDay(c, func(day time.Time) {
		for _, m := range c.Meetings(day) {
			phone := false
			for _, p := range c.Attendance(m) {
				if p.CallerNumber != "" {
					phone = phone || !p.Waiting
					callers++
					if p.Device != "Phone" || p.IPAddress != (netip.Addr{}) || p.Version != "" {
						t.Fatalf("%+v", p)
					}
				}
			}
			if phone != m.Phone {
				t.Fatalf("%s: somebody dialled in %v, want %v", m.UUID, phone, m.Phone)
			}
		}
	})
	if callers == 0 {
		t.Error("nobody dialled in")
	}
}

// BenchmarkMeetingDay makes a day of the largest account.
func BenchmarkMeetingDay(b *testing.B) {
	c := newCompany(b, Options{Seed: 1, Users: MaxUsers, Days: 180})
	c.teams()
	day := c.last - 5
	for b.Loop() {
		b.ReportMetric(float64(len(c.generateGatherings(day))), "meetings")
	}
}
