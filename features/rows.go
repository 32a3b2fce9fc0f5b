package features

import (
	"strconv"
	"strings"
	"time"

	"github.com/zoomward/zoomward/store"
)

// A Trait is something that a row is or does. Behaviours count rows by their traits.
type Trait uint32

// The traits of rows.
const (
	SignIn          Trait = 1 << iota // somebody signed in
	Operation                         // a row of the operation log
	AdminOperation                    // one that administrates: who edits himself administrates nothing
	OffHours                          // at night, 22 to 6 h by the user's own clock; weekends are for the volumes to judge
	AdminCategory                     // of a category that administrators work in, whomever it is about
	SettingChange                     // changes an account setting
	RoleChange                        // changes somebody's role
	UserRemoval                       // deletes or deactivates a user
	UserAddition                      // adds a user
	RecordingDelete                   // deletes a recording or puts it in the trash
	RecordingAccess                   // downloads, shares or exports a recording
	Detached                          // a sign-in or sign-out through the organisation's VPN, a relay or a satellite, which says nothing of where somebody is
)

// Rows are sign-ins, sign-outs and operations of several days, in columns; a row of either kind is addressed by one number.
type Rows struct {
	signs  signRows
	ops    operationRows
	at     []int32  // row -> index into signs, or ^index into ops
	traits []Trait  // by row
	action []uint32 // by row: number of the text of Action
	offset []int32  // by row: seconds that the user's clock is ahead of UTC
	// Numbers of texts that rowTexts made, 0 for none: by index into signs the network operator and the client's version, by index into ops the setting.
	network, version, setting []uint32
	// The texts of all numbers. Only Text may be called: Days adds to it meanwhile.
	dict *store.Dictionary
}

// signRows are sign-ins and sign-outs as the database holds them.
type signRows struct {
	User     store.Coded `col:"user_email"`
	Micro    []int64     `col:"at"` // microseconds since 1970
	Kind     store.Coded `col:"kind"`
	IP       store.Coded `col:"ip_address"`
	Prefix   store.Coded `col:"ip_prefix"`
	ASN      []int64     `col:"asn"`
	Org      store.Coded `col:"as_org"`
	Purpose  store.Coded `col:"network_category"`
	Tags     store.Coded `col:"tags"` // joined by spaces
	Country  store.Coded `col:"country_code"`
	City     store.Coded `col:"city"`
	Lat      []float64   `col:"latitude"`
	Lon      []float64   `col:"longitude"`
	Accuracy []float64   `col:"accuracy_km"`
	Client   store.Coded `col:"client_type"`
	Version  store.Coded `col:"client_version"`
	ID       []string    `col:"id"`
	Repeats  []int64     `col:"repeats"` // events of one second that the row stands for
}

// operationRows are operations as the database holds them.
type operationRows struct {
	User     store.Coded `col:"operator"`
	Micro    []int64     `col:"at"`
	Category store.Coded `col:"category"`
	Action   store.Coded `col:"action"`
	Detail   store.Coded `col:"detail"`
	Subject  store.Coded `col:"subject"`
	Setting  store.Coded `col:"setting"`
	Changes  store.Coded `col:"changes"`
	ID       []string    `col:"id"`
	Repeats  []int64     `col:"repeats"` // events of one second that the row stands for
}

// Has tells whether a row has all of the traits.
func (r *Rows) Has(i int, t Trait) bool { return r.traits[i]&t == t }

// micro returns when it was, in microseconds since 1970.
func (r *Rows) micro(i int) int64 { return r.microAt(r.at[i]) }

// microAt is micro for an entry of at.
func (r *Rows) microAt(k int32) int64 {
	if k >= 0 {
		return r.signs.Micro[k]
	}
	return r.ops.Micro[^k]
}

// At returns when it was, UTC.
func (r *Rows) At(i int) time.Time { return time.UnixMicro(r.micro(i)).UTC() }

// Second returns when it was, in seconds since 1970.
func (r *Rows) Second(i int) int64 { return floorDiv(r.micro(i), 1e6) }

// Local returns the user's wall clock, as if that were UTC.
func (r *Rows) Local(i int) time.Time { return r.At(i).Add(time.Duration(r.offset[i]) * time.Second) }

func (r *Rows) sign(i int, c *store.Coded) string {
	if k := r.at[i]; k >= 0 {
		return c.Text(int(k))
	}
	return ""
}

func (r *Rows) op(i int, c *store.Coded) string {
	if k := r.at[i]; k < 0 {
		return c.Text(int(^k))
	}
	return ""
}

// User returns whose row it is.
func (r *Rows) User(i int) string { return r.dict.Text(r.user(i)) }

func (r *Rows) user(i int) uint32 {
	if k := r.at[i]; k >= 0 {
		return r.signs.User.Codes[k]
	} else {
		return r.ops.User.Codes[^k]
	}
}

// Kind returns sign_in, sign_out or operation.
func (r *Rows) Kind(i int) string {
	if r.at[i] < 0 {
		return "operation"
	}
	return r.sign(i, &r.signs.Kind)
}

// Action returns what was done in one text: "Sign in", "Sign out", or category and action of an operation.
func (r *Rows) Action(i int) string { return r.dict.Text(r.action[i]) }

// Category returns the category of an operation in lower case.
func (r *Rows) Category(i int) string { return strings.ToLower(r.op(i, &r.ops.Category)) }

// Detail returns what was done by an operation, in Zoom's words.
func (r *Rows) Detail(i int) string { return r.op(i, &r.ops.Detail) }

// Subject returns whom or what an operation was done to.
func (r *Rows) Subject(i int) string { return r.op(i, &r.ops.Subject) }

// Setting returns the first setting that an operation changed.
func (r *Rows) Setting(i int) string { return r.op(i, &r.ops.Setting) }

// Changes returns the changes of an operation as JSON.
func (r *Rows) Changes(i int) string { return r.op(i, &r.ops.Changes) }

// IP returns the address of a sign-in.
func (r *Rows) IP(i int) string { return r.sign(i, &r.signs.IP) }

// Prefix returns the network prefix of that address.
func (r *Rows) Prefix(i int) string { return r.sign(i, &r.signs.Prefix) }

// Country returns the country of that address.
func (r *Rows) Country(i int) string { return r.sign(i, &r.signs.Country) }

// City returns the city of that address.
func (r *Rows) City(i int) string { return r.sign(i, &r.signs.City) }

// Client returns the kind of client of a sign-in.
func (r *Rows) Client(i int) string { return r.sign(i, &r.signs.Client) }

// Version returns the version of that client.
func (r *Rows) Version(i int) string { return r.sign(i, &r.signs.Version) }

// Network returns the network operator of a sign-in as text, "" when not known.
func (r *Rows) Network(i int) string {
	if k := r.at[i]; k >= 0 && r.signs.ASN[k] != 0 {
		return strconv.FormatInt(r.signs.ASN[k], 10)
	}
	return ""
}

// Org returns the name of the network operator of a sign-in.
func (r *Rows) Org(i int) string { return r.sign(i, &r.signs.Org) }

// NetworkCategory returns what the network of a sign-in is used for, as package geo names it; "" when the row landed without.
func (r *Rows) NetworkCategory(i int) string { return r.sign(i, &r.signs.Purpose) }

// Tags returns the tags of the lists that held the address of a sign-in.
func (r *Rows) Tags(i int) []string { return strings.Fields(r.sign(i, &r.signs.Tags)) }

// Place returns where a sign-in came from; ok is false when its country is not known, the rest is there all the same.
func (r *Rows) Place(i int) (p Place, ok bool) {
	k := r.at[i]
	if k < 0 {
		return Place{}, false
	}
	s := &r.signs
	return Place{Second: r.Second(i), IP: s.IP.Text(int(k)), Prefix: s.Prefix.Text(int(k)), Network: r.Network(i), Country: s.Country.Text(int(k)), City: s.City.Text(int(k)),
			Lat: s.Lat[k], Lon: s.Lon[k], AccuracyKM: s.Accuracy[k], Client: s.Client.Text(int(k)), Category: s.Purpose.Text(int(k)), Tags: s.Tags.Text(int(k))},
		s.Country.Codes[k] != 0
}

// ID returns activity_id or operation_id.
func (r *Rows) ID(i int) string {
	if k := r.at[i]; k >= 0 {
		return r.signs.ID[k]
	} else {
		return r.ops.ID[^k]
	}
}

// maxRepeats bounds how many events a row may stand for.
const maxRepeats = 1000

// Repeats returns how many events that nothing tells apart the row stands for.
func (r *Rows) Repeats(i int) int {
	n := int64(1)
	if k := r.at[i]; k >= 0 {
		n = r.signs.Repeats[k]
	} else {
		n = r.ops.Repeats[^k]
	}
	return int(min(max(n, 1), maxRepeats))
}

// event returns row i as the tokens see it.
func (r *Rows) event(i int) Event {
	e := Event{Second: r.Second(i), Action: r.action[i]}
	e.LocalSecond = e.Second + int64(r.offset[i])
	k := r.at[i]
	if k < 0 {
		e.Setting = r.setting[^k]
		return e
	}
	s := &r.signs
	if r.traits[i]&SignIn != 0 {
		e.SignIn = true
		e.Prefix, e.Country, e.Client = s.Prefix.Codes[k], s.Country.Codes[k], s.Client.Codes[k]
		e.Network, e.Version = r.network[k], r.version[k]
	}
	return e
}

// rowTexts makes, once for every distinct combination, the texts that the database does not hold as such. It belongs to the reading of rows alone, which runs beside
// the work on those that were read: Rows do not keep it.
type rowTexts struct {
	dict     *store.Dictionary
	kinds    map[uint32]uint32
	pairs    map[uint64]pairTexts
	versions map[uint64]uint32
	settings map[uint64]uint32
	networks map[int64]uint32
	details  map[uint32]Trait
	loose    map[uint64]bool // by category and tags of a network
}

// pairTexts is what category and action of an operation make together.
type pairTexts struct {
	action  uint32 // number of "Category|Action"
	traits  Trait
	account bool // of category account
	user    bool // of category user
}

func newRowTexts(dict *store.Dictionary) *rowTexts {
	return &rowTexts{dict, map[uint32]uint32{}, map[uint64]pairTexts{}, map[uint64]uint32{}, map[uint64]uint32{}, map[int64]uint32{}, map[uint32]Trait{}, map[uint64]bool{}}
}

// kind names a sign-in or sign-out as the log of Zoom's portal does.
func (x *rowTexts) kind(code uint32) uint32 {
	n, ok := x.kinds[code]
	if !ok {
		switch s := x.dict.Text(code); s {
		case "sign_in":
			n = x.dict.Code("Sign in")
		case "sign_out":
			n = x.dict.Code("Sign out")
		default:
			n = code
		}
		x.kinds[code] = n
	}
	return n
}

func (x *rowTexts) pair(category, action uint32) pairTexts {
	key := uint64(category)<<32 | uint64(action)
	p, ok := x.pairs[key]
	if !ok {
		c, a := x.dict.Text(category), x.dict.Text(action)
		lower := strings.ToLower(c)
		p = pairTexts{x.dict.Code(c + "|" + a), operationTraits(lower, strings.ToLower(a)), lower == "account", lower == "user"}
		x.pairs[key] = p
	}
	return p
}

func (x *rowTexts) version(client, version uint32) uint32 {
	return x.joined(x.versions, client, " ", version)
}

func (x *rowTexts) setting(category, setting uint32) uint32 {
	return x.joined(x.settings, category, "|", setting)
}

func (x *rowTexts) joined(known map[uint64]uint32, a uint32, between string, b uint32) uint32 {
	key := uint64(a)<<32 | uint64(b)
	n, ok := known[key]
	if !ok {
		n = x.dict.Code(x.dict.Text(a) + between + x.dict.Text(b))
		known[key] = n
	}
	return n
}

func (x *rowTexts) network(asn int64) uint32 {
	if asn == 0 {
		return 0
	}
	n, ok := x.networks[asn]
	if !ok {
		n = x.dict.Code(strconv.FormatInt(asn, 10))
		x.networks[asn] = n
	}
	return n
}

// isAdminCategory says whether operations of a category (lower case) administrate.
func isAdminCategory(c string) bool {
	switch c {
	case "account", "user", "user group", "role", "billing", "sub account", "zoom rooms":
		return true
	}
	return false
}

// operationTraits returns what category and action (lower case) say of an operation.
func operationTraits(category, action string) Trait {
	t := Operation
	has := func(parts ...string) bool {
		for _, p := range parts {
			if strings.Contains(action, p) {
				return true
			}
		}
		return false
	}
	if isAdminCategory(category) {
		t |= AdminCategory
	}
	switch category {
	case "user":
		if has("delete") {
			t |= UserRemoval
		}
		if has("add", "create") {
			t |= UserAddition
		}
	case "recording":
		if has("delete", "trash") {
			t |= RecordingDelete
		}
		if has("download", "share", "export") {
			t |= RecordingAccess
		}
	}
	return t
}

// detail returns what the words of an operation say of it besides.
func (x *rowTexts) detail(code uint32) Trait {
	if code == 0 {
		return 0
	}
	t, ok := x.details[code]
	if !ok {
		d := x.dict.Text(code)
		if hasPrefixFold(d, "change role") {
			t |= RoleChange
		}
		if hasPrefixFold(d, "deactivate user") || hasPrefixFold(d, "delete user") {
			t |= UserRemoval
		}
		x.details[code] = t
	}
	return t
}

// detached says whether a network of that category and those tags tells nothing of where its user is.
func (x *rowTexts) detached(category, tags uint32) bool {
	if category == 0 && tags == 0 {
		return false
	}
	key := uint64(category)<<32 | uint64(tags)
	is, ok := x.loose[key]
	if !ok {
		is = Place{Category: x.dict.Text(category), Tags: x.dict.Text(tags)}.detached()
		x.loose[key] = is
	}
	return is
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// settle works out the traits, the action, the clock and the made texts of every row.
func (r *Rows) settle(texts *rowTexts, clock *clocks) {
	n := len(r.at)
	r.traits, r.action, r.offset = make([]Trait, n), make([]uint32, n), make([]int32, n)
	r.network, r.version, r.setting = make([]uint32, len(r.signs.Micro)), make([]uint32, len(r.signs.Micro)), make([]uint32, len(r.ops.Micro))
	signIn, _ := r.dict.Find("sign_in")
	for i, k := range r.at {
		var t Trait
		if k < 0 {
			t = r.operationTraits(texts, ^k)
			r.action[i] = texts.pair(r.ops.Category.Codes[^k], r.ops.Action.Codes[^k]).action
			if s := r.ops.Setting.Codes[^k]; s != 0 {
				r.setting[^k] = texts.setting(r.ops.Category.Codes[^k], s)
			}
		} else {
			r.action[i] = texts.kind(r.signs.Kind.Codes[k])
			if r.signs.Kind.Codes[k] == signIn {
				t = SignIn
				r.network[k] = texts.network(r.signs.ASN[k])
				if v := r.signs.Version.Codes[k]; v != 0 {
					r.version[k] = texts.version(r.signs.Client.Codes[k], v)
				}
			}
			if texts.detached(r.signs.Purpose.Codes[k], r.signs.Tags.Codes[k]) {
				t |= Detached
			}
		}
		second := r.Second(i)
		r.offset[i] = clock.offset(r.user(i), second)
		if hour := floorMod(second+int64(r.offset[i]), 86400) / 3600; hour < 6 || hour >= 22 {
			t |= OffHours
		}
		r.traits[i] = t
	}
}

// operationTraits returns the traits of operation k, but for the hour.
func (r *Rows) operationTraits(texts *rowTexts, k int32) Trait {
	o := &r.ops
	p := texts.pair(o.Category.Codes[k], o.Action.Codes[k])
	t, said := p.traits, texts.detail(o.Detail.Codes[k])
	if !p.user {
		said &^= UserRemoval
	}
	t |= said
	if t&AdminCategory != 0 && o.Subject.Codes[k] != o.User.Codes[k] {
		t |= AdminOperation
	}
	if p.account && o.Setting.Codes[k] != 0 {
		t |= SettingChange
	}
	return t
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func floorMod(a, b int64) int64 { return a - b*floorDiv(a, b) }
