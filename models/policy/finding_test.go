package policy

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var start = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

func testPolicy(t interface{ Fatal(...any) }, head string) Checked {
	p, err := Parse("x.sql", file("ACME-1", head, plain))
	if err != nil {
		t.Fatal(err)
	}
	return Checked{Policy: p}
}

// rowAt is a row of a user, so many hours after the start.
func rowAt(user string, hours int) row {
	at := start.Add(time.Duration(hours) * time.Hour)
	raw := fmt.Sprintf(`{"occurred_at":%q,"user_email":%q}`, at.Format(time.DateTime), user)
	return row{at, json.RawMessage(raw), map[string]any{"user_email": user}}
}

// at runs a policy over events as the window at a time would show them.
func (l *ledger) at(events []row, hours int) {
	now := start.Add(time.Duration(hours) * time.Hour)
	for _, w := range l.policy.windows(time.Time{}, now) {
		var seen []row
		for _, r := range events {
			if r.at.After(w.since) && !r.at.After(w.until) {
				seen = append(seen, r)
			}
		}
		l.take(l.policy.groups(seen), now, "r", l.policy.DailyLimit)
	}
}

func newLedger(c Checked) *ledger {
	return &ledger{policy: c, said: map[string]verdict{}, changed: map[string]bool{}}
}

// Looking at the same rows again raises nothing and changes nothing, and every row that was seen of a group that is over its threshold lies in an alert.
func TestLedgerIsIdempotent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := testPolicy(t, fmt.Sprintf("window: %dh\nschedule: hourly\nthreshold: {rows: %d}\ndaily_limit: 1000\n", rapid.IntRange(1, 80).Draw(t, "window"), rapid.IntRange(1, 3).Draw(t, "rows")))
		var events []row
		for _, h := range rapid.SliceOfN(rapid.IntRange(0, 400), 0, 25).Draw(t, "events") {
			events = append(events, rowAt(rapid.SampledFrom([]string{"a", "b"}).Draw(t, "user"), h))
		}
		slices.SortStableFunc(events, func(a, b row) int { return a.at.Compare(b.at) })
		l := newLedger(c)
		for h := 0; h < 450; h += 5 {
			l.at(events, h)
			before := slices.Clone(l.findings)
			l.changed = map[string]bool{}
			l.at(events, h)
			if len(l.changed) > 0 || !slices.EqualFunc(before, l.findings, same) {
				t.Fatalf("hour %d again: %v", h, l.changed)
			}
			w := c.windows(time.Time{}, start.Add(time.Duration(h)*time.Hour))[0]
			for _, user := range []string{"a", "b"} {
				var seen []row
				for _, r := range events {
					if r.values["user_email"] == user && r.at.After(w.since) && !r.at.After(w.until) {
						seen = append(seen, r)
					}
				}
				if len(seen) < c.Threshold.Rows {
					continue
				}
				for _, r := range seen {
					if !slices.ContainsFunc(l.findings, func(f Finding) bool { return f.Email == user && !r.at.Before(f.First) && !r.at.After(f.Last) }) {
						t.Fatalf("hour %d: the row of %s at %s is in no alert", h, user, r.at)
					}
				}
			}
		}
		for i, f := range l.findings {
			for _, o := range l.findings[:i] {
				if f.ID == o.ID || f.Key == o.Key && !f.First.After(o.Last) && !o.First.After(f.Last) {
					t.Fatalf("%s and %s overlap", f.Summary, o.Summary)
				}
			}
		}
	})
}

// Windows leave nothing out, overlap only by the first, and are as long as the head says.
func TestWindows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Policy{Window: time.Duration(rapid.IntRange(1, 200).Draw(t, "hours")) * time.Hour}
		gap := time.Duration(rapid.IntRange(0, 2000).Draw(t, "gap")) * time.Hour
		now := start.Add(gap)
		list := p.windows(start, now)
		if !list[len(list)-1].until.Equal(now) || len(list) > maxCatchUp {
			t.Fatalf("%v", list)
		}
		for i, w := range list {
			if w.until.Sub(w.since) != p.Window || i > 0 && !w.since.Equal(list[i-1].until) {
				t.Fatalf("%v", list)
			}
		}
		if gap <= maxCatchUp*p.Window && list[0].since.After(start) {
			t.Fatalf("nobody looks at what lies between %s and %s", start, list[0].since)
		}
	})
}

func TestDue(t *testing.T) {
	for _, c := range []struct {
		schedule Schedule
		after    time.Duration
		want     bool
	}{
		{EveryRun, 0, true}, {EveryRun, -time.Hour, false}, {Hourly, 50 * time.Minute, false}, {Hourly, 56 * time.Minute, true}, {Daily, 23 * time.Hour, false}, {Daily, 24 * time.Hour, true},
		{Weekly, 6 * day, false}, {Weekly, 8 * day, true}, {Weekly, -time.Hour, false},
	} {
		if got := (Policy{Schedule: c.schedule}).due(start, start.Add(c.after)); got != c.want {
			t.Errorf("%s after %s: %t", c.schedule, c.after, got)
		}
	}
	if !(Policy{Schedule: Weekly}).due(time.Time{}, start) {
		t.Error("a new policy is not due")
	}
}

// What people said decides which alert a row belongs to, and whether another is raised.
func TestLedgerAndTriage(t *testing.T) {
	c := testPolicy(t, "window: 2d\nschedule: hourly\n")
	events := []row{rowAt("a", 1), rowAt("a", 5)}
	first := func() *ledger {
		l := newLedger(c)
		l.at(events, 6)
		if len(l.findings) != 1 || l.findings[0].Observed != 2 || l.raised != 1 {
			t.Fatalf("%+v", l.findings)
		}
		return l
	}
	more := append(slices.Clone(events), rowAt("a", 12), rowAt("a", 20))
	for _, s := range []struct {
		status             string
		findings, raised   int
		suppressed, extend bool
	}{
		{"", 1, 1, false, true},
		{"in_progress", 1, 1, false, true},
		{"true_positive", 2, 2, false, false},
		{"benign", 2, 2, false, false},
		{"false_positive", 2, 1, true, false},
	} {
		l := first()
		id := l.findings[0].ID
		l.said[id] = verdict{s.status, start.Add(8 * time.Hour)}
		l.at(more, 21)
		if len(l.findings) != s.findings || l.raised != s.raised || (l.findings[0].Last.Equal(more[3].at)) != s.extend || l.findings[0].ID != id {
			t.Errorf("%s: %+v", s.status, l.findings)
			continue
		}
		if s.findings == 2 && (!l.findings[1].First.Equal(more[2].at) || (l.findings[1].SuppressedBy == id) != s.suppressed) {
			t.Errorf("%s: %+v", s.status, l.findings[1])
		}
		if s.suppressed {
			l.said[id] = verdict{"benign", start.Add(8 * time.Hour)}
			if l.release(); l.findings[1].SuppressedBy != "" {
				t.Errorf("%s was undone, and still suppresses", s.status)
			}
		}
	}
	// A closed alert takes in what its reader saw, even if it arrives late.
	l := first()
	l.said[l.findings[0].ID] = verdict{"benign", start.Add(13 * time.Hour)}
	l.at(append(slices.Clone(events), rowAt("a", 12)), 21)
	if len(l.findings) != 1 || !l.findings[0].Last.Equal(start.Add(12*time.Hour)) {
		t.Errorf("late: %+v", l.findings)
	}
	// Clearly more than what was dismissed is an alert all the same: four rows against two.
	l = first()
	l.said[l.findings[0].ID] = verdict{"false_positive", start.Add(8 * time.Hour)}
	l.at(append(slices.Clone(more), rowAt("a", 22), rowAt("a", 23)), 24)
	if len(l.findings) != 2 || l.findings[1].SuppressedBy != "" || l.raised != 2 {
		t.Errorf("more: %+v", l.findings)
	}
}

func TestDailyLimitHoldsBack(t *testing.T) {
	c := testPolicy(t, "daily_limit: 2\n")
	var events []row
	for i := range 5 {
		events = append(events, rowAt(fmt.Sprint("u", i), 1+i))
	}
	l := newLedger(c)
	l.at(events, 10)
	if l.raised != 2 || l.withheld != 3 || len(l.findings) != 2 {
		t.Errorf("raised %d, held back %d", l.raised, l.withheld)
	}
}

func TestFindingTellsOfColumn(t *testing.T) {
	c := testPolicy(t, "grouping: [channel, user_email]\nthreshold: {column: outsiders, at_least: 5}\nattack: {version: 18, techniques: [T1213]}\n")
	rows := []row{rowAt("A@example.com", 1), rowAt("a@example.com", 2), rowAt("a@example.com", 3)}
	for i, n := range []string{"4", "5", "9"} {
		rows[i].values["outsiders"], rows[i].values["channel"] = json.Number(n), "<b> & co"
	}
	groups := c.groups(rows)
	if len(groups) != 1 || len(groups[0].rows) != 2 || groups[0].key != `{"channel":"<b> & co","user_email":"a@example.com"}` {
		t.Fatalf("%+v", groups)
	}
	f := c.finding(groups[0].key, groups[0].rows)
	if f.Observed != 9 || f.Unit != "outsiders" || f.Email != "a@example.com" {
		t.Errorf("%+v", f)
	}
	const want = "channel <b> & co, a@example.com: A title: 2 rows, outsiders up to 9 (at least 5 asked for), from 2026-03-02 02:00 to 2026-03-02 03:00 UTC."
	if f.Summary != want {
		t.Errorf("got  %s\nwant %s", f.Summary, want)
	}
	var e struct {
		Policy map[string]any `json:"policy"`
		Method string         `json:"method"`
	}
	if err := json.Unmarshal([]byte(f.Evidence), &e); err != nil || e.Method != "policy" || e.Policy["attack_version"] != 18.0 || len(e.Policy["sample_rows"].([]any)) != 2 {
		t.Errorf("evidence %s, %v", f.Evidence, err)
	}
}
