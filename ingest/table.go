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
	usedKeys // the keys of an object whose values are true
	span     // "01:02:03" as seconds
	isSet    // whether a text is there at all, for those that must not be kept
	digits   // a number that Zoom writes in groups: "982 610 0285"
	argument // from the call and not from the row: an id that Zoom does not repeat
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
}

// landing is rows on their way into a table, column by column.
type landing struct {
	table   *table
	counts  counts
	n       int
	texts   map[string][]string
	ints    map[string][]*int64
	floats  map[string][]float64
	flags   map[string][]*bool
	times   map[string][]time.Time
	lists   map[string][][]string
	keys    []string
	hashes  []string
	place   placeColumns
	scratch []string
}

func (t *table) landing() *landing {
	return &landing{table: t, texts: map[string][]string{}, ints: map[string][]*int64{}, floats: map[string][]float64{}, flags: map[string][]*bool{},
		times: map[string][]time.Time{}, lists: map[string][][]string{}}
}

// merge appends the rows of another landing of the same table.
func (l *landing) merge(o *landing) {
	l.n += o.n
	l.counts.merge(o.counts)
	l.keys, l.hashes = append(l.keys, o.keys...), append(l.hashes, o.hashes...)
	for _, c := range l.table.columns {
		switch c.kind {
		case text, address, digits, argument:
			l.texts[c.name] = append(l.texts[c.name], o.texts[c.name]...)
		case integer, span:
			l.ints[c.name] = append(l.ints[c.name], o.ints[c.name]...)
		case number:
			l.floats[c.name] = append(l.floats[c.name], o.floats[c.name]...)
		case flag, isSet:
			l.flags[c.name] = append(l.flags[c.name], o.flags[c.name]...)
		case instant, moment, momentDay, calendarDay, argumentDay:
			l.times[c.name] = append(l.times[c.name], o.times[c.name]...)
		case list, usedKeys, idsOfList:
			l.lists[c.name] = append(l.lists[c.name], o.lists[c.name]...)
		}
	}
	l.place.merge(&o.place)
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
	case list:
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
		l.place.add(l.texts["ip_address"][l.n-1], r.Geo)
	}
}

// append adds a row of read values; false when it has no identity.
func (l *landing) append(vals []value) bool {
	key, hash := l.identify(vals)
	if key == "" {
		return false
	}
	l.n++
	l.keys = append(l.keys, key)
	l.hashes = append(l.hashes, hash)
	for i, c := range l.table.columns {
		v := &vals[i]
		switch c.kind {
		case text, address, digits, argument:
			l.texts[c.name] = append(l.texts[c.name], v.s)
		case integer, span:
			l.ints[c.name] = append(l.ints[c.name], v.i)
		case number:
			l.floats[c.name] = append(l.floats[c.name], v.f)
		case flag, isSet:
			l.flags[c.name] = append(l.flags[c.name], v.b)
		case instant, moment, momentDay, calendarDay, argumentDay:
			l.times[c.name] = append(l.times[c.name], v.t)
		case list, usedKeys, idsOfList:
			l.lists[c.name] = append(l.lists[c.name], append([]string{}, v.l...))
		}
	}
	return true
}

// identify returns the key of a row and the hash over all of it. A row that has no id of its own is known by the columns of keyOf, of which at least one must
// come from the row.
func (l *landing) identify(vals []value) (key, hash string) {
	t := l.table
	l.scratch = l.scratch[:0]
	known := false
	for i, c := range t.columns {
		if c.name == t.key {
			key = vals[i].text
		}
		if slices.Contains(t.keyOf, c.name) {
			l.scratch = append(l.scratch, vals[i].text)
			known = known || vals[i].text != "" && c.kind != argument && c.kind != argumentDay
		}
	}
	if known {
		key = identity(t.name, l.scratch...)
	}
	if t.hashed || t.listed {
		l.scratch = l.scratch[:0]
		for i, c := range t.columns {
			if c.kind != argument { // says how the row was come by
				l.scratch = append(l.scratch, vals[i].text)
			}
		}
		hash = identity(t.name, l.scratch...)
	}
	return key, hash
}

// frame is the landing as the store takes it.
func (l *landing) frame(now time.Time, batch int64, runID string) store.Columns {
	t := l.table
	var out store.Columns
	keyed := false
	for _, c := range t.columns {
		x := store.Column{Name: c.name}
		keyed = keyed || c.name == t.key
		switch c.kind {
		case text, address, digits, argument:
			x.Null, x.Values = c.name != t.key, orEmpty(l.texts[c.name])
		case integer, span:
			x.Values = orEmpty(l.ints[c.name])
		case number:
			x.Values = orEmpty(l.floats[c.name])
		case flag, isSet:
			x.Values = orEmpty(l.flags[c.name])
		case instant, moment, momentDay, calendarDay, argumentDay:
			x.Date, x.Values = c.kind == calendarDay || c.kind == momentDay || c.kind == argumentDay, orEmpty(l.times[c.name])
		case list, usedKeys, idsOfList:
			x.Values = orEmpty(l.lists[c.name])
		}
		out = append(out, x)
	}
	if !keyed {
		out = append(out, store.Column{Name: t.key, Values: orEmpty(l.keys)})
	}
	if t.hashed || t.listed {
		out = append(out, store.Column{Name: hashColumn, Values: orEmpty(l.hashes)})
	}
	if t.listed {
		out = append(out, store.Column{Name: "first_seen_at", Values: slices.Repeat([]time.Time{now}, l.n)},
			store.Column{Name: "removed_at", Values: make([]time.Time, l.n)})
	}
	batches, runs := stamps(l.n, batch, runID)
	if t.batched {
		out = append(out, store.Column{Name: "batch", Values: batches})
	}
	if t.places {
		out = append(out, l.place.columns()...)
	}
	return append(out, store.Column{Name: "run_id", Values: runs})
}

const hashColumn = "row_hash"

func orEmpty[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// placeColumns are where addresses are, as pinned when their rows land: what a database says tomorrow is no news of yesterday.
type placeColumns struct {
	prefix, country, city, org, category, source []string
	lat, lon, accuracy                           []float64
	asn                                          []int64
	tags                                         [][]string
}

func (p *placeColumns) add(ip string, db *geo.DB) {
	x := db.Lookup(geo.Parse(ip))
	p.prefix = append(p.prefix, geo.Prefix(ip))
	p.country, p.city = append(p.country, x.Country), append(p.city, x.City)
	p.lat, p.lon, p.accuracy = append(p.lat, x.Lat), append(p.lon, x.Lon), append(p.accuracy, x.AccuracyKm)
	p.asn, p.org = append(p.asn, x.ASN), append(p.org, x.Org)
	p.category, p.source = append(p.category, x.Category), append(p.source, x.Source)
	p.tags = append(p.tags, x.Tags)
}

func (p *placeColumns) merge(o *placeColumns) {
	p.prefix, p.country, p.city = append(p.prefix, o.prefix...), append(p.country, o.country...), append(p.city, o.city...)
	p.lat, p.lon, p.accuracy = append(p.lat, o.lat...), append(p.lon, o.lon...), append(p.accuracy, o.accuracy...)
	p.asn, p.org = append(p.asn, o.asn...), append(p.org, o.org...)
	p.category, p.source = append(p.category, o.category...), append(p.source, o.source...)
	p.tags = append(p.tags, o.tags...)
}

func (p *placeColumns) columns() store.Columns {
	return store.Columns{
		{Name: "ip_prefix", Null: true, Values: orEmpty(p.prefix)}, {Name: "country_code", Null: true, Values: orEmpty(p.country)}, {Name: "city", Null: true, Values: orEmpty(p.city)},
		{Name: "latitude", Values: orEmpty(p.lat)}, {Name: "longitude", Values: orEmpty(p.lon)}, {Name: "accuracy_km", Values: orEmpty(p.accuracy)},
		{Name: "asn", Null: true, Values: orEmpty(p.asn)}, {Name: "as_org", Null: true, Values: orEmpty(p.org)},
		{Name: "network_category", Null: true, Values: orEmpty(p.category)}, {Name: "geo_source", Null: true, Values: orEmpty(p.source)},
		{Name: "network_tags", Values: orEmpty(p.tags)},
	}
}
