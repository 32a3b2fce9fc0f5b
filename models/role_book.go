package models

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/zoomward/zoomward/store"
)

// A roleBook says what roles allowed and who had which, at any time: by the readings of roles and users, and by what the operation log says of changes between them.
// Of the time before the first reading, the first reading is the best that is known; it stays what it was, whenever a day is scored.
type roleBook struct {
	roles  map[string][]roleState // by name and by id, both folded, in order of time
	people map[string][]roleHeld  // by address, in order of time
	names  map[string]string      // of roles by id, folded
}

// roleState is what is known of a role from a time on.
type roleState struct {
	at         time.Time
	read       bool // from Zoom, not from the log
	privileged bool
}

// roleHeld is the role that somebody has from a time on.
type roleHeld struct {
	at   time.Time
	read bool
	role string // name, or id of a role of the account's own
}

// isBuiltIn names the privileged roles that Zoom comes with, as the operation log writes them.
func isBuiltIn(role string) bool { return isOneOf(role, "owner", "co-owner", "admin", "billing admin") }

// adminName is how people name roles that administrate, for roles that were never read.
var adminName = regexp.MustCompile(`(?i)\b(admin|administrator|superuser)s?\b`)

// privileged says whether a role, by its name or id, administrated at a time: users, roles, settings, recordings or apps.
func (b *roleBook) privileged(role string, at time.Time) bool {
	if isBuiltIn(role) {
		return true
	}
	if b == nil {
		return adminName.MatchString(role)
	}
	states := b.roles[folded(role)]
	for _, s := range slices.Backward(states) {
		if !s.at.After(at) {
			return s.privileged
		}
	}
	for _, s := range states {
		if s.read {
			return s.privileged
		}
	}
	return adminName.MatchString(role)
}

// known says whether a role was ever read or spoken of.
func (b *roleBook) known(role string) bool { return b != nil && len(b.roles[folded(role)]) > 0 }

// roleOf returns the role that somebody had just before a time, when that became known, and whether anything is known of it.
func (b *roleBook) roleOf(email string, at time.Time) (role string, since time.Time, ok bool) {
	if b == nil {
		return "", time.Time{}, false
	}
	held := b.people[email]
	for _, h := range slices.Backward(held) {
		if h.at.Before(at) {
			return h.role, h.at, true
		}
	}
	for _, h := range held {
		if h.read {
			return h.role, h.at, true
		}
	}
	return "", time.Time{}, false
}

// adminAreas are the words by which Zoom's privileges and the log's rows about roles speak of administrating users, roles, settings, recordings and apps.
var adminAreas = regexp.MustCompile(`\b(users?|roles?|groups?|recordings?|integrations?|apps?|marketplace|security|account settings?)\b`)

var camel = regexp.MustCompile(`([a-z])([A-Z])`)

// level orders what a privilege allows: 0 nothing, 1 looking, 2 changing.
func level(value string) int {
	v := strings.ToLower(strings.TrimSpace(value))
	switch {
	case v == "" || reach(v) == 0 || v == "no access":
		return 0
	case strings.Contains(v, "edit") || strings.Contains(v, "manage") || strings.Contains(v, "full") || strings.Contains(v, "write") || strings.Contains(v, "delete") || reach(v) == 1:
		return 2
	}
	return 1
}

// looking are the ends of labels that allow no more than that, also where they are "on".
var looking = regexp.MustCompile(`(?i)\b(view|read|view only|read only)$`)

// administrates says whether a privilege of that area and level does.
func administrates(area, value string) bool {
	return level(value) == 2 && !looking.MatchString(strings.TrimSpace(area)) && adminAreas.MatchString(strings.ToLower(camel.ReplaceAllString(area, "$1 $2")))
}

// widens says whether a change of a role lets whoever has it administrate what he could not.
func (c change) widens() bool { return administrates(c.Setting, c.New) && level(c.Old) < 2 }

var roleSubject = regexp.MustCompile(`(?i)^(edit|update|add|create|delete) role:?\s+(.+)$`)

// editedRole returns the role that a row of category role is about; added is true where it is made by it.
func editedRole(subject string) (name string, added, ok bool) {
	m := roleSubject.FindStringSubmatch(strings.TrimSpace(subject))
	if m == nil {
		return "", false, false
	}
	return strings.TrimSpace(m[2]), isOneOf(m[1], "add", "create"), true
}

// readRoleBook reads what is known of roles.
func readRoleBook(ctx context.Context, q store.Querier) (*roleBook, error) {
	b := &roleBook{roles: map[string][]roleState{}, people: map[string][]roleHeld{}, names: map[string]string{}}
	var v struct {
		Kind  []string    `col:"kind"`
		Key   []string    `col:"key"`
		Value []string    `col:"value"`
		At    []time.Time `col:"read_at"`
	}
	if err := q.Read(ctx, &v, `SELECT kind, "key", value, read_at FROM ingest.versions WHERE kind IN ('role', 'user_role') ORDER BY read_at, rowid`); err != nil {
		return nil, fmt.Errorf("read versions of roles: %w", err)
	}
	for i, raw := range v.Value {
		var x struct {
			Name       string   `json:"name"`
			Privileges []string `json:"privileges"`
			Role       string   `json:"role"`
		}
		if err := json.Unmarshal([]byte(raw), &x); err != nil {
			return nil, fmt.Errorf("version of %s %s: %w", v.Kind[i], v.Key[i], err)
		}
		if v.Kind[i] == "user_role" {
			b.people[v.Key[i]] = append(b.people[v.Key[i]], roleHeld{v.At[i], true, x.Role})
			continue
		}
		s := roleState{at: v.At[i], read: true, privileged: slices.ContainsFunc(x.Privileges, func(p string) bool {
			area, to, _ := strings.Cut(p, ":")
			return administrates(area, to)
		})}
		b.note(s, x.Name, v.Key[i])
		b.names[v.Key[i]] = folded(x.Name)
	}
	return b, b.readLog(ctx, q)
}

// note adds a state of a role under its names.
func (b *roleBook) note(s roleState, names ...string) {
	for _, name := range names {
		if name != "" {
			b.roles[folded(name)] = append(b.roles[folded(name)], s)
		}
	}
}

// readLog adds what the operation log says of roles, and of who gets which.
func (b *roleBook) readLog(ctx context.Context, q store.Querier) error {
	var o struct {
		At       []time.Time `col:"occurred_at"`
		Category []string    `col:"category"`
		Subject  []string    `col:"subject"`
		Changes  []string    `col:"changes"`
	}
	err := q.Read(ctx, &o, `SELECT occurred_at, lower(category) AS category, subject, changes FROM ingest.operations
		WHERE changes IS NOT NULL AND (lower(category) = 'role' OR lower(category) = 'user' AND starts_with(lower(detail), 'change role')) ORDER BY occurred_at, operation_id`)
	if err != nil {
		return fmt.Errorf("read changes of roles: %w", err)
	}
	edited := map[string]map[string]bool{} // role -> labels of what it administrates, by the log alone
	for i, raw := range o.Changes {
		var list []change
		if json.Unmarshal([]byte(raw), &list) != nil {
			continue // a row landed by something else
		}
		if o.Category[i] == "user" {
			for _, c := range list {
				who := o.Subject[i]
				if strings.Contains(c.Setting, "@") {
					who = c.Setting
				}
				b.people[strings.ToLower(who)] = append(b.people[strings.ToLower(who)], roleHeld{o.At[i], false, c.New})
			}
			continue
		}
		name, _, ok := editedRole(o.Subject[i])
		if !ok {
			continue
		}
		areas := edited[folded(name)]
		if areas == nil {
			areas = map[string]bool{}
			edited[folded(name)] = areas
		}
		for _, c := range list {
			if administrates(c.Setting, c.New) {
				areas[c.Setting] = true
			} else {
				delete(areas, c.Setting)
			}
		}
		// what the log says adds to what was read before: nobody knows whether it takes all away
		b.note(roleState{at: o.At[i], privileged: len(areas) > 0 || b.wasRead(name, o.At[i])}, name)
	}
	byTime := func(x, y roleState) int { return x.at.Compare(y.at) }
	for name := range b.roles {
		slices.SortStableFunc(b.roles[name], byTime)
	}
	for email := range b.people {
		slices.SortStableFunc(b.people[email], func(x, y roleHeld) int { return x.at.Compare(y.at) })
	}
	return nil
}

// wasRead says whether the last reading of a role before a time had it as privileged.
func (b *roleBook) wasRead(role string, at time.Time) bool {
	for _, s := range slices.Backward(b.roles[folded(role)]) {
		if s.read && !s.at.After(at) {
			return s.privileged
		}
	}
	return false
}

// isPlain says whether a role, by name or id, is known to administrate nothing at a time.
func (b *roleBook) isPlain(role string, at time.Time) bool {
	return isOneOf(role, "member", "user") || b.known(role) && !b.privileged(role, at)
}

// privileged says whether a role administrated when a row of the day was written.
func (s *scene) privileged(role string, row int) bool {
	return s.people.book.privileged(role, s.day.Rows.At(row))
}

// widened returns the changes of a row that let whoever has a role administrate what he could not, and the role. A role that the row makes is nobody's yet.
func (s *scene) widened(row int) (role string, changes []change) {
	r := s.day.Rows
	if r.Category(row) != "role" {
		return "", nil
	}
	role, added, ok := editedRole(r.Subject(row))
	if !ok || added {
		return "", nil
	}
	for _, c := range s.changes[row] {
		if c.widens() {
			changes = append(changes, c)
		}
	}
	return role, changes
}

// holds says whether somebody had that role when a row of the day was written, as far as is known. Roles of the account's own are known by their ids in the list of users.
func (s *scene) holds(email, role string, row int) bool {
	has, _, ok := s.people.book.roleOf(email, s.day.Rows.At(row))
	if !ok {
		p, _ := s.people.Of(email)
		has = p.Role
	}
	return has != "" && (strings.EqualFold(has, role) || s.people.book != nil && s.people.book.names[has] == folded(role))
}
