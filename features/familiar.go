package features

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// Familiarity says how well a sign-in's place and device fit what the user and the organisation have used before, both together: a new network is ordinary with the
// old laptop (a cafe) and so is a new laptop at the old desk, while both at once hardly ever come from the owner. Where a bag of addresses cannot tell a new place that
// nobody knows from one that says nothing, this can: it asks how often this user, and how often somebody else in his stead, turns up so unfamiliar (Freeman et al.,
// "Who are you?", NDSS 2016: back off from address to network to country, from version to client).
type Familiarity int

// Levels of place, each once for every level of device: a class is the sum of the two.
const (
	OwnPrefix     Familiarity = devices * iota // from a network prefix of the user's own
	OwnNetwork                                 // new prefix, but an operator that the user has used in that country, or a network of the organisation
	OwnCountry                                 // new operator in a country of the user's
	TenantPlace                                // a country that is new to the user but not to the organisation
	NewPlace                                   // a country that is new to everybody; without location data a prefix that is
	Familiarities                              // their number
)

// Levels of device.
const (
	KnownDevice    Familiarity = iota // kind of client and version as the user had them of late, or nothing known against it
	UpgradedDevice                    // a client of the user's in a version newer than his newest
	OlderDevice                       // a client of the user's in a version older than his newest, which he did not have of late
	NewClient                         // a kind of client that is new to the user
	devices                           // their number
)

var placeNames = [...]string{"own network prefix", "own network operator, or a network of the organisation", "new network operator in a country of the user's",
	"country new to the user", "place new to the organisation"}

var deviceNames = [devices]string{"", ", newer version than the user's", ", older version than the user's", ", client new to the user"}

// Place returns the level of place alone.
func (f Familiarity) Place() Familiarity { return f - f%devices }

// Device returns the level of device alone.
func (f Familiarity) Device() Familiarity { return f % devices }

// String puts the class into words.
func (f Familiarity) String() string { return placeNames[f/devices] + deviceNames[f.Device()] }

const (
	// An organisation's own network is a prefix that at least ownersMin users have signed in from, and at least ownersShare of all: an office, a VPN. A colleague's line
	// at home is not.
	ownersMin   = 5
	ownersShare = 0.02
	// deviceDays is for how many days after its last use a version counts as one that the user has.
	deviceDays = 45
	// maxDevices bounds the versions that are remembered of a user: the latest used stay.
	maxDevices = 12
)

// A Context is where and with what sign-ins of a day were made, as token numbers; -1 is not known.
type Context struct {
	Prefix, Network, Country, Client int64
	Version                          uint64 // as a number that grows with the version, 0 when not known
	Count                            int
}

// A Device is a version of a client that a user signed in with.
type Device struct {
	Client  int64
	Version uint64
	Day     int64 // last
}

// versionNumber reads up to four numbers of a version such as 5.9.6.4993 into one that grows with it; 0 when it does not begin with a number.
func versionNumber(s string) uint64 {
	var out uint64
	for field := range 4 {
		n, digits := uint64(0), 0
		for digits < len(s) && s[digits] >= '0' && s[digits] <= '9' {
			n = min(n*10+uint64(s[digits]-'0'), math.MaxUint16)
			digits++
		}
		if digits == 0 && field == 0 {
			return 0
		}
		out = out<<16 | n
		if s = s[digits:]; s != "" && s[0] == '.' {
			s = s[1:]
		} else {
			s = ""
		}
	}
	return out
}

// contexts gathers the distinct contexts of a day's sign-ins, in order of first use. The events must be tokenised.
func (v *vocabulary) contexts(events []Event) []Context {
	var out []Context
	number := func(c Channel, code uint32) int64 {
		if code == 0 {
			return -1
		}
		return int64(v.tokens[c][v.word(code)<<8])
	}
next:
	for i := range events {
		e := &events[i]
		if !e.SignIn || e.Prefix == 0 {
			continue
		}
		x := Context{number(Prefix, e.Prefix), number(Network, e.Network), number(Country, e.Country), number(Client, e.Client), 0, 1}
		if e.Version != 0 {
			x.Version = versionNumber(strings.TrimPrefix(v.dict.Text(e.Version), v.dict.Text(e.Client)+" "))
		}
		for i := range out {
			o := &out[i]
			if o.Prefix == x.Prefix && o.Network == x.Network && o.Country == x.Country && o.Client == x.Client && o.Version == x.Version {
				o.Count++
				continue next
			}
		}
		out = append(out, x)
	}
	return out
}

// ContextOf returns the context of one sign-in of a tokenised day; ok is false when its network is not known.
func (s *State) ContextOf(r *Rows, row int) (x Context, ok bool) {
	list := s.vocab.contexts([]Event{r.event(row)})
	if len(list) == 0 {
		return Context{}, false
	}
	return list[0], true
}

// Releases returns the versions of a kind of client that everybody used of late, by number of user-days.
func (s *State) Releases(client string) map[string]float64 {
	out := map[string]float64{}
	pool := &s.pools[Version]
	for t, key := range s.vocab.Keys[Version] {
		version, ok := strings.CutPrefix(s.vocab.Words[key>>8], client+" ")
		if w := pool.Weight(uint32(t)); ok && w > 0 {
			out[version] += w
		}
	}
	return out
}

// Clients returns the kinds of client that everybody ever used.
func (s *State) Clients() []string {
	var out []string
	for t, key := range s.vocab.Keys[Client] {
		if s.pools[Client].Weight(uint32(t)) > 0 {
			out = append(out, s.vocab.Words[key>>8])
		}
	}
	return out
}

// Familiarity returns the class of a context for a user, as of the evening before. ok is false when the user has no sign-in to compare with.
func (s *State) Familiarity(a *Account, x Context) (f Familiarity, ok bool) {
	if a.Profiles[Prefix].Mass == 0 {
		return 0, false
	}
	own := func(c Channel, token int64) bool { return token >= 0 && a.Profiles[c].Weight(uint32(token)) > 0 }
	tenant := func(c Channel, token int64) float64 {
		if token < 0 {
			return 0
		}
		return s.pools[c].Weight(uint32(token))
	}
	switch {
	case own(Prefix, x.Prefix):
		f = OwnPrefix
	case own(Network, x.Network) && own(Country, x.Country), s.organisation(x.Prefix):
		f = OwnNetwork
	case own(Country, x.Country):
		f = OwnCountry
	case tenant(Country, x.Country) > 0, x.Country < 0 && tenant(Prefix, x.Prefix) > 0:
		f = TenantPlace
	default:
		f = NewPlace
	}
	if x.Client >= 0 && !own(Client, x.Client) {
		return f + NewClient, true
	}
	return f + a.device(x, s.Day), true
}

// device returns the level of a context's device for a user who has used its kind of client.
func (a *Account) device(x Context, day int64) Familiarity {
	if x.Version == 0 || x.Client < 0 {
		return KnownDevice
	}
	var newest uint64
	for _, d := range a.Devices {
		if d.Client != x.Client {
			continue
		}
		if d.Version == x.Version && day-d.Day <= deviceDays {
			return KnownDevice
		}
		newest = max(newest, d.Version)
	}
	switch {
	case newest == 0:
		return KnownDevice
	case x.Version > newest:
		return UpgradedDevice
	default:
		return OlderDevice
	}
}

// learnDevices notes the versions of a day.
func (a *Account) learnDevices(contexts []Context, day int64) {
	for _, x := range contexts {
		if x.Version == 0 || x.Client < 0 {
			continue
		}
		i := slices.IndexFunc(a.Devices, func(d Device) bool { return d.Client == x.Client && d.Version == x.Version })
		if i < 0 {
			a.Devices = append(a.Devices, Device{x.Client, x.Version, day})
		} else {
			a.Devices[i].Day = day
		}
	}
	if len(a.Devices) > maxDevices {
		slices.SortStableFunc(a.Devices, func(x, y Device) int { return cmp.Compare(y.Day, x.Day) })
		a.Devices = a.Devices[:maxDevices]
	}
}

// countOwners counts, for every network prefix, the users who have signed in from it.
func (s *State) countOwners() {
	s.owners = make([]int32, len(s.vocab.Keys[Prefix]))
	for _, a := range s.accounts {
		for _, t := range a.Profiles[Prefix].IDs {
			s.owners[t]++
		}
	}
}

// organisation says whether a prefix is a network of the organisation.
func (s *State) organisation(prefix int64) bool {
	return prefix >= 0 && int(prefix) < len(s.owners) && float64(s.owners[prefix]) >= max(ownersMin, ownersShare*float64(len(s.accounts)))
}

// elsewhere returns the bags of prefixes, operators and countries of a user-day without the sign-ins through the organisation's own networks: those tell of no place that
// an intruder, rather than a colleague on a visit, would be at.
func (s *State) elsewhere(u *UserDay) (out [Client - Prefix]Vector) {
	copy(out[:], u.Tokens[Prefix:Client])
	if !slices.ContainsFunc(u.Contexts, func(x Context) bool { return s.organisation(x.Prefix) }) {
		return out
	}
	for c := range out {
		var ids []uint32
		for _, x := range u.Contexts {
			if t := [...]int64{x.Prefix, x.Network, x.Country}[c]; t >= 0 && !s.organisation(x.Prefix) {
				ids = append(ids, slices.Repeat([]uint32{uint32(t)}, x.Count)...)
			}
		}
		out[c] = damped(ids)
	}
	return out
}

// FamiliarityCounts returns, by class, ln(1 + number) of the sign-ins of a day; ok is false when there is nothing to compare.
func (s *State) FamiliarityCounts(a *Account, contexts []Context) (counts [Familiarities]float64, ok bool) {
	for _, x := range contexts {
		f, known := s.Familiarity(a, x)
		if !known {
			return counts, false
		}
		counts[f] += float64(x.Count)
		ok = true
	}
	for i, n := range counts {
		counts[i] = math.Log1p(n)
	}
	return counts, ok
}

// priorFamiliarity is what is expected of a user before anything is known of the tenant: mostly the own prefix and device. familiarityPrior is its weight in user-days.
var priorFamiliarity = func() (p [Familiarities]float64) {
	places := [...]float64{0.83, 0.09, 0.06, 0.012, 0.008}
	kinds := [devices]float64{0.93, 0.045, 0.005, 0.02}
	for f := range Familiarities {
		p[f] = places[f/devices] * kinds[f%devices]
	}
	return p
}()

const (
	familiarityPrior = 20
	// ownFamiliarity is how many sign-ins of weight the tenant's habits count for in a user's own.
	ownFamiliarity = 20
)

// FamiliarityOf returns the probabilities of the classes for a user's own sign-ins: his past, backed off to the tenant's.
func (s *State) FamiliarityOf(a *Account) [Familiarities]float64 {
	var p [Familiarities]float64
	total, own := familiarityPrior+s.familiar.sum(), a.Familiar.sum()
	for c := range p {
		tenant := (s.familiar[c] + familiarityPrior*priorFamiliarity[c]) / total
		p[c] = (a.Familiar[c] + ownFamiliarity*tenant) / (own + ownFamiliarity)
	}
	return p
}

// familiarityWeights are decayed counts by class.
type familiarityWeights [Familiarities]float64

func (w *familiarityWeights) sum() float64 {
	var s float64
	for _, x := range w {
		s += x
	}
	return s
}

func (w *familiarityWeights) decay(f float64) {
	for i := range w {
		w[i] *= f
	}
}

func (w *familiarityWeights) add(x [Familiarities]float64) {
	for i := range w {
		w[i] += x[i]
	}
}

// damped counts equal numbers and weighs them by ln(1 + count).
func damped(ids []uint32) Vector {
	slices.Sort(ids)
	var v Vector
	for i := 0; i < len(ids); {
		j := i
		for j < len(ids) && ids[j] == ids[i] {
			j++
		}
		v.IDs = append(v.IDs, ids[i])
		v.X = append(v.X, math.Log1p(float64(j-i)))
		i = j
	}
	return v
}
