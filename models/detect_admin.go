package models

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/zoomward/zoomward/features"
)

var (
	adminBehaviour   = features.BehaviourIndex("admin_operations")
	roleBehaviour    = features.BehaviourIndex("role_changes")
	settingBehaviour = features.BehaviourIndex("setting_changes")
)

// findNewOperator reports accounts that administrate for the first time.
func findNewOperator(s *scene) []Finding {
	if s.watched() < minTenantDays {
		return nil
	}
	return s.users(func(_ int, u *features.UserDay, a *features.Account) []Finding {
		if u.Counts[adminBehaviour] == 0 || a.Volumes[adminBehaviour].Max > 0 {
			return nil
		}
		rows := s.rows(u, func(r *features.Rows, i int) bool { return r.Has(i, features.AdminOperation) })
		f := s.finding(u)
		f.span(s.day.Rows, rows)
		f.Observed, f.Expected, f.Unit = u.Counts[adminBehaviour], 0, features.Behaviours[adminBehaviour].Unit
		f.Score = f.Observed
		person, listed := s.people.Of(u.Email)
		grave := s.grave(rows)
		f.Alert = listed && person.Role == "Member" && len(grave) > 0
		f.Evidence.Details = map[string]any{"operator": u.Email, "role": person.Role, "security_relevant_operations": len(grave), "indicators": map[string]any{"operator_first_seen": true}}
		s.addSession(&f, u, rows)
		f.Evidence.Events = s.notes(rows)
		f.Summary = fmt.Sprintf("%s: first administrative activity, %s. Judged from %s.", u.Email, plural(f.Observed, f.Unit), history(a))
		if f.Alert {
			f.Evidence.Events = s.notes(grave)
			f.Summary = fmt.Sprintf("%s: first administrative activity, %s, %d of them on accounts, roles or settings of all, by a plain member as the list of users has it. Judged from %s.",
				u.Email, plural(f.Observed, f.Unit), len(grave), history(a))
		}
		return []Finding{f}
	})
}

// grave returns those rows that change who may do what, or something for everybody.
func (s *scene) grave(rows []int) []int {
	r := s.day.Rows
	return slices.DeleteFunc(slices.Clone(rows), func(i int) bool {
		c := r.Category(i)
		return c != "account" && c != "role" && !r.Has(i, features.RoleChange) && !r.Has(i, features.UserRemoval) && !r.Has(i, features.UserAddition)
	})
}

// privileged roles, as the operation log writes them.
func isPrivileged(role string) bool {
	switch strings.ToLower(strings.TrimSpace(role)) {
	case "owner", "co-owner", "admin", "billing admin":
		return true
	}
	return false
}

// findRoleGrant reports users who are made admin or more.
func findRoleGrant(s *scene) []Finding {
	r := s.day.Rows
	return s.users(func(n int, u *features.UserDay, a *features.Account) []Finding {
		var rows []int
		var grants []string
		for _, i := range s.changed[n] {
			for _, c := range s.changes[i] {
				if isRoleChange(r, i, c) && isPrivileged(c.New) && !isPrivileged(c.Old) {
					rows = once(rows, i)
					grants = append(grants, fmt.Sprintf("%s from %s to %s", subjectOf(r, i, c), c.Old, c.New))
				}
			}
		}
		if len(rows) == 0 {
			return nil
		}
		f := s.finding(u)
		f.span(r, rows)
		f.Observed, f.Unit, f.Score, f.Alert = float64(len(rows)), "privileged roles granted", float64(len(rows)), true
		first := s.watched() >= minTenantDays && a.Volumes[roleBehaviour].Max == 0
		f.Evidence.Details = map[string]any{"operator": u.Email, "grants": grants, "operator_is_new_to_it": first, "indicators": map[string]any{"privilege_gain": len(rows)}}
		s.addSession(&f, u, rows)
		f.Evidence.Events = s.notes(rows)
		why := ""
		if first {
			why = "; the operator never changed a role before"
		}
		f.Summary = fmt.Sprintf("%s granted a privileged role: %s%s. Judged from %s.", u.Email, strings.Join(grants[:min(len(grants), 3)], "; "), why, history(a))
		return []Finding{f}
	})
}

// once appends a row that is not the last one already: a row may hold several changes.
func once(rows []int, i int) []int {
	if len(rows) > 0 && rows[len(rows)-1] == i {
		return rows
	}
	return append(rows, i)
}

// isRoleChange says whether a change is one of somebody's role. Zoom writes "Change Role  - who: from .. to ..", and older records have the role among a user's fields.
func isRoleChange(r *features.Rows, i int, c change) bool {
	return r.Has(i, features.RoleChange) || r.Category(i) == "user" && isOneOf(c.Setting, "user role", "role")
}

// subjectOf returns whom a change of role is about: Zoom writes "Change Role  - who: from .. to ..", so the parser may hold the name as label of the change.
func subjectOf(r *features.Rows, i int, c change) string {
	if strings.Contains(c.Setting, "@") {
		return c.Setting
	}
	return r.Subject(i)
}

// change is one change of an operation.
type change struct {
	Setting string `json:"setting"`
	Old     string `json:"old"`
	New     string `json:"new"`
}

// readChanges reads the changes of the day's operations that administrate, once for all detections.
func (s *scene) readChanges() {
	r := s.day.Rows
	s.changes, s.changed = map[int][]change{}, make([][]int, len(s.day.Users))
	for k := range s.day.Users {
		for i := s.day.Users[k].Lo; i < s.day.Users[k].Hi; i++ {
			if !r.Has(i, features.AdminCategory) && !r.Has(i, features.RoleChange) || r.Changes(i) == "" {
				continue
			}
			var c []change
			if err := json.Unmarshal([]byte(r.Changes(i)), &c); err != nil || len(c) == 0 {
				continue // a row landed by something else; the row itself is still shown
			}
			s.changes[i] = c
			s.changed[k] = append(s.changed[k], i)
		}
	}
}

// A weakening is a change of a security setting in its risky direction.
type weakening struct {
	detection Detection
	category  []string // lower case; nil for account
	patterns  []pattern
	always    bool // an alert also where it is for a group alone, and where it is put back soon
}

// A pattern says which labels of settings, read together with their section in lower case, protect something, and which change of them is the risky one. Labels are those
// of Zoom's web portal, which the operation log repeats.
type pattern struct {
	any   []string // one of these must occur
	not   []string // none of these may
	risky func(old, new string) bool
}

func isOff(value string) bool { return isOneOf(value, "off", "disabled", "false") }
func isOn(value string) bool  { return isOneOf(value, "on", "enabled", "true") }

func isOneOf(value string, words ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.EqualFold(strings.TrimSpace(value), w) })
}

func turnedOff(old, new string) bool { return isOff(new) && !isOff(old) }
func turnedOn(old, new string) bool  { return isOn(new) && !isOn(old) }
func offOrLonger(old, new string) bool {
	a, b, ok := numbers(old, new)
	return turnedOff(old, new) || ok && (b == 0 && a > 0 || b > a && a > 0)
}
func offOrLess(old, new string) bool {
	a, b, ok := numbers(old, new)
	return turnedOff(old, new) || ok && b < a
}

// openedToAll says whether a choice of who may do something went from the host to everybody.
func openedToAll(old, new string) bool {
	return strings.Contains(strings.ToLower(new), "all") && strings.Contains(strings.ToLower(old), "host")
}

// accessLost says whether a privilege or a record was taken away.
func accessLost(old, new string) bool {
	return turnedOff(old, new) || strings.TrimSpace(old) != "" && !isOff(old) && isOneOf(new, "", "none", "no access", "no")
}

// shortened says whether a period of keeping got shorter: "6 months" is more than "90 days". A period that is turned off means that all is kept.
func shortened(old, new string) bool {
	a, okA := days(old)
	b, okB := days(new)
	return okA && okB && b < a
}

// days reads a period such as "90 days" or "1 year"; a bare number is days.
func days(period string) (float64, bool) {
	n, _, ok := numbers(period, "0")
	if !ok {
		return 0, false
	}
	for unit, length := range map[string]float64{"week": 7, "month": 30, "year": 365} {
		if strings.Contains(strings.ToLower(period), unit) {
			return n * length, true
		}
	}
	return n, true
}

// numbers reads the leading numbers of two values.
func numbers(old, new string) (float64, float64, bool) {
	number := func(s string) (float64, error) {
		s = strings.TrimSpace(s)
		end := 0
		for end < len(s) && (s[end] >= '0' && s[end] <= '9' || s[end] == '.') {
			end++
		}
		return strconv.ParseFloat(s[:end], 64)
	}
	a, err := number(old)
	if err != nil {
		return 0, 0, false
	}
	b, err := number(new)
	return a, b, err == nil
}

var both = []string{"account", "user group"}

var weakenings = []weakening{
	{Detection{ID: "ZW-CFG-01", Title: "Two-factor sign-in turned off", Severity: "high", Techniques: []string{"T1556.006"}}, both,
		[]pattern{{[]string{"two-factor"}, nil, turnedOff}}, true},
	{Detection{ID: "ZW-CFG-02", Title: "End-to-end encryption turned off", Severity: "medium", Techniques: []string{"T1040"}}, both,
		[]pattern{{[]string{"end-to-end", "e2ee", "require encryption for"}, nil, turnedOff}}, false},
	{Detection{ID: "ZW-CFG-03", Title: "Meetings need no security option any more", Severity: "medium", Techniques: []string{"T1562.001"}}, nil,
		[]pattern{{[]string{"one security option"}, nil, turnedOff}}, false},
	{Detection{ID: "ZW-CFG-04", Title: "Passcode for meetings turned off", Severity: "medium", Techniques: []string{"T1562.001"}}, nil,
		[]pattern{{[]string{"passcode"}, []string{"embed", "recording"}, turnedOff}}, false},
	{Detection{ID: "ZW-CFG-05", Title: "Passcode turned off for a group", Severity: "low", Techniques: []string{"T1125"}}, []string{"user group"},
		[]pattern{{[]string{"passcode"}, []string{"embed"}, turnedOff}}, true},
	{Detection{ID: "ZW-CFG-06", Title: "Automatic sign-out turned off or later", Severity: "medium", Techniques: []string{"T1539", "T1550.004"}}, nil,
		[]pattern{{[]string{"sign users out", "sign again", "inactivity"}, nil, offOrLonger}}, false},
	{Detection{ID: "ZW-CFG-07", Title: "Sign-in method opened", Severity: "medium", Techniques: []string{"T1556"}}, nil,
		[]pattern{{[]string{"allow users to sign in with"}, nil, turnedOn}}, false},
	{Detection{ID: "ZW-CFG-08", Title: "Password requirement weakened", Severity: "medium", Techniques: []string{"T1556"}}, nil,
		[]pattern{{[]string{"password requirement"}, nil, offOrLess}}, false},
	{Detection{ID: "ZW-CFG-09", Title: "Meetings opened to people who are not signed in", Severity: "low", Techniques: []string{"T1098"}}, both,
		[]pattern{{[]string{"authenticated users can join", "authenticated users can meet", "specified domains can join", "guest"}, []string{"allow guest"}, turnedOff},
			{[]string{"allow guest"}, nil, turnedOn}}, false},
	{Detection{ID: "ZW-CFG-12", Title: "Waiting room or host control weakened", Severity: "low", Techniques: []string{"T1562.001"}}, both,
		[]pattern{{[]string{"waiting room"}, []string{"chat", "customize", "bypass"}, turnedOff},
			{[]string{"join before host", "participants to join anytime", "removed participants to rejoin"}, []string{"guest"}, turnedOn},
			{[]string{"who can share"}, nil, openedToAll}}, false},
	{Detection{ID: "ZW-CFG-13", Title: "Recording protection weakened", Severity: "medium", Techniques: []string{"T1530", "T1567"}}, both,
		[]pattern{{[]string{"view cloud recording", "recording passcode", "passcode to access", "passcode for shared", "recording disclaimer", "ip address access"}, nil, turnedOff},
			{[]string{"can download cloud recording", "recording downloads", "share cloud recording", "recordings publicly"}, nil, turnedOn}}, false},
	{Detection{ID: "ZW-CFG-14", Title: "Chat or file transfer opened", Severity: "low", Techniques: []string{"T1567"}}, both,
		[]pattern{{[]string{"file transfer", "file sharing", "send files", "add contacts", "chat with others", "chat with external", "external collaboration", "can add external users"},
			[]string{"only allow", "specified", "specific", "limit", "restrict", "block"}, turnedOn},
			{[]string{"only allow specified file types", "only allow specific file types", "advanced chat encryption", "chat etiquette", "external user control", "approve external"}, nil, turnedOff}}, false},
	{Detection{ID: "ZW-ADM-13", Title: "Records of what happens cut down", Severity: "high", Group: "Admin activity", Techniques: []string{"T1562.008"}}, []string{"account", "user group", "role"},
		[]pattern{{[]string{"archiv"}, []string{"notif", "prompt", "when archiving starts"}, turnedOff},
			{[]string{"activity log", "operation log", "user activity report", "active host", "audit log"}, nil, accessLost},
			{[]string{"retention", "deleted after", "store chat", "keep chat"}, nil, shortened}}, true},
}

const aboutWeakening = "An alert; a behavior where an operator who has changed account settings before weakens this one protection and puts it back the same day"

func weakeningDetections() []Detection {
	var out []Detection
	for _, w := range weakenings {
		d := w.detection
		d.Class, d.Kind, d.Data = Alert, "rule", []string{oplog}
		d.Group = cmp.Or(d.Group, "Configuration")
		d.About = "The operation log says so. "
		switch {
		case w.always:
			d.About += "Always an alert."
		case w.category == nil:
			d.About += aboutWeakening + "."
		default:
			d.About += aboutWeakening + ", or that is for a group alone."
		}
		d.find = func(s *scene) []Finding { return findWeakening(s, w) }
		out = append(out, d)
	}
	return out
}

// applies says whether one change of a row is this weakening.
func (w weakening) applies(r *features.Rows, i int, c change) bool {
	if w.category == nil && r.Category(i) != "account" || w.category != nil && !slices.Contains(w.category, r.Category(i)) {
		return false
	}
	text := strings.ToLower(r.Subject(i) + " " + c.Setting)
	holds := func(part string) bool { return strings.Contains(text, part) }
	return slices.ContainsFunc(w.patterns, func(p pattern) bool {
		return slices.ContainsFunc(p.any, holds) && !slices.ContainsFunc(p.not, holds) && p.risky(c.Old, c.New)
	})
}

func findWeakening(s *scene, w weakening) []Finding {
	r := s.day.Rows
	return s.users(func(n int, u *features.UserDay, a *features.Account) []Finding {
		var rows []int
		var what []string
		wide, standing := false, false
		for _, i := range s.changed[n] {
			for _, c := range s.changes[i] {
				if w.applies(r, i, c) {
					rows = once(rows, i)
					what = append(what, fmt.Sprintf("%s: from %s to %s", c.Setting, c.Old, c.New))
					wide = wide || r.Category(i) == "account"
					standing = standing || !s.putBack(n, i, c)
				}
			}
		}
		if len(rows) == 0 {
			return nil
		}
		f := s.finding(u)
		f.span(r, rows)
		f.Observed, f.Unit, f.Score = float64(len(rows)), "settings weakened", float64(len(rows))
		changed := 0 // settings weakened that day in any way
		for _, i := range s.changed[n] {
			for _, c := range s.changes[i] {
				if slices.ContainsFunc(weakenings, func(other weakening) bool { return other.applies(r, i, c) }) {
					changed++
				}
			}
		}
		newToIt := s.watched() >= minTenantDays && a.Volumes[settingBehaviour].Max == 0
		f.Alert = w.always || newToIt || changed >= 2 || wide && standing
		f.Evidence.Details = map[string]any{"operator": u.Email, "scope": scopeOf(r, rows), "changes": what, "operator_is_new_to_it": newToIt, "settings_weakened_that_day": changed,
			"put_back_the_same_day": !standing, "indicators": map[string]any{"security_setting_weakened": len(what)}}
		s.addSession(&f, u, rows)
		f.Evidence.Events = s.notes(rows)
		f.Summary = fmt.Sprintf("%s weakened a protection: %s. Judged from %s.", u.Email, strings.Join(what[:min(len(what), 3)], "; "), history(a))
		return []Finding{f}
	})
}

// putBack says whether the operator undid a change later the same day.
func (s *scene) putBack(n, i int, c change) bool {
	r := s.day.Rows
	return slices.ContainsFunc(s.changed[n], func(k int) bool {
		return k > i && r.Category(k) == r.Category(i) && r.Subject(k) == r.Subject(i) && slices.ContainsFunc(s.changes[k], func(later change) bool {
			return later.Setting == c.Setting && strings.EqualFold(later.New, c.Old)
		})
	})
}

// scopeOf names what the changes of rows hold for: the account, or the groups and roles that they name.
func scopeOf(r *features.Rows, rows []int) []string {
	scopes := map[string]bool{}
	for _, i := range rows {
		if r.Category(i) == "account" {
			scopes["account"] = true
		} else {
			scopes[r.Subject(i)] = true
		}
	}
	return sortedKeys(scopes)
}
