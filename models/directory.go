package models

import (
	"context"
	"fmt"
	"time"

	"github.com/zoomward/zoomward/store"
)

// A Person is a user of the account, as last seen.
type Person struct {
	Status    string
	Role      string
	Dept      string
	CreatedAt time.Time
	ChangedAt time.Time // when the present status was first seen
	Watched   bool      // the status changed while zoomward was watching: ChangedAt is when, not merely when the user was first listed
	Groups    []string  // ids and names, lower case
	GroupIDs  []string  // as Zoom has them
	RoleID    string
}

// Directory finds people by e-mail, and holds what was read of the account over time.
type Directory struct {
	people   map[string]Person
	active   int
	settings map[int64][]settingChange // by day of the later reading
	book     *roleBook                 // nil for nothing
	past     *past                     // what people's earlier rows say when asked; nil for nothing
}

// ReadDirectory reads the users, and how the roles and the settings of the account changed.
func ReadDirectory(ctx context.Context, q store.Querier) (*Directory, error) {
	var f struct {
		Email   []string    `col:"email"`
		Status  []string    `col:"status"`
		Role    []string    `col:"role"`
		Dept    []string    `col:"dept"`
		Created []time.Time `col:"created_at"`
		Changed []time.Time `col:"status_changed_at"`
		First   []time.Time `col:"first_seen_at"`
		Groups  [][]string  `col:"groups"`
		RoleID  []string    `col:"role_id"`
	}
	if err := q.Read(ctx, &f, `SELECT email, status, role, dept, created_at, status_changed_at, first_seen_at, groups, role_id FROM ingest.users ORDER BY email`); err != nil {
		return nil, fmt.Errorf("read users: %w", err)
	}
	names, err := groupNames(ctx, q)
	if err != nil {
		return nil, err
	}
	d := &Directory{people: make(map[string]Person, len(f.Email)), past: newPast(ctx, q)}
	for i, e := range f.Email {
		p := Person{f.Status[i], f.Role[i], f.Dept[i], f.Created[i], f.Changed[i], f.Changed[i].After(f.First[i]), nil, f.Groups[i], f.RoleID[i]}
		for _, id := range f.Groups[i] {
			p.Groups = append(p.Groups, folded(id))
			if name := names[id]; name != "" {
				p.Groups = append(p.Groups, folded(name))
			}
		}
		d.people[e] = p
		if f.Status[i] == "active" {
			d.active++
		}
	}
	if d.settings, err = readSettingChanges(ctx, q); err != nil {
		return nil, err
	}
	if d.book, err = readRoleBook(ctx, q); err != nil {
		return nil, err
	}
	return d, nil
}

// groupNames reads the names of groups by their ids.
func groupNames(ctx context.Context, q store.Querier) (map[string]string, error) {
	var f struct {
		ID   []string `col:"group_id"`
		Name []string `col:"name"`
	}
	if err := q.Read(ctx, &f, `SELECT group_id, coalesce(name, '') AS name FROM ingest.groups`); err != nil {
		return nil, fmt.Errorf("read groups: %w", err)
	}
	out := make(map[string]string, len(f.ID))
	for i, id := range f.ID {
		out[id] = f.Name[i]
	}
	return out, nil
}

// Of returns what is known of a user.
func (d *Directory) Of(email string) (Person, bool) {
	p, ok := d.people[email]
	return p, ok
}

// Active returns the number of active users.
func (d *Directory) Active() int { return d.active }

// Peers names a user's group of peers: the department.
func (d *Directory) Peers(email string) string { return d.people[email].Dept }
