package zoomtest

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
)

// An opRow is an Operation with its time as a number.
type opRow struct {
	at int64
	Operation
}

func byTime(a, b opRow) int { return cmp.Compare(a.at, b.at) }

// scimOperator is the identity provider's service account: it operates but is no user.
const scimOperator = "scim-provisioning@example.com"

// Categories of operations.
const (
	catAccount   = "Account"
	catBilling   = "Billing"
	catIM        = "IM"
	catRecording = "Recording"
	catRole      = "Role"
	catRooms     = "Zoom Rooms"
	catUser      = "User"
	catGroup     = "User Group"
	catSettings  = "User Settings"
	catWebinar   = "Webinar"
)

// change writes the grammar of the operation log: two blanks before the first dash.
func change(section, label, from, to string) string {
	return section + "  - " + label + ": from " + from + " to " + to
}

// ownOperations is what users do for themselves. Settings that the posture judges are left alone.
var ownOperations = []struct{ category, section, label string }{
	{catSettings, "Schedule Meeting", "Host video"},
	{catSettings, "Schedule Meeting", "Participants video"},
	{catSettings, "In Meeting (Basic)", "Meeting reactions"},
	{catSettings, "In Meeting (Advanced)", "Virtual background"},
	{catSettings, "Email Notification", "When a cloud recording is available"},
	{catSettings, "Email Notification", "When attendees join meeting before host"},
	{catSettings, "Recording", "Display participants' names in the recording"},
	{catWebinar, "Webinar Settings", "Post-webinar survey"},
	{catIM, "Chat Settings", "Read receipts"},
	{catUser, "", "Profile"},
}

const (
	recordingDelete = iota
	recordingDownload
	recordingShare
)

func meetingID(h uint64) string { return strconv.FormatUint(80_000_000_000+h%9_999_999_999, 10) }

// recordingOperation is a row of the Recording category; all keep one grammar.
func recordingOperation(at int64, operator string, what int, id uint64) opRow {
	meeting := "Recording  - Meeting ID: " + meetingID(id)
	o := Operation{Operator: operator, Category: catRecording}
	switch what {
	case recordingDelete:
		o.Action, o.Detail = "Delete", "Delete "+meeting
	case recordingDownload:
		o.Action, o.Detail = "Download", "Download "+meeting+" - File Type: MP4"
	default:
		o.Action, o.Detail = "Update", "Share "+meeting+" - Share this recording: from Off to On"
	}
	return opRow{at, o}
}

// generateOperations makes one UTC day.
func (c *Company) generateOperations(day int) []Operation {
	const block = 1024
	blocks := (len(c.people) + block - 1) / block
	parts := make([][]opRow, blocks+1)
	from, to := int64(day)*secondsPerDay, min(int64(day+1)*secondsPerDay, c.end)
	c.inParallelBlocks(blocks, func(s *stream, b int) {
		var rows []opRow
		for _, p := range c.people[b*block : min((b+1)*block, len(c.people))] {
			if p.pending || p.created >= to || min(p.left, p.silent) <= from {
				continue
			}
			for local := day - 1; local <= day+1; local++ {
				rows = c.ownOperations(s, p, local, rows)
				if p.admin() {
					rows = c.administration(s, p, local, rows)
				}
			}
		}
		parts[b] = rows
	})
	s := newStream()
	parts[blocks] = append(c.serviceOperations(s, day), c.planned[day]...)
	rows := slices.Concat(parts...)
	slices.SortStableFunc(rows, byTime)
	out := make([]Operation, 0, len(rows)/2)
	for _, r := range rows {
		if r.at >= from && r.at < to {
			r.Time = stamp(r.at)
			out = append(out, r.Operation)
		}
	}
	return out
}

// moment draws a time of the local day at which a person works.
func moment(s *stream, at dayPlan, local int) (int64, bool) {
	hour := at.start + at.length*(0.04+0.92*s.Float64())
	hour = min(max(hour, 0.1), 23.7)
	return int64(local)*secondsPerDay - at.offset + int64(hour*3600), hour < at.until
}

func (c *Company) ownOperations(s *stream, p *person, local int, rows []opRow) []opRow {
	cleans := p.tidy && quarterEnd(local) && unit(hash(c.opt.Seed, forCleanUp, p.index, local)) < 0.3
	if unit(hash(c.opt.Seed, forOperationGate, p.index, local)) >= p.opRate && !cleans {
		return rows
	}
	at := c.plan(p, local)
	if !at.present || slices.Contains(p.replaced, local) {
		return rows
	}
	s.reseed(hash(c.opt.Seed, forOwnOperations, p.index, local))
	if cleans { // a benign burst of deletions within an hour
		begin, ok := moment(s, at, local)
		for n := 5 + s.IntN(16); n > 0 && ok; n-- {
			if when := begin + int64(s.IntN(3600)); p.usable(when) {
				rows = append(rows, recordingOperation(when, p.email, recordingDelete, s.Uint64()))
			}
		}
		return rows
	}
	for n := 1 + s.poisson(0.6); n > 0; n-- {
		when, ok := moment(s, at, local)
		if !ok || !p.usable(when) {
			continue
		}
		if p.host && s.chance(0.6) {
			what := recordingDownload
			if u := s.Float64(); u < 0.3 {
				what = recordingDelete
			} else if u < 0.65 {
				what = recordingShare
			}
			rows = append(rows, recordingOperation(when, p.email, what, s.Uint64()))
			continue
		}
		which := p.opHabit[0]
		if u := s.Float64(); u > 0.85 {
			which = s.IntN(len(ownOperations))
		} else if u > 0.6 {
			which = p.opHabit[1]
		}
		o := ownOperations[which]
		row := opRow{when, Operation{Operator: p.email, Category: o.category, Action: "Update"}}
		if o.category == catUser {
			row.Detail = "Update User " + p.email + "  - Time Zone: set to " + cities[at.city].zone
		} else {
			from, to := onOff(s.chance(0.5))
			row.Detail = change(o.section, o.label, from, to)
		}
		rows = append(rows, row)
	}
	return rows
}

func onOff(on bool) (from, to string) {
	if on {
		return "Off", "On"
	}
	return "On", "Off"
}

// What an administrator does most.
const (
	flavourHelpdesk = iota
	flavourProvisioning
	flavourSecurity
	flavourRooms
	adminFlavours
	flavourBilling = adminFlavours
)

// administration appends an administrator's rows of a local day; now and then a day is many times the usual one.
func (c *Company) administration(s *stream, p *person, local int, rows []opRow) []opRow {
	at := c.plan(p, local)
	if !at.present || slices.Contains(p.replaced, local) {
		return rows
	}
	s.reseed(hash(c.opt.Seed, forAdministration, p.index, local))
	rate := p.adminRate
	if s.chance(0.03) { // a roll-out or a helpdesk burst
		rate *= 2 + 4*s.Float64()
	}
	for n := s.poisson(rate * math.Exp(0.4*s.NormFloat64())); n > 0; n-- {
		when, ok := moment(s, at, local)
		flavour := p.flavour
		if p.flavour < adminFlavours && s.chance(0.15) {
			flavour = s.IntN(adminFlavours)
		}
		o := c.adminOperation(s, flavour)
		if ok && p.usable(when) && when >= p.promoted {
			o.Operator = p.email
			rows = append(rows, opRow{when, o})
		}
	}
	return rows
}

var jobTitles = []string{"Contractor", "Team Lead", "Specialist", "Analyst", "Coordinator"}

func (c *Company) adminOperation(s *stream, flavour int) Operation {
	target := c.people[s.IntN(len(c.people))].email
	group := groupName(s.IntN(len(departments) + 1))
	from, to := onOff(s.chance(0.5))
	u := s.Float64()
	user := func(detail string) Operation { return Operation{Category: catUser, Action: "Update", Detail: detail} }
	switch flavour {
	case flavourHelpdesk:
		switch {
		case u < 0.35:
			return user("Update User " + target + "  - Job Title: set to " + jobTitles[s.IntN(len(jobTitles))])
		case u < 0.6:
			return user("Update User " + target + "  - Department: set to " + departments[s.IntN(len(departments))].name)
		case u < 0.8:
			return user("Update User " + target + "  - Time Zone: set to " + cities[s.IntN(officeCities)].zone)
		default:
			return user("Unlock User " + target + " ")
		}
	case flavourProvisioning:
		switch {
		case u < 0.45:
			if s.chance(0.5) {
				return user("Edit User " + target + "  - Change Type: from Basic to Licensed")
			}
			return user("Edit User " + target + "  - Change Type: from Licensed to Basic")
		case u < 0.8:
			return Operation{Category: catGroup, Action: "Update", Detail: "Edit Group " + group + "  - Members: add " + target}
		case u < 0.97:
			return Operation{Category: catGroup, Action: "Update", Detail: change("Edit Group "+group, "Meeting reactions", from, to)}
		default:
			return Operation{Category: catUser, Action: "Delete", Detail: fmt.Sprintf("delete user - former%05d@example.com", s.IntN(100000))}
		}
	case flavourSecurity:
		switch {
		case u < 0.4:
			return Operation{Category: catAccount, Action: "Update", Detail: fmt.Sprintf("Account Profile  - Support Phone Number: set to 55501%02d", s.IntN(100))}
		case u < 0.7:
			return Operation{Category: catGroup, Action: "Update", Detail: change("Edit Group "+group, "Email Notification", from, to)}
		case u < 0.9:
			return Operation{Category: catIM, Action: "Update", Detail: change("Chat Settings", "Animated images", from, to)}
		default:
			return Operation{Category: catRole, Action: "Update", Detail: "Edit Role Billing Admin  - Description: set to Invoices and plans"}
		}
	case flavourRooms:
		room := fmt.Sprintf("Edit Zoom Room R-%03d", 1+s.IntN(40))
		if u < 0.6 {
			return Operation{Category: catRooms, Action: "Update", Detail: change(room, "Weekly system restart", from, to)}
		}
		return Operation{Category: catRooms, Action: "Update", Detail: change(room, "Upcoming meeting alert", from, to)}
	default:
		n := c.opt.Users + s.IntN(20)
		return Operation{Category: catBilling, Action: "Update", Detail: change("Subscription", "Licenses", fmt.Sprint(n), fmt.Sprint(n+5))}
	}
}

// serviceOperations are rows of the identity provider and of Zoom itself.
func (c *Company) serviceOperations(s *stream, day int) []opRow {
	s.reseed(hash(c.opt.Seed, forService, day, 0))
	var rows []opRow
	sync := int64(day)*secondsPerDay + 3600 // nightly, within minutes
	for n := s.poisson(0.3 + float64(c.opt.Users)/400); n > 0; n-- {
		target := c.people[s.IntN(len(c.people))].email
		detail := "Update User " + target + "  - Department: set to " + departments[s.IntN(len(departments))].name
		if s.chance(0.4) {
			detail = "Edit User " + target + "  - Change Type: from Basic to Licensed"
		}
		rows = append(rows, opRow{sync + int64(s.IntN(600)), Operation{Operator: scimOperator, Category: catUser, Action: "SCIM API - Update", Detail: detail}})
	}
	if t := dayTime(day); t.Day() == 1 || s.chance(0.02) {
		rows = append(rows, opRow{int64(day)*secondsPerDay + int64(s.IntN(7200)), Operation{Category: catBilling, Detail: fmt.Sprintf("Invoice  - Number: INV%08d", day)}})
	}
	return rows
}
