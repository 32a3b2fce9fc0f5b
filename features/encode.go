package features

import (
	"bytes"
	"encoding/binary"
	"encoding/gob"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
)

// Snapshot is a checkpoint in parts: the first holds what users have in common, each further one a block of users.
type Snapshot [][]byte

const (
	partUsers = 512 // users in a part
	// codecVersion changes with the form of a part; raise the engine's version with it, so that the history is folded anew.
	codecVersion = 3
)

// tenantState is the first part.
type tenantState struct {
	Version       int
	Day, FirstDay int64
	Regrouped     int64
	Behaviours    []string
	Words         []string
	Keys          [Channels][]uint64
	Pools         [Channels]Pool
	Moments       []volumeMoments
	Familiar      familiarityWeights
	Exits         []exit // by prefix, so that equal states give equal bytes
}

// exit is an entry of State.exits.
type exit struct {
	Prefix string
	Users  []string
}

// Snapshot encodes the state. Equal states give equal bytes.
func (s *State) Snapshot() (Snapshot, error) {
	var b bytes.Buffer
	t := tenantState{codecVersion, s.Day, s.FirstDay, s.Regrouped, nil, s.vocab.Words, s.vocab.Keys, s.pools, s.moments, s.familiar, nil}
	for _, prefix := range slices.Sorted(maps.Keys(s.exits)) {
		t.Exits = append(t.Exits, exit{prefix, s.exits[prefix]})
	}
	for _, x := range Behaviours {
		t.Behaviours = append(t.Behaviours, x.ID)
	}
	if err := gob.NewEncoder(&b).Encode(t); err != nil {
		return nil, fmt.Errorf("encode state of the tenant: %w", err)
	}
	all := s.Accounts()
	out := make(Snapshot, 1+(len(all)+partUsers-1)/partUsers)
	out[0] = b.Bytes()
	ParallelEach(len(out)-1, func(i int) {
		block := all[i*partUsers : min((i+1)*partUsers, len(all))]
		e := encoder{b: make([]byte, 0, 3000*len(block))}
		for _, a := range block {
			e.account(a)
		}
		out[i+1] = e.b
	})
	return out, nil
}

// errSnapshot says that bytes are no part of a checkpoint.
var errSnapshot = errors.New("not a checkpoint of this version")

// Restore decodes a checkpoint.
func Restore(in Snapshot) (*State, error) {
	if len(in) == 0 {
		return nil, fmt.Errorf("restore state: %w", errSnapshot)
	}
	var t tenantState
	if err := gob.NewDecoder(bytes.NewReader(in[0])).Decode(&t); err != nil {
		return nil, fmt.Errorf("decode state of the tenant: %w", err)
	}
	if t.Version != codecVersion || len(t.Behaviours) != len(Behaviours) || len(t.Moments) != len(Behaviours) {
		return nil, fmt.Errorf("restore state: %w", errSnapshot)
	}
	for i, b := range t.Behaviours {
		if Behaviours[i].ID != b {
			return nil, fmt.Errorf("restore state: behaviour %s: %w", b, errSnapshot)
		}
	}
	s := NewState()
	s.Day, s.FirstDay, s.Regrouped, s.pools, s.familiar, s.moments = t.Day, t.FirstDay, t.Regrouped, t.Pools, t.Familiar, t.Moments
	for _, x := range t.Exits {
		s.exits[x.Prefix] = x.Users
	}
	s.vocab.Words, s.vocab.Keys = t.Words, t.Keys
	s.vocab.index()
	blocks := make([][]*Account, len(in)-1)
	errs := make([]error, len(blocks))
	ParallelEach(len(blocks), func(i int) {
		d := decoder{b: in[i+1]}
		for len(d.b) > 0 && d.err == nil {
			blocks[i] = append(blocks[i], d.account())
		}
		errs[i] = d.err
	})
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("decode state of users: %w", err)
	}
	for _, block := range blocks {
		for _, a := range block {
			s.accounts[a.Email] = a
			s.sorted = append(s.sorted, a)
		}
	}
	if len(s.sorted) != len(s.accounts) {
		return nil, fmt.Errorf("decode state of users: a user stands twice: %w", errSnapshot)
	}
	return s, nil
}

// encoder appends values to bytes: integers as varints, floats as their bits, texts after their length.
type encoder struct{ b []byte }

func (e *encoder) int(v int64)     { e.b = binary.AppendVarint(e.b, v) }
func (e *encoder) size(n int)      { e.b = binary.AppendUvarint(e.b, uint64(n)) }
func (e *encoder) float(v float64) { e.b = binary.LittleEndian.AppendUint64(e.b, math.Float64bits(v)) }
func (e *encoder) text(s string)   { e.size(len(s)); e.b = append(e.b, s...) }

func (e *encoder) place(p *Place) {
	e.int(p.Second)
	for _, s := range []string{p.IP, p.Prefix, p.Network, p.Country, p.City, p.Client, p.Category, p.Tags} {
		e.text(s)
	}
	for _, x := range []float64{p.Lat, p.Lon, p.AccuracyKM} {
		e.float(x)
	}
}

func (e *encoder) account(a *Account) {
	e.text(a.Email)
	e.int(a.Days)
	e.int(a.FirstDay)
	e.int(a.LastDay)
	e.int(a.Removed)
	e.int(int64(a.Cluster))
	for _, x := range a.Familiar {
		e.float(x)
	}
	e.size(len(a.Devices))
	for _, d := range a.Devices {
		e.int(d.Client)
		e.b = binary.LittleEndian.AppendUint64(e.b, d.Version)
		e.int(d.Day)
	}
	e.place(&a.Place)
	e.int(a.Proxied)
	e.size(len(a.Sessions))
	for i := range a.Sessions {
		s := &a.Sessions[i]
		e.place(&s.Place)
		e.int(s.Closed)
		e.float(s.Lengths.N)
		e.float(s.Lengths.Mean)
		e.float(s.Lengths.M2)
	}
	e.size(len(a.Cities))
	for _, c := range a.Cities {
		e.text(c.Country)
		e.text(c.Name)
		e.float(c.Lat)
		e.float(c.Lon)
		e.int(c.Day)
	}
	// Of most behaviours most users show nothing: those are a number of days alone.
	for _, v := range a.Volumes {
		e.float(v.Days)
		if v.Sum == 0 && v.Max == 0 && v.Drift == 0 {
			e.size(0)
			continue
		}
		e.size(1)
		e.float(v.Sum)
		e.float(v.Max)
		e.float(v.Record)
		e.float(v.Drift)
	}
	for c := range a.Profiles {
		p := &a.Profiles[c]
		e.size(len(p.IDs))
		var last uint32
		for _, id := range p.IDs {
			e.size(int(id - last))
			last = id
		}
		for _, w := range p.W {
			e.b = binary.LittleEndian.AppendUint32(e.b, math.Float32bits(w))
		}
		e.float(p.Scale)
		e.float(p.Mass)
		e.float(p.Days)
		e.int(p.LastDay)
	}
}

// decoder reads what encoder wrote. After an error it returns zeros.
type decoder struct {
	b   []byte
	err error
}

func (d *decoder) fail() {
	d.b, d.err = nil, errSnapshot
}

func (d *decoder) int() int64 {
	v, n := binary.Varint(d.b)
	if n <= 0 {
		d.fail()
		return 0
	}
	d.b = d.b[n:]
	return v
}

// size reads a number of things that take at least so many bytes each.
func (d *decoder) size(bytes int) int {
	v, n := binary.Uvarint(d.b)
	if n <= 0 || v > math.MaxInt32 || int(v)*bytes > len(d.b)-n {
		d.fail()
		return 0
	}
	d.b = d.b[n:]
	return int(v)
}

func (d *decoder) word() uint64 {
	if len(d.b) < 8 {
		d.fail()
		return 0
	}
	v := binary.LittleEndian.Uint64(d.b)
	d.b = d.b[8:]
	return v
}

func (d *decoder) single() float32 {
	if len(d.b) < 4 {
		d.fail()
		return 0
	}
	v := binary.LittleEndian.Uint32(d.b)
	d.b = d.b[4:]
	return math.Float32frombits(v)
}

func (d *decoder) float() float64 { return math.Float64frombits(d.word()) }

func (d *decoder) text() string {
	n := d.size(1)
	s := string(d.b[:n])
	d.b = d.b[n:]
	return s
}

func (d *decoder) place() (p Place) {
	p.Second = d.int()
	for _, s := range []*string{&p.IP, &p.Prefix, &p.Network, &p.Country, &p.City, &p.Client, &p.Category, &p.Tags} {
		*s = d.text()
	}
	for _, x := range []*float64{&p.Lat, &p.Lon, &p.AccuracyKM} {
		*x = d.float()
	}
	return p
}

func (d *decoder) account() *Account {
	a := &Account{Email: d.text(), Days: d.int(), FirstDay: d.int(), LastDay: d.int(), Removed: d.int(), Cluster: int32(d.int()), Volumes: make([]Volume, len(Behaviours))}
	for i := range a.Familiar {
		a.Familiar[i] = d.float()
	}
	if n := d.size(10); n > 0 {
		a.Devices = make([]Device, n)
	}
	for i := range a.Devices {
		a.Devices[i] = Device{d.int(), d.word(), d.int()}
	}
	a.Place = d.place()
	a.Proxied = d.int()
	if n := d.size(30); n > 0 {
		a.Sessions = make([]Session, n)
	}
	for i := range a.Sessions {
		a.Sessions[i] = Session{d.place(), d.int(), Spread{d.float(), d.float(), d.float()}}
	}
	if n := d.size(19); n > 0 {
		a.Cities = make([]City, n)
	}
	for i := range a.Cities {
		a.Cities[i] = City{d.text(), d.text(), d.float(), d.float(), d.int()}
	}
	for i := range a.Volumes {
		v := &a.Volumes[i]
		v.Days = d.float()
		if d.size(0) != 0 {
			v.Sum, v.Max, v.Record, v.Drift = d.float(), d.float(), d.float(), d.float()
		}
	}
	for c := range a.Profiles {
		p := &a.Profiles[c]
		if n := d.size(5); n > 0 {
			p.IDs, p.W = make([]uint32, n), make([]float32, n)
		}
		var last uint32
		for i := range p.IDs {
			last += uint32(d.size(0))
			p.IDs[i] = last
		}
		for i := range p.W {
			p.W[i] = d.single()
		}
		p.Scale, p.Mass, p.Days, p.LastDay = d.float(), d.float(), d.float(), d.int()
	}
	return a
}
