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
	if s.state.FirstDay == 0 || s.day.Number-s.state.FirstDay < minTenantDays {
		return nil
	}
	return s.users(func(_ int, u *features.UserDay, a *features.Account) []Finding {
		if u.Counts[adminBehaviour] == 0 || a.Volumes[adminBehaviour].Max > 0 {
			return nil
		}
		rows := s.rows(u, func(r *features.Rows, i int) bool { return isAdminCategory(r.Category[i]) })
		f := s.finding(u)
		f.span(s.day.Rows, rows)
		f.Observed, f.Expected, f.Unit = u.Counts[adminBehaviour], 0, features.Behaviours[adminBehaviour].Unit
		f.Evidence.Events = s.notes(rows)
		f.Summary = fmt.Sprintf("%s: first administrative activity, %s. Judged from %s.", u.Email, plural(f.Observed, f.Unit), history(a))
		return []Finding{f}
	})
}

func isAdminCategory(c string) bool {
	switch c {
	case "account", "user", "user group", "role", "billing", "sub account", "zoom rooms":
		return true
	}
	return false
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
	return s.users(func(_ int, u *features.UserDay, a *features.Account) []Finding {
		var rows []int
		var grants []string
		self := false
		for i := u.Lo; i < u.Hi; i++ {
			if !strings.HasPrefix(strings.ToLower(r.Detail[i]), "change role") {
				continue
			}
			for _, c := range changesOf(r, i) {
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
		first := a.Volumes[roleBehaviour].Max == 0
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
	return r.Subject[i]
}

// change is one change of an operation.
type change struct {
	Setting string `json:"setting"`
	Old     string `json:"old"`
	New     string `json:"new"`
}

func changesOf(r *features.Rows, i int) []change {
	if r.Changes[i] == "" {
		return nil
	}
	var out []change
	if err := json.Unmarshal([]byte(r.Changes[i]), &out); err != nil {
		return nil // not ours: a row landed by something else; the row itself is still shown
	}
	return out
}

// A weakening is a change of a security setting in its risky direction.
type weakening struct {
	detection Detection
	category  []string // lower case; nil for account
	match     []string // lower-case parts of section and label, one of which must occur
	risky     func(old, new string) bool
	always    bool // an alert whoever does it
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

var weakenings = []weakening{
	{Detection{ID: "ZW-CFG-01", Title: "Two-factor sign-in turned off", Severity: "high", Techniques: []string{"T1556.006"}}, []string{"account", "user group"}, []string{"two-factor"}, turnedOff, true},
	{Detection{ID: "ZW-CFG-02", Title: "End-to-end encryption turned off", Severity: "medium", Techniques: []string{"T1040"}}, []string{"account", "user group"}, []string{"end-to-end", "e2ee"}, turnedOff, false},
	{Detection{ID: "ZW-CFG-03", Title: "Meetings need no security option any more", Severity: "medium", Techniques: []string{"T1562.001"}}, nil, []string{"one security option"}, turnedOff, false},
	{Detection{ID: "ZW-CFG-04", Title: "Passcode for meetings turned off", Severity: "medium", Techniques: []string{"T1562.001"}}, nil, []string{"passcode"}, turnedOff, false},
	{Detection{ID: "ZW-CFG-05", Title: "Passcode turned off for a group", Severity: "low", Techniques: []string{"T1125"}}, []string{"user group"}, []string{"passcode"}, turnedOff, false},
	{Detection{ID: "ZW-CFG-06", Title: "Automatic sign-out turned off or later", Severity: "medium", Techniques: []string{"T1539", "T1550.004"}}, nil, []string{"sign users out", "sign again", "inactivity"}, offOrLonger, false},
	{Detection{ID: "ZW-CFG-07", Title: "Sign-in method opened", Severity: "medium", Techniques: []string{"T1556"}}, nil, []string{"allow users to sign in with"}, turnedOn, false},
	{Detection{ID: "ZW-CFG-08", Title: "Password requirement weakened", Severity: "medium", Techniques: []string{"T1556"}}, nil, []string{"password requirement"}, offOrLess, false},
	{Detection{ID: "ZW-CFG-09", Title: "Meetings opened to people who are not signed in", Severity: "low", Techniques: []string{"T1098"}}, []string{"account", "user group"}, []string{"authenticated users can join", "authenticated users can meet", "guest"}, turnedOff, false},
	{Detection{ID: "ZW-CFG-12", Title: "Waiting room turned off", Severity: "low", Techniques: []string{"T1562.001"}}, []string{"account", "user group"}, []string{"waiting room"}, turnedOff, false},
	{Detection{ID: "ZW-CFG-13", Title: "Recording protection turned off", Severity: "medium", Techniques: []string{"T1530", "T1567"}}, []string{"account", "user group"}, []string{"recording"}, turnedOff, false},
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
	if w.category == nil && r.Category[i] != "account" || w.category != nil && !slices.Contains(w.category, r.Category[i]) {
		return false
	}
	text := strings.ToLower(r.Subject[i] + " " + c.Setting)
	return slices.ContainsFunc(w.match, func(m string) bool { return strings.Contains(text, m) }) && w.risky(c.Old, c.New)
}

func findWeakening(s *scene, w weakening) []Finding {
	r := s.day.Rows
	return s.users(func(_ int, u *features.UserDay, a *features.Account) []Finding {
		var rows []int
		var what []string
		for i := u.Lo; i < u.Hi; i++ {
			for _, c := range changesOf(r, i) {
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
		for i := u.Lo; i < u.Hi; i++ {
			for _, c := range changesOf(r, i) {
				if slices.ContainsFunc(weakenings, func(other weakening) bool { return other.applies(r, i, c) }) {
					changed++
				}
			}
		}
		newToIt := a.Volumes[settingBehaviour].Max == 0
		f.Alert = w.always || newToIt || changed >= 2
		f.Evidence.Details = map[string]any{"changes": what, "operator_is_new_to_it": newToIt, "settings_weakened_that_day": changed}
		f.Evidence.Events = s.notes(rows)
		f.Summary = fmt.Sprintf("%s weakened a protection: %s. Judged from %s.", u.Email, strings.Join(what[:min(len(what), 3)], "; "), history(a))
		return []Finding{f}
	})
}
