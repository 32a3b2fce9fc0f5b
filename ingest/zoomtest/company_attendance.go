package zoomtest

import (
	"encoding/base64"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"time"
)

// Meetings implements Conferences. Callers must not change the rows: they are kept for the next call.
func (c *Company) Meetings(day time.Time) []Meeting {
	d := dayNumber(day)
	if d < c.first || d > c.last {
		return nil
	}
	return c.meetings.get(d, func(d int) []Meeting { return c.ended(c.gatherings(d)) })
}

// LiveMeetings implements Conferences.
func (c *Company) LiveMeetings() []Meeting {
	var out []Meeting
	for day := c.last - 1; day <= c.last; day++ {
		for _, g := range c.gatherings(day) {
			if g.end >= c.end {
				out = append(out, c.meeting(g))
			}
		}
	}
	return out
}

// HostMeetings implements Conferences.
func (c *Company) HostMeetings(userID string, day time.Time) []Meeting {
	return c.meetingsOf(userID, day, false)
}

// JoinedMeetings implements Conferences.
func (c *Company) JoinedMeetings(userID string, day time.Time) []Meeting {
	return c.meetingsOf(userID, day, true)
}

func (c *Company) meetingsOf(userID string, day time.Time, joined bool) []Meeting {
	p := c.byID(userID)
	if p == nil {
		return nil
	}
	return c.ended(c.personGatherings(p, dayNumber(day), joined))
}

func (c *Company) ended(all []*gathering) []Meeting {
	out := make([]Meeting, 0, len(all))
	for _, g := range all {
		if g.end < c.end {
			out = append(out, c.meeting(g))
		}
	}
	return out
}

// Meeting implements Conferences.
func (c *Company) Meeting(uuid string) (Meeting, bool) {
	g := c.find(uuid)
	if g == nil {
		return Meeting{}, false
	}
	return c.meeting(g), true
}

// LastMeeting implements Conferences.
func (c *Company) LastMeeting(number int64) (Meeting, bool) {
	g := c.findLast(number)
	if g == nil {
		return Meeting{}, false
	}
	return c.meeting(g), true
}

// uuid is the id of the occurrence.
func (c *Company) uuid(g *gathering) string {
	index := companyTeam
	if g.team != nil {
		index = g.team.index
	}
	return c.numbers.meetingUUID(index, g.local, g.seq)
}

func (c *Company) meeting(g *gathering) Meeting {
	p := g.host
	return Meeting{
		UUID: c.uuid(g), Number: g.number, Type: g.typ, Topic: g.topic(), HostID: p.id, HostEmail: p.email, HostName: p.name(), Dept: departments[p.dept].name,
		Licensed: c.licence(p) == 2, Created: timeAt(g.created), Start: timeAt(g.start), End: timeAt(g.end),
		People: g.people, Colleagues: g.colleagues, TotalSeconds: g.seconds,
		Recorded: g.recorded, ScreenShared: g.screen, Chat: g.chat, Video: g.video, Phone: g.phone, RemoteControl: g.remoteControl, EndToEnd: g.endToEnd,
		Guests: g.people > g.colleagues, Live: g.end >= c.end,
	}
}

func (g *gathering) topic() string {
	dept := departments[g.host.dept].name
	switch g.kind {
	case gatherStandUp:
		return dept + " stand-up"
	case gatherTeam:
		return dept + " weekly"
	case gatherPair:
		return "One to one"
	case gatherCustomer:
		return partnerName(g.partner) + " and Example Company"
	case gatherCompany:
		return "Company meeting"
	case gatherSupport:
		return "Support session"
	default:
		if g.typ == MeetingPersonal {
			return g.host.name() + "'s Personal Meeting Room"
		}
		return dept + " working session"
	}
}

// Attendance implements Conferences.
func (c *Company) Attendance(m Meeting) []Participant {
	g := c.find(m.UUID)
	if g == nil {
		return nil
	}
	out := make([]Participant, 0, len(g.stays))
	for i, x := range g.stays {
		if x.join < c.end { // nobody has come yet who comes later to a meeting under way
			out = append(out, c.participant(g, i, x))
		}
	}
	return out
}

// firstSession is where the numbers of a meeting's stays begin; Zoom's grow by 1024.
const (
	firstSession = 16_778_240
	sessionStep  = 1024
)

func (c *Company) participant(g *gathering, i int, x stay) Participant {
	h := hash(hash(c.opt.Seed, forAttendance, int(g.number), g.local), forAttendance, i, 0)
	out := Participant{
		SessionID: strconv.Itoa(firstSession + i*sessionStep), UUID: guid(h),
		Waiting: x.waiting, Join: timeAt(x.join), Leave: timeAt(x.leave), NetworkType: "Wifi",
	}
	var at *Network
	if p := x.who; p != nil {
		out.UserID, out.Name, out.Email, out.Internal, out.Host = p.id, p.name(), p.email, true, p == g.host
		out.Recording = out.Host && g.recorded
		at, out.IPAddress = c.seat(p, g.local, &out)
	} else {
		out.Name = x.guest.name()
		at, out.IPAddress = c.guestNetwork(x.guest, g.local)
		c.guestDevice(x.guest, g.local, &out)
	}
	out.Sharing = g.screen && (out.Host || i == 1)
	out.City, out.Country = at.City, at.Country
	out.InternalIP = netip.AddrFrom4([4]byte{192, 168, 1, byte(2 + out.IPAddress.As16()[15]%200)})
	if x.phone { // a telephone has no address
		n := uint64(x.guest.partner)*100 + uint64(x.guest.n)
		if x.who != nil {
			n = uint64(50_000 + x.who.index)
		}
		out.Device, out.OS, out.OSVersion, out.Version, out.Browser, out.NetworkType = "Phone", "", "", "", "", "Others"
		out.IPAddress, out.InternalIP, out.City = netip.Addr{}, netip.Addr{}, ""
		out.CallerNumber, out.CalledNumber = fmt.Sprintf("+1 55501%05d", n%100_000), "+1 5550100"
		if x.who == nil {
			out.Name = "+1 55501" + fmt.Sprintf("%05d", n%100_000)
		}
	}
	return out
}

// seat is where a person is on a local day and what they use: the networks and clients of their sign-ins.
func (c *Company) seat(p *person, local int, out *Participant) (*Network, netip.Addr) {
	at := c.plan(p, local)
	client, lag := p.clients[0].client, p.clients[0].lag
	if local >= p.newLaptop {
		client = clientWindows + clientMac - client
	}
	h := hash(c.opt.Seed, forDevices, p.index, local)
	if i := slices.IndexFunc(p.clients, func(x habit) bool { return x.client == clientIOS || x.client == clientAndroid }); i > 0 && unit(h) < 0.08 {
		client, lag = p.clients[i].client, p.clients[i].lag
		h = mix(h)
		device(client, h, out)
		out.Version, out.NetworkType = c.versions.at(client, local, lag), "Cellular"
		n := c.nets.mobile[at.city][p.carrier][p.ipv6]
		lease := hash(c.opt.Seed, forMobile, p.index, (local+p.index)/(1+p.index%2))
		return n, n.address(mix(lease^uint64(at.city)), 0)
	}
	device(client, uint64(p.index), out)
	out.Version = c.versions.at(client, local, lag)
	h = mix(h)
	switch {
	case at.away:
		trip := hash(c.opt.Seed, forTrip, p.index, local/7)
		n := c.nets.hotel[at.city][trip%hotels]
		return n, n.address(trip>>8, hotelPool)
	case at.atOffice:
		if h%3 == 0 {
			out.NetworkType = "Wired"
		}
		n := c.nets.office[at.city]
		return n, n.address(uint64(p.index%officePool), officePool)
	case unit(h) < p.vpn:
		n := c.nets.vpn[p.egress]
		return n, n.address(uint64(p.index), egressPool)
	default:
		return c.nets.home[p.office][p.isp][p.suburb], c.homeAddress(p, local)
	}
}

// guestDevice is what a guest uses: mostly a desktop client, sometimes the browser.
func (c *Company) guestDevice(g guest, day int, out *Participant) {
	h := hash(c.opt.Seed, forDevices, -1-g.partner, g.n)
	client := clientWindows + int(h%4)
	if h>>8%5 == 0 {
		client = clientWindows
		out.Browser = "Chrome"
	}
	device(client, h, out)
	if out.Browser == "" {
		out.Version = c.versions.at(client, day, int(h>>16%200))
	}
}

// device fills in what a client runs on.
func device(client int, h uint64, out *Participant) {
	out.Device = clientTypes[client]
	switch client {
	case clientWindows:
		out.OS, out.OSVersion = "Windows", [...]string{"10", "11"}[h%2]
	case clientMac:
		out.OS, out.OSVersion = "macOS", fmt.Sprintf("%d.%d", 13+h%3, h>>4%6)
	case clientIOS:
		out.OS, out.OSVersion = "iOS", fmt.Sprintf("%d.%d", 16+h%3, h>>4%6)
	default:
		out.OS, out.OSVersion = "Android", strconv.Itoa(12+int(h%4))
	}
}

// opaque is an id in the style of a secret: base64 of what a hash names.
func opaque(h uint64, n int) string {
	b := make([]byte, n)
	for i := range b {
		if i%8 == 0 {
			h = mix(h)
		}
		b[i] = byte(h >> (8 * (i % 8)))
	}
	return base64.RawURLEncoding.EncodeToString(b)
}
