package features

import (
	"context"
	_ "embed"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/zoomward/zoomward/store"
)

//go:embed events.sql
var eventsSQL string

// Prepare makes the stream of sign-ins and operations (temporary view user_events) readable on this connection: it needs the offsets of every time zone in use, as
// DuckDB has no time zones of its own here.
func Prepare(ctx context.Context, db *store.DB) error {
	var zones struct {
		Name []string `col:"timezone"`
	}
	if err := db.Read(ctx, &zones, `SELECT DISTINCT timezone FROM ingest.users WHERE timezone IS NOT NULL ORDER BY 1`); err != nil {
		return fmt.Errorf("list time zones: %w", err)
	}
	var span struct {
		From []time.Time `col:"lo"`
		To   []time.Time `col:"hi"`
	}
	err := db.Read(ctx, &span, `SELECT min(at) AS lo, max(at) AS hi FROM (SELECT occurred_at AS at FROM ingest.activities UNION ALL SELECT occurred_at FROM ingest.operations)`)
	if err != nil {
		return fmt.Errorf("find the span of the rows: %w", err)
	}
	err = db.Tx(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec(ctx, `CREATE OR REPLACE TEMP TABLE zone_offsets (timezone VARCHAR, from_at TIMESTAMP, to_at TIMESTAMP, offset_s BIGINT)`); err != nil {
			return err
		}
		if _, err := tx.Append(ctx, "zone_offsets", zoneOffsets(zones.Name, span.From[0], span.To[0])); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, eventsSQL)
		return err
	})
	if err != nil {
		return fmt.Errorf("prepare the stream of events: %w", err)
	}
	return nil
}

type offsets struct {
	Zone   []string    `col:"timezone"`
	From   []time.Time `col:"from_at"`
	To     []time.Time `col:"to_at"`
	Offset []int64     `col:"offset_s"`
}

// zoneOffsets lists, for each zone, the spans of constant offset from UTC (in seconds) that cover [from, to]. A name that is not an IANA zone is left out: its
// users keep UTC.
func zoneOffsets(names []string, from, to time.Time) offsets {
	var out offsets
	for _, name := range names {
		loc, err := time.LoadLocation(name)
		if err != nil || name == "Local" {
			continue
		}
		for t := from; !t.After(to); {
			local := t.In(loc)
			_, offset := local.Zone()
			_, end := local.ZoneBounds()
			if end.IsZero() || end.After(to) {
				end = to.Add(time.Second)
			}
			out.Zone = append(out.Zone, name)
			out.From = append(out.From, t.UTC())
			out.To = append(out.To, end.UTC())
			out.Offset = append(out.Offset, int64(offset))
			t = end
		}
	}
	return out
}

// Observe counts the behaviours of the days [from, to] (days since 1970) anew, into features.observations. Prepare must have run.
func Observe(ctx context.Context, q store.Querier, from, to int64) (int64, error) {
	if _, err := q.Exec(ctx, `DELETE FROM features.observations WHERE day BETWEEN ? AND ?`, DayTime(from), DayTime(to)); err != nil {
		return 0, fmt.Errorf("forget observations: %w", err)
	}
	exprs := make([]string, len(Behaviours))
	names := make([]string, len(Behaviours))
	for i, b := range Behaviours {
		exprs[i] = fmt.Sprintf("(%s)::DOUBLE AS %s", b.Count, b.ID)
		names[i] = b.ID
	}
	n, err := q.Exec(ctx, fmt.Sprintf(`INSERT INTO features.observations
		SELECT user_email, day, behaviour, value FROM (
			UNPIVOT (SELECT user_email, day, %s FROM (SELECT * REPLACE (lower(detail) AS detail) FROM user_events WHERE day BETWEEN ? AND ?) GROUP BY user_email, day)
			ON %s INTO NAME behaviour VALUE value)
		WHERE value > 0 ORDER BY day, user_email, behaviour`, strings.Join(exprs, ", "), strings.Join(names, ", ")), DayTime(from), DayTime(to))
	if err != nil {
		return 0, fmt.Errorf("count behaviours: %w", err)
	}
	return n, nil
}

// chunkRows bounds how many rows are held in memory at a time.
const chunkRows = 400_000

// Days yields the days [from, to] that have rows, in order, with their users, events and counts. Prepare and Observe must have run.
func Days(ctx context.Context, q store.Querier, from, to int64) iter.Seq2[*Day, error] {
	return func(yield func(*Day, error) bool) {
		var sizes struct {
			Day  []time.Time `col:"day,date"`
			Rows []int64     `col:"n"`
		}
		err := q.Read(ctx, &sizes, `SELECT day, count(*) AS n FROM user_events WHERE day BETWEEN ? AND ? GROUP BY day ORDER BY day`, DayTime(from), DayTime(to))
		if err != nil {
			yield(nil, fmt.Errorf("list days: %w", err))
			return
		}
		for lo := 0; lo < len(sizes.Day); {
			hi, rows := lo, int64(0)
			for hi < len(sizes.Day) && (hi == lo || rows+sizes.Rows[hi] <= chunkRows) {
				rows += sizes.Rows[hi]
				hi++
			}
			days, err := load(ctx, q, sizes.Day[lo], sizes.Day[hi-1])
			if err != nil {
				yield(nil, err)
				return
			}
			for _, d := range days {
				if !yield(d, nil) {
					return
				}
			}
			lo = hi
		}
	}
}

func load(ctx context.Context, q store.Querier, from, to time.Time) ([]*Day, error) {
	rows := &Rows{}
	err := q.Read(ctx, rows, `SELECT user_email, day, occurred_at, local_at, kind, action, category, op_action, detail, subject, setting, changes,
			ip_address, ip_prefix, asn, country_code, city, latitude, longitude, accuracy_km, client_type, client_version, id
		FROM user_events WHERE day BETWEEN ? AND ? ORDER BY day, user_email, date_trunc('second', occurred_at), action, id`, from, to)
	if err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	var counts struct {
		Email     []string    `col:"user_email"`
		Day       []time.Time `col:"day,date"`
		Behaviour []string    `col:"behaviour"`
		Value     []float64   `col:"value"`
	}
	err = q.Read(ctx, &counts, `SELECT user_email, day, behaviour, value FROM features.observations WHERE day BETWEEN ? AND ? ORDER BY day, user_email`, from, to)
	if err != nil {
		return nil, fmt.Errorf("read observations: %w", err)
	}
	var days []*Day
	c := 0
	for lo := 0; lo < len(rows.Email); {
		hi := lo
		for hi < len(rows.Email) && rows.Email[hi] == rows.Email[lo] && rows.Day[hi].Equal(rows.Day[lo]) {
			hi++
		}
		n := DayNumber(rows.Day[lo])
		if len(days) == 0 || days[len(days)-1].Number != n {
			days = append(days, &Day{Number: n, Rows: rows})
		}
		d := days[len(days)-1]
		u := UserDay{Email: rows.Email[lo], Lo: lo, Hi: hi, Events: make([]Event, hi-lo), Counts: make([]float64, len(Behaviours))}
		for i := lo; i < hi; i++ {
			u.Events[i-lo] = rows.event(i)
			if l, ok := rows.lifecycle(i); ok {
				d.Lifecycle = append(d.Lifecycle, l)
			}
		}
		for c < len(counts.Email) && (counts.Day[c].Before(rows.Day[lo]) || counts.Day[c].Equal(rows.Day[lo]) && counts.Email[c] < u.Email) {
			c++
		}
		for ; c < len(counts.Email) && counts.Email[c] == u.Email && counts.Day[c].Equal(rows.Day[lo]); c++ {
			if b, ok := behaviourIndex[counts.Behaviour[c]]; ok {
				u.Counts[b] = counts.Value[c]
			}
		}
		d.Users = append(d.Users, u)
		lo = hi
	}
	for _, d := range days {
		slices.SortFunc(d.Lifecycle, func(a, b Lifecycle) int { return int(a.Second - b.Second) })
	}
	return days, nil
}

// lifecycle reads from an operation whether it removed an account or brought it back. Zoom writes "Deactivate User x", "delete user - x", "Activate User x", and
// "Add User x" (facts of the operation log; the case varies).
func (r *Rows) lifecycle(i int) (Lifecycle, bool) {
	if r.Category[i] != "user" || r.Subject[i] == "" {
		return Lifecycle{}, false
	}
	l := Lifecycle{Email: strings.ToLower(r.Subject[i]), Second: r.At[i].Unix()}
	detail := strings.ToLower(r.Detail[i])
	switch {
	case strings.HasPrefix(detail, "deactivate user"), strings.HasPrefix(detail, "delete user"):
		l.Removed = true
	case strings.HasPrefix(detail, "activate user"), strings.HasPrefix(detail, "add user"):
	default:
		return Lifecycle{}, false
	}
	return l, true
}
