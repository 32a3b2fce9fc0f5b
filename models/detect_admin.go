package models

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

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
		began := f.First
		if len(rows) > 0 {
			began = s.day.Rows.At(rows[0])
		}
		role, since, known := s.people.book.roleOf(u.Email, began)
		if !known { // no reading of it has a date
			person, listed := s.people.Of(u.Email)
			role, known = person.Role, listed
		}
		grave := s.grave(rows)
		f.Alert = known && s.people.book.isPlain(role, began) && len(grave) > 0
		f.Evidence.Details = map[string]any{"operator": u.Email, "role": role, "security_relevant_operations": len(grave), "indicators": map[string]any{"operator_first_seen": true}}
		if !since.IsZero() {
			f.Evidence.Details["role_known_since"] = since.Format(time.RFC3339)
		}
		s.addSession(&f, u, rows)
		f.Evidence.Events = s.notes(rows)
		f.Summary = fmt.Sprintf("%s: first administrative activity, %s. Judged from %s.", u.Email, plural(f.Observed, f.Unit), history(a))
		if f.Alert {
			f.Evidence.Events = s.notes(grave)
			f.Summary = fmt.Sprintf("%s: first administrative activity, %s, %d of them on accounts, roles or settings of all, by a plain member as far as was known then. Judged from %s.",
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

// findRoleGrant reports users who get a role that administrates, and roles that come to.
func findRoleGrant(s *scene) []Finding {
	r := s.day.Rows
	return s.users(func(n int, u *features.UserDay, a *features.Account) []Finding {
		var rows []int
		var grants []string
		for _, i := range s.changed[n] {
			for _, c := range s.changes[i] {
				if isRoleChange(r, i, c) && s.privileged(c.New, i) && !s.privileged(c.Old, i) {
					rows = once(rows, i)
					grants = append(grants, fmt.Sprintf("%s from %s to %s", subjectOf(r, i, c), c.Old, c.New))
				}
			}
			if role, wider := s.widened(i); len(wider) > 0 {
				rows = once(rows, i)
				grants = append(grants, s.widening(role, wider))
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

// widening says in words what a role may do from now on.
func (s *scene) widening(role string, wider []change) string {
	var what []string
	for _, c := range wider {
		what = append(what, fmt.Sprintf("%s from %s to %s", c.Setting, c.Old, c.New))
	}
	return fmt.Sprintf("everybody with the role %s: %s", role, strings.Join(what, ", "))
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
