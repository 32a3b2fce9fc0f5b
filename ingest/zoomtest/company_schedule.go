package zoomtest

import (
	"fmt"
	"slices"
	"time"
)

// Ways to sign in, as Zoom numbers them.
const (
	loginGoogle   = 1
	loginWorkMail = 100
	loginSSO      = 101
)

// Shares of what people have set up for themselves and for their meetings to come.
const (
	shareSSO            = 0.94 // of the users
	shareConsumer       = 0.02
	shareOwnID          = 0.06
	shareAssistant      = 0.05
	shareAway           = 0.1 // of the assistants and alternative hosts, from another company
	shareBusy           = 0.5 // of the users, with meetings to come
	meetingsEach        = 3   // at most
	sharePasscode       = 0.95
	shareWaitingRoom    = 0.6
	shareEarly          = 0.2
	shareSignedIn       = 0.3
	shareEncrypted      = 0.1
	shareLocal          = 0.03
	shareAlternative    = 0.15
	firstScheduled      = 97_000_000_000 // numbers of meetings to come, apart from those of meetings that were held
	daysAhead           = 30
	scheduledEachNumber = 8 // numbers kept for one person
)

func (c *Company) drawn(p *person, what int) float64 {
	return unit(hash(c.opt.Seed, forSchedule, p.index, what))
}

// LoginTypes implements Calendar.
func (c *Company) LoginTypes(userID string) []int {
	p := c.byID(userID)
	if p == nil {
		return nil
	}
	types := []int{loginWorkMail}
	if c.drawn(p, 1) < shareSSO {
		types = []int{loginSSO}
	}
	if c.drawn(p, 2) < shareConsumer {
		types = append(types, loginGoogle)
	}
	return types
}

// UsesPersonalID implements Calendar.
func (c *Company) UsesPersonalID(userID string) bool {
	p := c.byID(userID)
	return p != nil && c.drawn(p, 3) < shareOwnID
}

// Assistants implements Calendar.
func (c *Company) Assistants(userID string) []Assistant {
	p := c.byID(userID)
	if p == nil || !c.present(p) || c.drawn(p, 4) >= shareAssistant {
		return nil
	}
	if c.drawn(p, 5) < shareAway {
		return []Assistant{{Email: "assistant@" + partnerDomain(c.partner(p, 0))}}
	}
	q := c.neighbour(p)
	return []Assistant{{ID: q.id, Email: q.email}}
}

// neighbour is another of a person's team, the person in a team of one.
func (c *Company) neighbour(p *person) *person {
	members := c.team(p).members
	return members[(slices.Index(members, p)+1)%len(members)]
}

// ScheduledMeetings implements Calendar.
func (c *Company) ScheduledMeetings(userID string) []ScheduledMeeting {
	p := c.byID(userID)
	if p == nil || !c.present(p) || c.drawn(p, 6) >= shareBusy {
		return nil
	}
	var out []ScheduledMeeting
	for n := range 1 + int(hash(c.opt.Seed, forSchedule, p.index, 7)%meetingsEach) {
		out = append(out, c.scheduled(p, n))
	}
	slices.SortFunc(out, func(a, b ScheduledMeeting) int { return a.Start.Compare(b.Start) })
	return out
}

// ScheduledMeeting implements Calendar.
func (c *Company) ScheduledMeeting(number int64) (ScheduledMeeting, bool) {
	at := number - firstScheduled
	if at < 0 || at >= int64(len(c.people))*scheduledEachNumber {
		return ScheduledMeeting{}, false
	}
	for _, m := range c.ScheduledMeetings(c.people[at/scheduledEachNumber].id) {
		if m.Number == number {
			return m, true
		}
	}
	return ScheduledMeeting{}, false
}

func (c *Company) scheduled(p *person, n int) ScheduledMeeting {
	draw := func(what int) float64 { return unit(hash(c.opt.Seed, forSchedule, p.index, 100*(n+1)+what)) }
	start := c.opt.End.Truncate(time.Hour).Add(time.Duration(1+int(draw(0)*24*daysAhead)) * time.Hour)
	m := ScheduledMeeting{
		Number: firstScheduled + int64(p.index)*scheduledEachNumber + int64(n), UUID: identifier(c.opt.Seed, 3, p.index*scheduledEachNumber+n), Topic: fmt.Sprintf("Planned %d", n+1),
		HostID: p.id, HostEmail: p.email, Created: start.AddDate(0, 0, -daysAhead-1), Start: start,
		WaitingRoom: draw(1) < shareWaitingRoom, JoinBeforeHost: draw(2) < shareEarly, SignInToJoin: draw(3) < shareSignedIn, UsesOwnID: draw(4) < shareOwnID,
		ApprovalType: 2, Encryption: "enhanced_encryption", AutoRecording: "none",
	}
	if draw(5) < sharePasscode {
		m.Passcode = RoomPasscode + opaque(hash(c.opt.Seed, forSchedule, p.index, 100*(n+1)+50), 6)
	}
	if draw(6) < shareEncrypted {
		m.Encryption = "e2ee"
	} else if draw(7) < shareLocal {
		m.AutoRecording = "local"
	}
	if draw(8) < shareAlternative {
		m.AlternativeHosts = []string{c.neighbour(p).email}
		if draw(9) < shareAway {
			m.AlternativeHosts = append(m.AlternativeHosts, "host@"+partnerDomain(c.partner(p, 0)))
		}
	}
	return m
}

// PhoneSettings implements Calendar: calls are not recorded, but anybody may change that.
func (c *Company) PhoneSettings() map[string]any {
	return map[string]any{
		"auto_call_recording": map[string]any{"enable": false, "locked": false, "recording_calls": "both"},
		"voicemail":           map[string]any{"enable": true, "locked": true},
	}
}
