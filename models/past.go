package models

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/zoomward/zoomward/features"
	"github.com/zoomward/zoomward/store"
)

// A past answers questions about earlier rows that no state keeps, as they would fill it: who used one address of late, and on which days one user was seen at all, in meetings too. They
// are asked seldom, of an address that a list holds or an account that was silent for months. Every answer leaves out what is later than the instant asked for. A nil past knows
// nothing.
type past struct {
	ask func(dst any, query string, args ...any) error

	mu    sync.Mutex
	err   error               // first that came up; the fold fails with it
	day   int64               // of the answers kept
	users map[string][]string // by address
}

func newPast(ctx context.Context, q store.Querier) *past {
	return &past{ask: func(dst any, query string, args ...any) error { return q.Read(ctx, dst, query, args...) }}
}

// failed returns what went wrong while questions were answered.
func (p *past) failed() error {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

func (p *past) read(dst any, query string, args ...any) bool {
	err := p.ask(dst, query, args...)
	if err != nil && p.err == nil {
		p.err = fmt.Errorf("look up earlier rows: %w", err)
	}
	return err == nil
}

// sourceOf returns what counts as one address: an address of IPv4, or a /64 of IPv6, in which one line or device takes new addresses every day.
func sourceOf(ip string) string {
	a, err := netip.ParseAddr(ip)
	if err != nil || a.Unmap().Is4() {
		return ip
	}
	return netip.PrefixFrom(a, 64).Masked().String()
}

// addressDays is for how many days back the users of an address are counted.
const addressDays = 30

// usersOf returns who signed in from an address (see sourceOf) in the addressDays before a day, sorted; known is false where there is nothing to ask.
func (p *past) usersOf(at features.Place, day int64) (users []string, known bool) {
	if p == nil || at.IP == "" {
		return nil, false
	}
	p.lookUp([]features.Place{at}, day)
	p.mu.Lock()
	defer p.mu.Unlock()
	users, known = p.users[sourceOf(at.IP)]
	return users, known
}

// lookUp reads the users of several addresses at once, for usersOf to answer from: a question scans the days that it is about, however many addresses it names.
func (p *past) lookUp(list []features.Place, day int64) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.day != day || p.users == nil {
		p.day, p.users = day, map[string][]string{}
	}
	asked := map[string]bool{}
	var prefixes, addresses []string // what counts as one with its neighbours is looked up by its prefix
	for _, at := range list {
		source := sourceOf(at.IP)
		if _, ok := p.users[source]; ok || at.IP == "" || asked[source] {
			continue
		}
		asked[source] = true
		if source != at.IP && at.Prefix != "" {
			prefixes = append(prefixes, at.Prefix)
		} else {
			addresses = append(addresses, at.IP)
		}
	}
	if len(asked) == 0 {
		return
	}
	var r struct {
		IP    []string `col:"ip_address"`
		Email []string `col:"user_email"`
	}
	var where []string
	var args []any
	of := func(column string, values []string) {
		switch len(values) {
		case 0:
		case 1: // compared, not joined: the scan skips what cannot hold it
			where, args = append(where, column+` = ?`), append(args, values[0])
		default:
			where, args = append(where, column+` IN (SELECT unnest(from_json(?, '["VARCHAR"]')))`), append(args, jsonOf(values))
		}
	}
	of("ip_prefix", prefixes)
	of("ip_address", addresses)
	if !p.read(&r, `SELECT DISTINCT ip_address, user_email FROM ingest.activities WHERE (`+strings.Join(where, " OR ")+`) AND kind = 'sign_in' AND occurred_at >= ? AND occurred_at < ?`,
		append(args, features.DayTime(day-addressDays), features.DayTime(day))...) {
		return
	}
	for source := range asked {
		p.users[source] = nil
	}
	for i, ip := range r.IP {
		if source := sourceOf(ip); asked[source] {
			p.users[source] = append(p.users[source], r.Email[i])
		}
	}
	for source := range asked {
		slices.Sort(p.users[source])
		p.users[source] = slices.Compact(p.users[source])
	}
}

// jsonOf writes texts as a list.
func jsonOf(list []string) string {
	raw, err := json.Marshal(list)
	if err != nil {
		panic(err) // texts
	}
	return string(raw)
}

// failuresAt returns how many different users failed to sign in from an address (see sourceOf) between two instants, by the logs of the identity provider where they were imported.
func (p *past) failuresAt(at features.Place, from, until time.Time) int {
	if p == nil || at.Prefix == "" {
		return 0
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	var r struct {
		IP    []string `col:"ip_address"`
		Email []string `col:"user_email"`
	}
	if !p.read(&r, `SELECT DISTINCT ip_address, user_email FROM ingest.failed_sign_ins WHERE ip_prefix = ? AND occurred_at >= ? AND occurred_at < ?`, at.Prefix, from, until) {
		return 0
	}
	users := map[string]bool{}
	for i, ip := range r.IP {
		if sourceOf(ip) == sourceOf(at.IP) {
			users[r.Email[i]] = true
		}
	}
	return len(users)
}

// daysOf returns the days on which a user signed in or out, operated, was in a meeting or hosted one, sorted, of what began before an instant, as far as those feeds land.
func (p *past) daysOf(email string, before time.Time) (days []int64) {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	var r struct {
		Day []time.Time `col:"day,date"`
	}
	p.read(&r, `SELECT DISTINCT at::DATE AS day FROM (
			SELECT occurred_at AS at FROM ingest.activities WHERE user_email = ?1 AND occurred_at < ?2
			UNION ALL SELECT occurred_at FROM ingest.operations WHERE operator = ?1 AND occurred_at < ?2
			UNION ALL SELECT joined_at FROM ingest.dashboard_participants WHERE user_email = ?1 AND joined_at < ?2
			UNION ALL SELECT joined_at FROM ingest.meeting_participants WHERE user_email = ?1 AND joined_at < ?2
			UNION ALL SELECT started_at FROM ingest.history_meetings WHERE host_email = ?1 AND started_at < ?2)
		ORDER BY day`, email, before)
	for _, d := range r.Day {
		days = append(days, features.DayNumber(d))
	}
	return days
}
