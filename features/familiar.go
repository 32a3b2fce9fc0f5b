package features

import "math"

// Familiarity says how well a sign-in's place and client fit what the user and the organisation have used before. Where a bag of addresses cannot tell a new place
// that nobody knows from one that says nothing, this can: it asks how often this user, and how often somebody else in his stead, turns up so unfamiliar
// (Freeman et al., "Who are you?", NDSS 2016: back off from address to network to country).
type Familiarity int

// Levels of place, each once with a client that the user has used and once with one that is new to him.
const (
	OwnPrefix     Familiarity = 2 * iota // from a network prefix of the user's own
	OwnNetwork                           // new prefix, but an operator that the user has used in that country, or a prefix that the organisation uses a lot
	OwnCountry                           // new operator in a country of the user's
	TenantPlace                          // a country that is new to the user but not to the organisation
	NewPlace                             // a country that is new to everybody; without location data a prefix that is
	Familiarities                        // their number
)

var familiarityNames = [...]string{"own network prefix", "own network operator, or a network of the organisation", "new network operator in a country of the user's",
	"country new to the user", "place new to the organisation"}

// String puts the class into words.
func (f Familiarity) String() string {
	s := familiarityNames[f/2]
	if f%2 == 1 {
		s += ", client new to the user"
	}
	return s
}

// tenantPrefixDays is how many user-days of late make a prefix one of the organisation's own.
const tenantPrefixDays = 3

// A Context is where and with what sign-ins of a day were made, as token numbers; -1 is not known.
type Context struct {
	Prefix, Network, Country, Client int64
	Count                            int
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
		x := Context{number(Prefix, e.Prefix), number(Network, e.Network), number(Country, e.Country), number(Client, e.Client), 1}
		for i := range out {
			o := &out[i]
			if o.Prefix == x.Prefix && o.Network == x.Network && o.Country == x.Country && o.Client == x.Client {
				o.Count++
				continue next
			}
		}
		out = append(out, x)
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
	case own(Network, x.Network) && own(Country, x.Country), tenant(Prefix, x.Prefix) >= tenantPrefixDays:
		f = OwnNetwork
	case own(Country, x.Country):
		f = OwnCountry
	case tenant(Country, x.Country) > 0, x.Country < 0 && tenant(Prefix, x.Prefix) > 0:
		f = TenantPlace
	default:
		f = NewPlace
	}
	if x.Client >= 0 && !own(Client, x.Client) {
		f++
	}
	return f, true
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

// priorFamiliarity is what is expected of a user before anything is known of the tenant: mostly the own prefix. familiarityPrior is its weight in user-days.
var priorFamiliarity = [Familiarities]float64{0.80, 0.03, 0.08, 0.01, 0.05, 0.01, 0.01, 0.002, 0.005, 0.003}

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
