package ingest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zoomward/zoomward/ingest/zoom"
	"github.com/zoomward/zoomward/store"
)

// statusDeleted is the status of a user whom Zoom lists no more.
const statusDeleted = "deleted"

// userRows are rows of ingest.users.
type userRows struct {
	ID            []string    `col:"user_id,null"`
	Email         []string    `col:"email"`
	Name          []string    `col:"display_name,null"`
	Type          []string    `col:"type,null"`
	Status        []string    `col:"status"`
	RoleID        []string    `col:"role_id,null"`
	Role          []string    `col:"role,null"`
	Dept          []string    `col:"dept,null"`
	Timezone      []string    `col:"timezone,null"`
	CreatedAt     []time.Time `col:"created_at"`
	LastLoginAt   []time.Time `col:"last_login_at"`
	LastClient    []string    `col:"last_client,null"`
	Groups        [][]string  `col:"groups"`
	Verified      []*bool     `col:"verified"`
	JoinedAt      []time.Time `col:"joined_at"`
	Hash          []string    `col:"row_hash"`
	StatusChanged []time.Time `col:"status_changed_at"`
	FirstSeen     []time.Time `col:"first_seen_at"`
	RunID         []string    `col:"run_id"`
}

// user is a row of ingest.users without what is known of its past.
type user struct {
	id, email, name, kind, status, roleID, role, dept, timezone, lastClient string
	created, joined, lastLogin                                              time.Time
	verified                                                                *bool // nil: Zoom does not say
	groups                                                                  []string
}

// knownUser is what the database holds of a user.
type knownUser struct {
	hash, status             string
	statusChanged, firstSeen time.Time
}

// countUsers returns how many active users are known, which the sizes of windows depend on.
func countUsers(ctx context.Context, q store.Querier) (int64, error) {
	var n int64
	if err := q.Row(ctx, `SELECT count(*) FROM ingest.users WHERE status = 'active'`).Scan(&n); err != nil {
		return 0, fmt.Errorf("count users: %w", err)
	}
	return n, nil
}

// readUsers reads the three listings and writes the users that changed. Users who are in none of them any more are marked deleted, but only when all three
// could be read.
func readUsers(ctx context.Context, r *runner, rep *FeedReport) error {
	listed := map[string]user{}
	nameless := map[string]bool{} // ids of users who are listed without an address
	var c counts
	var failed error
	complete := true
	for _, status := range []string{zoom.StatusActive, zoom.StatusInactive, zoom.StatusPending} {
		rows, rejected, err := zoom.Collect(func(yield func(zoom.Page[zoom.User]) error) error { return r.Client.Users(ctx, status, yield) })
		if err != nil {
			if ctx.Err() != nil || asConnectionError(err) != nil {
				return fetched(err)
			}
			failed, complete = errors.Join(failed, err), false
			if zoom.IsRateLimited(err) || zoom.IsMissingScope(err) || zoom.IsPlanTooLow(err) {
				break // the others would be refused as well
			}
			continue
		}
		c.rejectAll(rejected)
		for i := range rows {
			u, ok := userOf(&rows[i], status)
			if !ok {
				c.reject("e-mail address is missing")
				nameless[u.id] = true
				continue
			}
			listed[u.email] = u // a user who moved between two listings meanwhile is in both: the later one is newer
		}
	}
	var written int64
	err := r.DB.Tx(ctx, func(tx *store.Tx) error {
		var err error
		if written, err = r.writeUsers(ctx, tx, listed, nameless, complete); err != nil {
			return err
		}
		if failed != nil {
			_, err = tx.Exec(ctx, `UPDATE meta.feeds SET rows_landed = rows_landed + ? WHERE feed = ?`, written, rep.Feed)
			return err
		}
		return moveOn(ctx, tx, rep.Feed, r.Now, r.Now, r.Now, written)
	})
	if err != nil {
		return err
	}
	rep.Landed, rep.Rejected = written, c.rejected
	if c.rejected > 0 {
		r.Logger.WarnContext(ctx, "rows rejected", "feed", rep.Feed, "rows", c.rejected, "first_reason", c.reason)
		rep.Message = rejectedText(c.rejected, c.reason)
	}
	r.tell(Progress{Feed: rep.Feed, Done: 1, Total: 1, Landed: written})
	return fetched(failed)
}

// userOf maps a user as Zoom listed it.
func userOf(z *zoom.User, listing string) (user, bool) {
	u := user{
		id: z.ID, email: email(z.Email), name: strings.TrimSpace(z.DisplayName), kind: licence(z.Type), status: strings.ToLower(z.Status), roleID: z.RoleID, role: roleName(z.RoleID),
		dept: z.Dept, timezone: z.Timezone, lastClient: z.LastClientVersion, created: possible(z.CreatedAt), joined: possible(z.UserCreatedAt), verified: z.Verified, lastLogin: possible(z.LastLoginAt), groups: slices.Sorted(slices.Values(z.GroupIDs)),
	}
	if u.status == "" {
		u.status = listing
	}
	if u.name == "" {
		u.name = strings.TrimSpace(z.FirstName + " " + z.LastName)
	}
	if u.created.IsZero() {
		u.created = u.joined
	}
	return u, u.email != ""
}

// possible drops times that cannot be.
func possible(t time.Time) time.Time {
	if t.Before(earliestTime) {
		return time.Time{}
	}
	return t.UTC()
}

// licence names Zoom's user types.
func licence(t int) string {
	switch t {
	case 1:
		return "basic"
	case 2:
		return "licensed"
	case 4:
		return "unassigned"
	case 99:
		return "none"
	}
	return ""
}

// roleName names the roles that every account has; an account's own roles go by their id.
func roleName(id string) string {
	switch id {
	case "0":
		return "Owner"
	case "1":
		return "Admin"
	case "2":
		return "Member"
	}
	return id
}

// optionalText writes a truth value that may be missing.
func optionalText(b *bool) string {
	if b == nil {
		return ""
	}
	return strconv.FormatBool(*b)
}

// hash changes when any kept field does.
func (u *user) hash() string {
	fields := append([]string{u.id, u.email, u.name, u.kind, u.status, u.roleID, u.dept, u.timezone, u.lastClient, u.created.Format(time.RFC3339Nano), u.lastLogin.Format(time.RFC3339Nano),
		u.joined.Format(time.RFC3339Nano), optionalText(u.verified)}, u.groups...)
	return identity("users", fields...)
}

// writeUsers replaces the rows of users that changed and returns how many those are.
func (r *runner) writeUsers(ctx context.Context, tx *store.Tx, listed map[string]user, nameless map[string]bool, complete bool) (int64, error) {
	var rows userRows
	if err := tx.Read(ctx, &rows, `SELECT * FROM ingest.users`); err != nil {
		return 0, fmt.Errorf("read users: %w", err)
	}
	known := make(map[string]knownUser, len(rows.Email))
	for i, e := range rows.Email {
		known[e] = knownUser{rows.Hash[i], rows.Status[i], rows.StatusChanged[i], rows.FirstSeen[i]}
	}
	var changed userRows
	for _, e := range slices.Sorted(maps.Keys(listed)) {
		u := listed[e]
		k, seen := known[e]
		hash := u.hash()
		if seen && k.hash == hash {
			continue
		}
		if !seen {
			k.firstSeen = r.Now
		}
		if k.status != u.status {
			k.statusChanged = r.Now
		}
		changed.add(u, hash, k, r.RunID)
	}
	if complete {
		for i, e := range rows.Email {
			if _, still := listed[e]; still || rows.Status[i] == statusDeleted || nameless[rows.ID[i]] {
				continue
			}
			u := rows.user(i)
			u.status = statusDeleted
			changed.add(u, u.hash(), knownUser{statusChanged: r.Now, firstSeen: rows.FirstSeen[i]}, r.RunID)
		}
	}
	if len(changed.Email) == 0 {
		return 0, nil
	}
	emails, err := compactJSON(changed.Email)
	if err != nil {
		return 0, fmt.Errorf("write users: %w", err)
	}
	if _, err := tx.Exec(ctx, `DELETE FROM ingest.users WHERE email IN (SELECT unnest(from_json(?, '["VARCHAR"]')))`, emails); err != nil {
		return 0, fmt.Errorf("replace users: %w", err)
	}
	n, err := tx.Append(ctx, "ingest.users", changed)
	if err == nil {
		err = userRoles.keep(ctx, tx, "ingest.users", "email", changed.Email, r.Now, r.RunID)
	}
	return n, err
}

// user returns row i.
func (f *userRows) user(i int) user {
	return user{
		id: f.ID[i], email: f.Email[i], name: f.Name[i], kind: f.Type[i], status: f.Status[i], roleID: f.RoleID[i], role: f.Role[i], dept: f.Dept[i], timezone: f.Timezone[i],
		lastClient: f.LastClient[i], created: f.CreatedAt[i], joined: f.JoinedAt[i], verified: f.Verified[i], lastLogin: f.LastLoginAt[i], groups: f.Groups[i],
	}
}

func (f *userRows) add(u user, hash string, k knownUser, runID string) {
	f.ID = append(f.ID, u.id)
	f.Email = append(f.Email, u.email)
	f.Name = append(f.Name, u.name)
	f.Type = append(f.Type, u.kind)
	f.Status = append(f.Status, u.status)
	f.RoleID = append(f.RoleID, u.roleID)
	f.Role = append(f.Role, u.role)
	f.Dept = append(f.Dept, u.dept)
	f.Timezone = append(f.Timezone, u.timezone)
	f.CreatedAt = append(f.CreatedAt, u.created)
	f.LastLoginAt = append(f.LastLoginAt, u.lastLogin)
	f.LastClient = append(f.LastClient, u.lastClient)
	f.Groups = append(f.Groups, append([]string{}, u.groups...))
	f.Verified = append(f.Verified, u.verified)
	f.JoinedAt = append(f.JoinedAt, u.joined)
	f.Hash = append(f.Hash, hash)
	f.StatusChanged = append(f.StatusChanged, k.statusChanged)
	f.FirstSeen = append(f.FirstSeen, k.firstSeen)
	f.RunID = append(f.RunID, runID)
}
