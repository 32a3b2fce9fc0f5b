package models

import (
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
		f.Evidence.Events = s.notes(rows)
		f.Summary = fmt.Sprintf("%s: first administrative activity, %s. Judged from %s.", u.Email, plural(f.Observed, f.Unit), history(a))
		return []Finding{f}
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
		self := false
		for _, i := range s.changed[n] {
			if !r.Has(i, features.RoleChange) {
				continue
			}
			for _, c := range s.changes[i] {
				if isPrivileged(c.New) && !isPrivileged(c.Old) {
					rows = append(rows, i)
					who := subjectOf(r, i, c)
					grants = append(grants, fmt.Sprintf("%s from %s to %s", who, c.Old, c.New))
					self = self || strings.EqualFold(who, u.Email)
				}
			}
		}
		if len(rows) == 0 {
			return nil
		}
		f := s.finding(u)
		f.span(r, rows)
		first := s.watched() >= minTenantDays && a.Volumes[roleBehaviour].Max == 0
		f.Observed, f.Unit, f.Score = float64(len(rows)), "privileged roles granted", float64(len(rows))
		f.Alert = first || self
		if self {
			f.Severity = "high"
		}
		f.Evidence.Details = map[string]any{"grants": grants, "operator_is_new_to_it": first, "to_himself": self}
		f.Evidence.Events = s.notes(rows)
		why := ""
		switch {
		case self:
			why = " to the operator's own account"
		case first:
			why = "; the operator never changed a role before"
		}
		f.Summary = fmt.Sprintf("%s granted a privileged role: %s%s. Judged from %s.", u.Email, strings.Join(grants[:min(len(grants), 3)], "; "), why, history(a))
		return []Finding{f}
	})
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
	always    bool // an alert whoever does it
}

// A pattern says which labels of settings, read together with their section in lower case, protect something, and which change of them is the risky one.
type pattern struct {
	any   []string // one of these must occur
	not   []string // none of these may
	risky func(old, new string) bool
}

func turnedOff(old, new string) bool {
	return strings.EqualFold(new, "off") && !strings.EqualFold(old, "off")
}
func turnedOn(old, new string) bool {
	return strings.EqualFold(new, "on") && !strings.EqualFold(old, "on")
}
func offOrLonger(old, new string) bool {
	a, b, ok := numbers(old, new)
	return turnedOff(old, new) || ok && (b == 0 && a > 0 || b > a && a > 0)
}
func offOrLess(old, new string) bool {
	a, b, ok := numbers(old, new)
	return turnedOff(old, new) || ok && b < a
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
		[]pattern{{[]string{"end-to-end", "e2ee"}, nil, turnedOff}}, false},
	{Detection{ID: "ZW-CFG-03", Title: "Meetings need no security option any more", Severity: "medium", Techniques: []string{"T1562.001"}}, nil,
		[]pattern{{[]string{"one security option"}, nil, turnedOff}}, false},
	{Detection{ID: "ZW-CFG-04", Title: "Passcode for meetings turned off", Severity: "medium", Techniques: []string{"T1562.001"}}, nil,
		[]pattern{{[]string{"passcode"}, []string{"embed", "recording"}, turnedOff}}, false},
	{Detection{ID: "ZW-CFG-05", Title: "Passcode turned off for a group", Severity: "low", Techniques: []string{"T1125"}}, []string{"user group"},
		[]pattern{{[]string{"passcode"}, []string{"embed"}, turnedOff}}, false},
	{Detection{ID: "ZW-CFG-06", Title: "Automatic sign-out turned off or later", Severity: "medium", Techniques: []string{"T1539", "T1550.004"}}, nil,
		[]pattern{{[]string{"sign users out", "sign again", "inactivity"}, nil, offOrLonger}}, false},
	{Detection{ID: "ZW-CFG-07", Title: "Sign-in method opened", Severity: "medium", Techniques: []string{"T1556"}}, nil,
		[]pattern{{[]string{"allow users to sign in with"}, nil, turnedOn}}, false},
	{Detection{ID: "ZW-CFG-08", Title: "Password requirement weakened", Severity: "medium", Techniques: []string{"T1556"}}, nil,
		[]pattern{{[]string{"password requirement"}, nil, offOrLess}}, false},
	{Detection{ID: "ZW-CFG-09", Title: "Meetings opened to people who are not signed in", Severity: "low", Techniques: []string{"T1098"}}, both,
		[]pattern{{[]string{"authenticated users can join", "authenticated users can meet", "guest"}, []string{"allow guest"}, turnedOff}, {[]string{"allow guest"}, nil, turnedOn}}, false},
	{Detection{ID: "ZW-CFG-12", Title: "Waiting room turned off", Severity: "low", Techniques: []string{"T1562.001"}}, both,
		[]pattern{{[]string{"waiting room"}, []string{"chat", "customize", "bypass"}, turnedOff}}, false},
	{Detection{ID: "ZW-CFG-13", Title: "Recording protection weakened", Severity: "medium", Techniques: []string{"T1530", "T1567"}}, both,
		[]pattern{{[]string{"view cloud recording", "recording passcode", "passcode to access", "passcode for shared", "recording disclaimer", "ip address access"}, nil, turnedOff},
			{[]string{"can download cloud recording", "recording downloads", "share cloud recording", "recordings publicly"}, nil, turnedOn}}, false},
}

func weakeningDetections() []Detection {
	var out []Detection
	for _, w := range weakenings {
		d := w.detection
		d.Class, d.Group, d.Kind, d.Data = Alert, "Configuration", "rule", []string{oplog}
		d.About = "The operation log says so. "
		if w.always {
			d.About += "Always an alert."
		} else {
			d.About += "An alert when the operator never changed an account setting before or weakens several protections on one day, else a behavior."
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
		for _, i := range s.changed[n] {
			for _, c := range s.changes[i] {
				if w.applies(r, i, c) {
					rows = append(rows, i)
					what = append(what, fmt.Sprintf("%s: from %s to %s", c.Setting, c.Old, c.New))
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
		f.Alert = w.always || newToIt || changed >= 2
		f.Evidence.Details = map[string]any{"changes": what, "operator_is_new_to_it": newToIt, "settings_weakened_that_day": changed}
		f.Evidence.Events = s.notes(rows)
		f.Summary = fmt.Sprintf("%s weakened a protection: %s. Judged from %s.", u.Email, strings.Join(what[:min(len(what), 3)], "; "), history(a))
		return []Finding{f}
	})
}
