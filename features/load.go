package features

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/zoomward/zoomward/store"
)

// chunkRows bounds how many rows are read at a time; twice as many are held in memory.
const chunkRows = 200_000

// Days yields the days [from, to] (days since 1970) that have rows, in order, with their users, events and counts. dict numbers the texts of the rows; give the
// dictionary of the state that is to learn them, and leave it to Days to add texts. The next rows are read while the caller works on those that it has.
//
// Rows of a user-day come in order of time, those of one second in an order of their own that does not depend on when they landed.
func Days(ctx context.Context, q store.Querier, dict *store.Dictionary, from, to int64) iter.Seq2[*Day, error] {
	return daysByChunks(ctx, q, dict, from, to, chunkRows)
}

// daysByChunks is Days with at most so many rows read at a time, or a day's.
func daysByChunks(ctx context.Context, q store.Querier, dict *store.Dictionary, from, to, most int64) iter.Seq2[*Day, error] {
	return func(yield func(*Day, error) bool) {
		var sizes struct {
			Day  []time.Time `col:"day,date"`
			Rows []int64     `col:"n"`
		}
		err := q.Read(ctx, &sizes, `SELECT day, count(*) AS n FROM (SELECT occurred_at::DATE AS day FROM ingest.activities WHERE occurred_at >= ?1 AND occurred_at < ?2
			UNION ALL SELECT occurred_at::DATE FROM ingest.operations WHERE occurred_at >= ?1 AND occurred_at < ?2 AND operator IS NOT NULL) GROUP BY day ORDER BY day`,
			DayTime(from), DayTime(to+1))
		if err != nil {
			yield(nil, fmt.Errorf("list days: %w", err))
			return
		}
		clock, err := readClocks(ctx, q, dict)
		if err != nil {
			yield(nil, err)
			return
		}
		type chunk struct {
			days []*Day
			err  error
		}
		chunks := make(chan chunk) // one is worked on, one is ready
		reading, stop := context.WithCancel(ctx)
		defer func() {
			stop()
			for range chunks { // the caller may be about to end its transaction
			}
		}()
		go func() {
			defer close(chunks)
			texts := newRowTexts(dict)
			for lo := 0; lo < len(sizes.Day); {
				hi, rows := lo, int64(0)
				for hi < len(sizes.Day) && (hi == lo || rows+sizes.Rows[hi] <= most) {
					rows += sizes.Rows[hi]
					hi++
				}
				days, err := loadDays(reading, q, texts, clock, DayNumber(sizes.Day[lo]), DayNumber(sizes.Day[hi-1]))
				select {
				case chunks <- chunk{days, err}:
				case <-reading.Done():
					return
				}
				if err != nil {
					return
				}
				lo = hi
			}
		}()
		for c := range chunks {
			if c.err != nil {
				yield(nil, c.err)
				return
			}
			for i := range c.days {
				if !yield(c.days[i], nil) {
					return
				}
				c.days[i] = nil
			}
		}
		if err := ctx.Err(); err != nil { // may have ended the reading before its last day
			yield(nil, err)
		}
	}
}

// loadDays reads the rows of days [from, to].
func loadDays(ctx context.Context, q store.Querier, texts *rowTexts, clock *clocks, from, to int64) ([]*Day, error) {
	coded := store.Coded{Dict: texts.dict}
	r := &Rows{dict: texts.dict,
		signs: signRows{User: coded, Kind: coded, IP: coded, Prefix: coded, Country: coded, City: coded, Client: coded, Version: coded, Org: coded, Purpose: coded, Tags: coded},
		ops:   operationRows{User: coded, Category: coded, Action: coded, Detail: coded, Subject: coded, Setting: coded, Changes: coded}}
	err := q.Read(ctx, &r.signs, `SELECT user_email, epoch_us(occurred_at) AS at, kind, ip_address, ip_prefix, coalesce(asn, 0) AS asn, as_org, network_category, array_to_string(network_tags, ' ') AS tags, country_code, city, latitude, longitude, accuracy_km,
			client_type, client_version, activity_id AS id, coalesce(repeats, 1) AS repeats
		FROM ingest.activities WHERE occurred_at >= ? AND occurred_at < ?`, DayTime(from), DayTime(to+1))
	if err != nil {
		return nil, fmt.Errorf("read sign-ins: %w", err)
	}
	err = q.Read(ctx, &r.ops, `SELECT operator, epoch_us(occurred_at) AS at, category, action, detail, subject, setting, changes, operation_id AS id, coalesce(repeats, 1) AS repeats
		FROM ingest.operations WHERE occurred_at >= ? AND occurred_at < ? AND operator IS NOT NULL`, DayTime(from), DayTime(to+1))
	if err != nil {
		return nil, fmt.Errorf("read operations: %w", err)
	}
	return r.arrange(texts, clock, from, to), nil
}

// arrange puts the rows in order and cuts them into days and user-days.
func (r *Rows) arrange(texts *rowTexts, clock *clocks, from, to int64) []*Day {
	signs, ops := len(r.signs.Micro), len(r.ops.Micro)
	n := signs + ops
	// Users in order of their e-mails, numbered anew, as the dictionary numbers them in the order of landing.
	var users []uint32
	rank := map[uint32]int{}
	for _, codes := range [][]uint32{r.signs.User.Codes, r.ops.User.Codes} {
		last := ^uint32(0)
		for _, u := range codes {
			if u != last {
				rank[u] = 0
				last = u
			}
		}
	}
	for u := range rank {
		users = append(users, u)
	}
	slices.SortFunc(users, func(a, b uint32) int { return strings.Compare(r.dict.Text(a), r.dict.Text(b)) })
	for i, u := range users {
		rank[u] = i
	}
	rankOf := make([]int32, r.dict.Len())
	for u, i := range rank {
		rankOf[u] = int32(i)
	}
	// Counting sort by day and user.
	days := int(to - from + 1)
	bucket := make([]int32, n)
	starts := make([]int32, days*len(users)+1)
	place := func(i int, micro int64, user uint32) {
		b := int32(floorDiv(micro, 86400e6)-from)*int32(len(users)) + rankOf[user]
		bucket[i] = b
		starts[b+1]++
	}
	for i, m := range r.signs.Micro {
		place(i, m, r.signs.User.Codes[i])
	}
	for i, m := range r.ops.Micro {
		place(signs+i, m, r.ops.User.Codes[i])
	}
	for i := 1; i < len(starts); i++ {
		starts[i] += starts[i-1]
	}
	next := slices.Clone(starts)
	r.at = make([]int32, n)
	for i, b := range bucket {
		k := int32(i)
		if i >= signs {
			k = ^int32(i - signs)
		}
		r.at[next[b]] = k
		next[b]++
	}
	var spans [][2]int
	for b := range len(starts) - 1 {
		if starts[b] < starts[b+1] {
			spans = append(spans, [2]int{int(starts[b]), int(starts[b+1])})
		}
	}
	// Texts are made in one thread; sorting reads them alone.
	for i := range r.at {
		if k := r.at[i]; k < 0 {
			texts.pair(r.ops.Category.Codes[^k], r.ops.Action.Codes[^k])
		} else {
			texts.kind(r.signs.Kind.Codes[k])
		}
	}
	Parallel(len(spans), func(i int) { r.sort(texts, spans[i][0], spans[i][1]) })
	r.settle(texts, clock)

	var out []*Day
	counts := make([]float64, len(spans)*len(Behaviours))
	events := make([]Event, 0, n)
	starting := make([]int, len(spans)+1) // of a user-day's events
	for i, s := range spans {
		for k := s[0]; k < s[1]; k++ {
			e := r.event(k)
			for range r.Repeats(k) {
				events = append(events, e)
			}
		}
		starting[i+1] = len(events)
	}
	dayOf := func(i int) int64 { return floorDiv(r.micro(spans[i][0]), 86400e6) }
	for i, s := range spans {
		if day := dayOf(i); len(out) == 0 || out[len(out)-1].Number != day {
			users := sort.Search(len(spans)-i, func(k int) bool { return dayOf(i+k) > day })
			out = append(out, &Day{Number: day, Rows: r, Users: make([]UserDay, 0, users)})
		}
		d := out[len(out)-1]
		d.Users = append(d.Users, UserDay{Email: r.User(s[0]), Lo: s[0], Hi: s[1], Events: events[starting[i]:starting[i+1]:starting[i+1]],
			Counts: counts[i*len(Behaviours) : (i+1)*len(Behaviours) : (i+1)*len(Behaviours)]})
		for k := s[0]; k < s[1]; k++ {
			if l, ok := r.lifecycle(k); ok {
				d.Lifecycle = append(d.Lifecycle, l)
			}
		}
	}
	for _, d := range out {
		Parallel(len(d.Users), func(i int) { u := &d.Users[i]; count(r, u.Lo, u.Hi, u.Counts) })
		slices.SortStableFunc(d.Lifecycle, func(a, b Lifecycle) int { return cmp.Compare(a.Second, b.Second) })
	}
	return out
}

// sort puts rows [lo, hi) of one user-day in order: by second, then by what was done, then by their ids.
func (r *Rows) sort(texts *rowTexts, lo, hi int) {
	if hi-lo < 2 {
		return
	}
	at := func(k int32) (id string, action uint32) {
		if k >= 0 {
			return r.signs.ID[k], texts.kinds[r.signs.Kind.Codes[k]]
		}
		k = ^k
		return r.ops.ID[k], texts.pairs[uint64(r.ops.Category.Codes[k])<<32|uint64(r.ops.Action.Codes[k])].action
	}
	slices.SortFunc(r.at[lo:hi], func(a, b int32) int {
		if as, bs := floorDiv(r.microAt(a), 1e6), floorDiv(r.microAt(b), 1e6); as != bs {
			return cmp.Compare(as, bs)
		}
		ai, aa := at(a)
		bi, ba := at(b)
		if aa != ba {
			return strings.Compare(r.dict.Text(aa), r.dict.Text(ba))
		}
		return strings.Compare(ai, bi)
	})
}

// lifecycle reads from an operation whether it removed an account or brought it back. Zoom writes "Deactivate User x", "delete user - x", "Activate User x", and
// "Add User x" (the case varies).
func (r *Rows) lifecycle(i int) (Lifecycle, bool) {
	k := r.at[i]
	if k >= 0 || r.ops.Subject.Codes[^k] == 0 || r.traits[i]&AdminCategory == 0 || r.Category(i) != "user" {
		return Lifecycle{}, false
	}
	l := Lifecycle{Email: strings.ToLower(r.Subject(i)), Second: r.Second(i)}
	detail := r.Detail(i)
	switch {
	case hasPrefixFold(detail, "deactivate user"), hasPrefixFold(detail, "delete user"):
		l.Removed = true
	case hasPrefixFold(detail, "activate user"), hasPrefixFold(detail, "add user"):
	default:
		return Lifecycle{}, false
	}
	return l, true
}
