package features

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/zoomward/zoomward/store"
)

// An Account is what is known of one user at the end of a day.
type Account struct {
	Email    string
	Profiles [Channels]Profile
	Volumes  []Volume // by Behaviours
	Days     int64    // active days seen, learnt or not
	FirstDay int64    // first and last of them, in days since 1970
	LastDay  int64
	Familiar familiarityWeights
	Devices  []Device  // versions of clients of late
	Place    Place     // of the last sign-in whose place is known
	Sessions []Session // latest of each kind of client, learnt or not
	Cities   []City    // that sign-ins came from of late
	Proxied  int64     // last day with a sign-in through Tor or a proxy, learnt or not; 0 for never
	Cluster  int32     // group of peers found by Regroup; 0 for none
	Removed  int64     // when the account was deactivated or deleted by an operation, in seconds since 1970; 0 for never or undone
}

// A Place is where and when somebody was seen.
type Place struct {
	Second     int64 // seconds since 1970; 0 for never
	IP         string
	Prefix     string
	Network    string
	Country    string
	City       string
	Lat, Lon   float64 // degrees; NaN when not known
	AccuracyKM float64 // radius; NaN when not known
	Client     string  // kind of client
	Category   string  // what the network is used for, as package geo names it
	Tags       string  // of the lists that held the address, joined by spaces
}

// State is everything that is known at the end of Day: the users, and what they have in common. It holds nothing of a later day.
type State struct {
	Day      int64 // last day folded, in days since 1970; 0 before the first
	FirstDay int64 // first day folded
	// Regrouped is the day before which Regroup last worked; 0 for never.
	Regrouped int64
	accounts  map[string]*Account
	sorted    []*Account // by e-mail; see Accounts
	pools     [Channels]Pool
	vocab     *vocabulary
	moments   []volumeMoments
	familiar  familiarityWeights  // of everybody's genuine days
	owners    []int32             // by token of a prefix: users who have signed in from it
	exits     map[string][]string // network prefix -> users who seem to have jumped there or away, and operator -> such a user and the country; see IsExit and IsGateway
}

// NewState returns the state before the first day.
func NewState() *State {
	return &State{accounts: map[string]*Account{}, vocab: newVocabulary(), moments: make([]volumeMoments, len(Behaviours)), exits: map[string][]string{}}
}

// Account returns what is known of a user; a user never seen gets an empty account that is not kept until a day is learnt.
func (s *State) Account(email string) *Account {
	if a, ok := s.accounts[email]; ok {
		return a
	}
	return &Account{Email: email, Volumes: make([]Volume, len(Behaviours))}
}

// Accounts returns everybody seen, by e-mail. The slice is the state's own.
func (s *State) Accounts() []*Account {
	if len(s.sorted) != len(s.accounts) {
		s.sorted = make([]*Account, 0, len(s.accounts))
		for _, a := range s.accounts {
			s.sorted = append(s.sorted, a)
		}
		slices.SortFunc(s.sorted, func(a, b *Account) int { return strings.Compare(a.Email, b.Email) })
	}
	return s.sorted
}

// Dictionary numbers the texts of the rows that this state is to learn; see Days.
func (s *State) Dictionary() *store.Dictionary { return s.vocab.dict }

// Pool returns what everybody used to do on a channel.
func (s *State) Pool(c Channel) *Pool { return &s.pools[c] }

// Describe puts a token of a channel into words.
func (s *State) Describe(c Channel, token uint32) string { return s.vocab.describe(c, token) }

// KnownPrefix returns the pool's weight of a network prefix: how many user-days of late came from there.
func (s *State) KnownPrefix(prefix string) float64 { return s.contextWeight(Prefix, prefix) }

// KnownCountry returns the pool's weight of a country.
func (s *State) KnownCountry(code string) float64 { return s.contextWeight(Country, code) }

// Known returns the pool's weight of a context value (channels Prefix to Version): how many user-days of late had it.
func (s *State) Known(c Channel, value string) float64 { return s.contextWeight(c, value) }

// PrefixOwners returns how many users have signed in from a network prefix; it stops counting at most.
func (s *State) PrefixOwners(prefix string, most int) int { return s.Owners(Prefix, prefix, most) }

// Owners returns how many users have had a context value (channels Prefix to Version); it stops counting at most.
func (s *State) Owners(c Channel, value string, most int) int {
	t, ok := s.contextToken(c, value)
	if !ok {
		return 0
	}
	n := 0
	for _, a := range s.accounts {
		if a.Profiles[c].Weight(t) > 0 {
			if n++; n == most {
				break
			}
		}
	}
	return n
}

// UsedByOthers returns how many users but those named have signed in from a network prefix.
func (s *State) UsedByOthers(prefix string, but []string) int {
	t, ok := s.contextToken(Prefix, prefix)
	if !ok {
		return 0
	}
	n := 0
	for email, a := range s.accounts {
		if a.Profiles[Prefix].Weight(t) > 0 && !slices.Contains(but, email) {
			n++
		}
	}
	return n
}

func (s *State) contextWeight(c Channel, value string) float64 {
	if t, ok := s.contextToken(c, value); ok {
		return s.pools[c].Weight(t)
	}
	return 0
}

// Own returns the user's own weight of a context value (channels Prefix to Version).
func (s *State) Own(a *Account, c Channel, value string) float64 {
	if t, ok := s.contextToken(c, value); ok {
		return a.Profiles[c].Weight(t)
	}
	return 0
}

func (s *State) contextToken(c Channel, value string) (uint32, bool) {
	w, ok := s.vocab.words[value]
	if !ok {
		return 0, false
	}
	t, ok := s.vocab.tokens[c][uint64(w)<<8]
	return t, ok
}

// Begin ages what the tenant has in common to the given day. Call it once per day, before Learn; day must be later than s.Day.
func (s *State) begin(day int64) {
	days := int64(1)
	if s.Day != 0 {
		days = day - s.Day
	}
	for c := range s.pools {
		s.pools[c].decay(days)
	}
	for i := range s.moments {
		s.moments[i].decay(days)
	}
	s.familiar.decay(math.Pow(Decay, float64(days)))
	if s.FirstDay == 0 {
		s.FirstDay = day
	}
	s.Day = day
}

// Learn closes a day: every user-day that gated does not name, by index, is added to its user's past and to the pool. The users' days must be tokenised.
// predictions are what was expected of each user-day before (see Predictions), in the order of d.Users.
func (s *State) Learn(d *Day, predictions [][]NegBin, priors *Priors, gated func(i int) bool) {
	s.begin(d.Number)
	weekday := d.Weekday()
	type lesson struct {
		jump     Journey
		jumped   bool
		familiar [Familiarities]float64
		known    bool
		priors   []VolumePrior
	}
	lessons := make([]lesson, len(d.Users))
	Parallel(len(d.Users), func(i int) {
		u, l := &d.Users[i], &lessons[i]
		l.priors = priors.Of(u.Email)
		if !gated(i) {
			l.jump, _, l.jumped = s.Jump(d.Rows, u, u.Account)
			l.familiar, l.known = s.FamiliarityCounts(u.Account, u.Contexts)
		}
	})
	for i := range d.Users {
		u := &d.Users[i]
		if a, ok := s.accounts[u.Email]; ok {
			u.Account = a
		} else {
			u.Account.FirstDay = d.Number
			s.accounts[u.Email] = u.Account
		}
		if lessons[i].jumped { // of no gated day: an alert teaches once it is closed as harmless: two stolen accounts must not make an exit of their thief's network
			s.learnExits(lessons[i].jump, u)
		}
	}
	Parallel(len(d.Users), func(i int) {
		u, l := &d.Users[i], &lessons[i]
		a := u.Account
		a.Days++
		a.LastDay = d.Number
		for b, x := range u.Counts { // what was ever seen, learnt or not: "never before" must be true
			a.Volumes[b].Max = max(a.Volumes[b].Max, x)
		}
		a.learnSessions(d.Rows, u, gated(i))
		if anonymised(d.Rows, u) {
			a.Proxied = d.Number
		}
		if gated(i) {
			return
		}
		if l.known {
			a.Familiar.decay(Decay)
			a.Familiar.add(l.familiar)
		}
		a.learnDevices(u.Contexts, d.Number)
		s.learnCities(d.Rows, u, a, d.Number)
		for c := range Channels {
			a.Profiles[c].learn(u.Tokens[c], d.Number)
		}
		for b, x := range u.Counts {
			v := &a.Volumes[b]
			v.Record = max(v.Record, x)
			v.Days = v.Days*Decay + 1
			v.Sum = v.Sum*Decay + x/l.priors[b].Weekday[weekday]
			v.Drift = NextDrift(v.Drift, x, predictions[i][b])
		}
		if p, ok := s.lastPlace(d.Rows, u); ok {
			a.Place = p
		}
	})
	// What all have in common is summed up in the order of the users: sums of floats depend on it. One channel or behaviour is one thread's.
	ParallelEach(int(Channels)+len(Behaviours)+1, func(k int) {
		for i := range d.Users {
			if gated(i) {
				continue
			}
			u, l := &d.Users[i], &lessons[i]
			switch b := k - int(Channels); {
			case b < 0:
				s.pools[k].learn(u.Tokens[k])
			case b < len(Behaviours):
				if u.Account.Days > informedDays { // today counts already
					s.moments[b].learn(u.Counts[b], predictions[i][b], weekday, l.priors[b].Weekday[weekday])
				}
			case l.known:
				s.familiar.add(l.familiar)
			}
		}
	})
	s.applyRemovals(d)
}

// applyRemovals notes who was deactivated or deleted on the day, and who was brought back.
func (s *State) applyRemovals(d *Day) {
	for _, r := range d.Lifecycle {
		a, ok := s.accounts[r.Email]
		if !ok {
			a = s.Account(r.Email)
			s.accounts[r.Email] = a
		}
		if r.Removed {
			a.Removed = r.Second
		} else {
			a.Removed = 0
		}
	}
}

// Priors are the peers' expectations at the start of a day, by group of peers.
type Priors struct {
	groupOf func(email string) string
	groups  map[string][]VolumePrior
	tenant  []VolumePrior
	size    map[string]int
}

// minPeers is how many users with history a group needs before it speaks for itself; a smaller one takes the tenant's prior.
const minPeers = 8

// Priors estimates what peers tell of each behaviour, from the state as it stands. groupOf names a user's group, "" for none.
func (s *State) Priors(groupOf func(email string) string) *Priors {
	p := &Priors{groupOf: groupOf, groups: map[string][]VolumePrior{}, size: map[string]int{}}
	members := map[string][]*Account{}
	all := s.Accounts()
	for _, a := range all {
		g := groupOf(a.Email)
		members[g] = append(members[g], a)
	}
	estimate := func(accounts []*Account) []VolumePrior {
		out := make([]VolumePrior, len(Behaviours))
		ParallelEach(len(out), func(b int) {
			out[b] = priorOf(func(i int) Volume { return accounts[i].Volumes[b] }, len(accounts), s.moments[b])
		})
		return out
	}
	p.tenant = estimate(all)
	p.size[""] = len(all)
	for g, accounts := range members {
		if g != "" && len(accounts) >= minPeers {
			p.groups[g] = estimate(accounts)
			p.size[g] = len(accounts)
		}
	}
	return p
}

// Of returns the priors that hold for a user, by Behaviours.
func (p *Priors) Of(email string) []VolumePrior {
	if g, ok := p.groups[p.groupOf(email)]; ok {
		return g
	}
	return p.tenant
}

// Peers names the group that the prior of a user comes from and its size: "" is the whole tenant.
func (p *Priors) Peers(email string) (string, int) {
	g := p.groupOf(email)
	if _, ok := p.groups[g]; !ok {
		g = ""
	}
	return g, p.size[g]
}

// Predictions returns what is to be expected of every user-day, by user and behaviour. The users' days must be tokenised.
func (s *State) Predictions(d *Day, priors *Priors) [][]NegBin {
	weekday := d.Weekday()
	out := make([][]NegBin, len(d.Users))
	flat := make([]NegBin, len(d.Users)*len(Behaviours))
	Parallel(len(d.Users), func(i int) {
		u := &d.Users[i]
		row := flat[i*len(Behaviours) : (i+1)*len(Behaviours)]
		prior := priors.Of(u.Email)
		for b := range row {
			row[b] = prior[b].Predict(u.Account.Volumes[b], weekday)
		}
		out[i] = row
	})
	return out
}

// DayNumber returns the UTC day of an instant, in days since 1970.
func DayNumber(t time.Time) int64 {
	return int64(math.Floor(float64(t.Unix()) / 86400))
}

// DayTime returns the start of a day.
func DayTime(n int64) time.Time { return time.Unix(n*86400, 0).UTC() }
