package ingest

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zoomward/zoomward/ingest/geo"
	"github.com/zoomward/zoomward/ingest/zoom"
	"github.com/zoomward/zoomward/store"
)

// columnKind says how a column is read from a row of Zoom's.
type columnKind int

const (
	text    columnKind = iota
	address            // an e-mail address, in lower case
	integer            // NULL where Zoom sends none: 0 is a count
	number
	flag
	instant
	calendarDay
	list
	listIfSent // a list that lands as NULL where Zoom sends none: an empty one would say something
	usedKeys   // the keys of an object whose values are true
	span       // "01:02:03" as seconds
	isSet      // whether a text is there at all, for those that must not be kept
	digits     // a number that Zoom writes in groups: "982 610 0285"
	argument   // from the call and not from the row: an id that Zoom does not repeat
	argumentDay
	moment    // when something happened: rows before Zoom existed are rejected, those after the run's clock wait for a later one
	momentDay // the same of a day
	idsOfList // the ids of the objects in a list, "a.b" being the list and the field
)

// column is one column of a table and where in Zoom's row its value stands. Several paths: the first that holds something.
type column struct {
	name  string
	kind  columnKind
	paths []string
}

func col(name string, kind columnKind, paths ...string) column {
	if len(paths) == 0 {
		paths = []string{name}
	}
	return column{name, kind, paths}
}

// table is where the rows of a feed land: what is kept of a row stands here and nowhere else.
type table struct {
	name    string   // schema.table
	key     string   // column by which a row is known
	keyOf   []string // columns whose values make the key by hash; none: the key is one of the columns
	columns []column
	hashed  bool // rows change: row_hash tells whether one did
	listed  bool // rows come and go: first_seen_at and removed_at tell when
	batched bool // the fold reads it: rows carry the number of their landing
	places  bool // ip_address is looked up and its place pinned to the row
	kept    versions
}

// landing is rows on their way into a table.
type landing struct {
	table  *table
	rows   []record
	counts counts
}

// record is a row as it lands.
type record struct {
	key, hash string
	vals      []value   // one a column
	place     geo.Place // of ip_address, in a table with places
}

// placed is the column of the address whose place is pinned.
const placed = "ip_address"

// at returns the number of a column.
func (t *table) at(name string) int {
	return slices.IndexFunc(t.columns, func(c column) bool { return c.name == name })
}

func (t *table) landing() *landing { return &landing{table: t} }

// merge appends the rows of another landing of the same table.
func (l *landing) merge(o *landing) {
	l.rows = append(l.rows, o.rows...)
	l.counts.merge(o.counts)
}

// keys returns what the rows are known by.
func (l *landing) keys() []string { return columnOf(l.rows, func(r *record) string { return r.key }) }

// distinct returns how many rows there are, those that Zoom sent twice counted once.
func (l *landing) distinct() int {
	seen := make(map[string]struct{}, len(l.rows))
	for i := range l.rows {
		seen[l.rows[i].key] = struct{}{}
	}
	return len(seen)
}

// firstText returns the first of some paths that holds text.
func firstText(row zoom.Row, paths []string) string {
	for _, p := range paths {
		if s := row.Text(p); s != "" {
			return s
		}
	}
	return ""
}

func firstPath(row zoom.Row, paths []string) string {
	for _, p := range paths {
		if row.Has(p) {
			return p
		}
	}
	return paths[0]
}

// value is one field as it lands and as text for the hash.
type value struct {
	s    string
	i    *int64
	f    float64
	b    *bool
	t    time.Time
	l    []string
	text string
}

func (c *column) read(row zoom.Row, args zoom.Args) value {
	var v value
	switch c.kind {
	case text:
		v.s = firstText(row, c.paths)
		v.text = v.s
	case address:
		v.s = email(firstText(row, c.paths))
		v.text = v.s
	case digits:
		v.s = strings.Map(func(r rune) rune {
			if r == ' ' {
				return -1
			}
			return r
		}, firstText(row, c.paths))
		v.text = v.s
	case argument:
		v.s = args[c.paths[0]]
		v.text = v.s
	case argumentDay:
		v.text = args[c.paths[0]]
		v.t, _ = time.Parse(time.DateOnly, v.text) // dates of this program's own making
	case integer:
		if n, ok := row.Int(firstPath(row, c.paths)); ok {
			v.i, v.text = &n, strconv.FormatInt(n, 10)
		}
	case span:
		if n, ok := row.Seconds(firstPath(row, c.paths)); ok {
			v.i, v.text = &n, strconv.FormatInt(n, 10)
		}
	case number:
		v.f = math.NaN()
		if f, ok := row.Float(firstPath(row, c.paths)); ok && !math.IsInf(f, 0) {
			v.f, v.text = f, strconv.FormatFloat(f, 'g', -1, 64)
		}
	case flag:
		if v.b = row.Bool(firstPath(row, c.paths)); v.b != nil {
			v.text = strconv.FormatBool(*v.b)
		}
	case isSet:
		if p := firstPath(row, c.paths); row.Has(p) {
			set := row.Text(p) != ""
			v.b, v.text = &set, strconv.FormatBool(set)
		}
	case instant, moment, momentDay, calendarDay:
		for _, p := range c.paths {
			if t := row.Time(p); !t.IsZero() {
				v.t = possible(t)
				break
			}
		}
		if !v.t.IsZero() {
			v.text = v.t.Format(time.RFC3339Nano)
		}
	case list, listIfSent:
		v.l = row.Texts(firstPath(row, c.paths))
		slices.Sort(v.l)
		v.text = strings.Join(v.l, "\x1f")
	case usedKeys:
		v.l = row.Keys(firstPath(row, c.paths))
		v.text = strings.Join(v.l, "\x1f")
	case idsOfList:
		at, field, _ := cutLastDot(c.paths[0])
		for _, o := range row.Rows(at) {
			v.l = append(v.l, o.Text(field))
		}
		v.text = strings.Join(v.l, "\x1f")
	}
	return v
}

func cutLastDot(s string) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, '.')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

// add maps a row as Zoom sent it; what cannot land is counted.
func (l *landing) add(r *runner, row zoom.Row, args zoom.Args) {
	t := l.table
	vals := make([]value, len(t.columns))
	for i := range t.columns {
		vals[i] = t.columns[i].read(row, args)
		if k := t.columns[i].kind; k == moment || k == momentDay {
			switch at := vals[i].t; {
			case at.IsZero():
				l.counts.reject(badTime)
				return
			case at.After(r.Now):
				l.counts.later++
				return
			}
		}
	}
	if !l.append(vals) {
		l.counts.reject(t.key + " is missing")
		return
	}
	if t.places {
		l.rows[len(l.rows)-1].place = r.Geo.Lookup(geo.Parse(vals[t.at(placed)].s))
	}
}

// append adds a row of read values; false when it has no identity.
func (l *landing) append(vals []value) bool {
	key, hash := l.table.identify(vals)
	if key == "" {
		return false
	}
	l.rows = append(l.rows, record{key: key, hash: hash, vals: vals})
	return true
}

// identify returns the key of a row and the hash over all of it. A row that has no id of its own is known by the columns of keyOf, of which at least one must
// come from the row.
func (t *table) identify(vals []value) (key, hash string) {
	var own, all []string
	known := false
	for i, c := range t.columns {
		if c.name == t.key {
			key = vals[i].text
		}
		if slices.Contains(t.keyOf, c.name) {
			own = append(own, vals[i].text)
			known = known || vals[i].text != "" && c.kind != argument && c.kind != argumentDay
		}
		if c.kind != argument { // says how the row was come by
			all = append(all, vals[i].text)
		}
	}
	if known {
		key = identity(t.name, own...)
	}
	if t.hashed || t.listed {
		hash = identity(t.name, all...)
	}
	return key, hash
}

// frame is the landing as the store takes it.
func (l *landing) frame(now time.Time, batch int64, runID string) store.Columns {
	t := l.table
	var out store.Columns
	keyed := false
	for i, c := range t.columns {
		x := store.Column{Name: c.name}
		keyed = keyed || c.name == t.key
		switch c.kind {
		case text, address, digits, argument:
			x.Null, x.Values = c.name != t.key, columnOf(l.rows, func(r *record) string { return r.vals[i].s })
		case integer, span:
			x.Values = columnOf(l.rows, func(r *record) *int64 { return r.vals[i].i })
		case number:
			x.Values = columnOf(l.rows, func(r *record) float64 { return r.vals[i].f })
		case flag, isSet:
			x.Values = columnOf(l.rows, func(r *record) *bool { return r.vals[i].b })
		case instant, moment, momentDay, calendarDay, argumentDay:
			x.Date = c.kind == calendarDay || c.kind == momentDay || c.kind == argumentDay
			x.Values = columnOf(l.rows, func(r *record) time.Time { return r.vals[i].t })
		case listIfSent:
			x.Values = columnOf(l.rows, func(r *record) []string { return r.vals[i].l })
		case list, usedKeys, idsOfList:
			x.Values = columnOf(l.rows, func(r *record) []string { return append([]string{}, r.vals[i].l...) })
		}
		out = append(out, x)
	}
	if !keyed {
		out = append(out, store.Column{Name: t.key, Values: l.keys()})
	}
	if t.hashed || t.listed {
		out = append(out, store.Column{Name: hashColumn, Values: columnOf(l.rows, func(r *record) string { return r.hash })})
	}
	if t.listed {
		out = append(out, store.Column{Name: "first_seen_at", Values: slices.Repeat([]time.Time{now}, len(l.rows))},
			store.Column{Name: "removed_at", Values: make([]time.Time, len(l.rows))})
	}
	batches, runs := stamps(len(l.rows), batch, runID)
	if t.batched {
		out = append(out, store.Column{Name: "batch", Values: batches})
	}
	if t.places {
		out = append(out, placeColumns(l.rows, t.at(placed))...)
	}
	return append(out, store.Column{Name: "run_id", Values: runs})
}

// columnOf takes one column out of rows.
func columnOf[T any](rows []record, of func(r *record) T) []T {
	out := make([]T, len(rows))
	for i := range rows {
		out[i] = of(&rows[i])
	}
	return out
}

const hashColumn = "row_hash"

// placeColumns are where the addresses in column ip are, as pinned when their rows land: what a database says tomorrow is no news of yesterday.
func placeColumns(rows []record, ip int) store.Columns {
	return store.Columns{
		{Name: "ip_prefix", Null: true, Values: columnOf(rows, func(r *record) string { return geo.Prefix(r.vals[ip].s) })},
		{Name: "country_code", Null: true, Values: columnOf(rows, func(r *record) string { return r.place.Country })},
		{Name: "city", Null: true, Values: columnOf(rows, func(r *record) string { return r.place.City })},
		{Name: "latitude", Values: columnOf(rows, func(r *record) float64 { return r.place.Lat })},
		{Name: "longitude", Values: columnOf(rows, func(r *record) float64 { return r.place.Lon })},
		{Name: "accuracy_km", Values: columnOf(rows, func(r *record) float64 { return r.place.AccuracyKm })},
		{Name: "asn", Null: true, Values: columnOf(rows, func(r *record) int64 { return r.place.ASN })},
		{Name: "as_org", Null: true, Values: columnOf(rows, func(r *record) string { return r.place.Org })},
		{Name: "network_category", Null: true, Values: columnOf(rows, func(r *record) string { return r.place.Category })},
		{Name: "geo_source", Null: true, Values: columnOf(rows, func(r *record) string { return r.place.Source })},
		{Name: "network_tags", Values: columnOf(rows, func(r *record) []string { return r.place.Tags })},
	}
}
