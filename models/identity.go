package models

import (
	"cmp"
	"math"
	"slices"

	"github.com/zoomward/zoomward/features"
)

// Constants of the identity score. They were chosen on two real data sets, one of them held out; most settings near them do as well.
const (
	uniformCount = 0.02 // pseudo-count per token known to the tenant
	poolCount    = 0.01 // the same in the pool
	gateLogOdds  = 3    // a day above it is not learnt ...
	gateDays     = 5    // ... by an account with at least so many earlier days ...
	gateStreak   = 5    // ... unless it is the so-manieth gated day running: people change their work
	impostors    = 4    // pseudo-takeovers per user-day
	shrinkage    = 80   // how many impostor scores the tenant's mean counts for in a user's own
	minHistory   = 2    // earlier days before a day trains anything
	minGenuine   = 20   // genuine rows before a model is fitted
	genuineRows  = 2000 // rows kept for fitting; four times as many of impostors
	rowsPerDay   = 500  // of a large tenant, so that the rows span several days
	reservoir    = 256  // user-days of a day that impostors are drawn from
	groupCount   = 5    // user-days that the tenant counts for in what a group of peers does
)

// IdentityOptions are the parts of the score that go beyond its plain form.
type IdentityOptions struct {
	// PeerCount is the pseudo-count of the peers in a user's profile, and PeerPerToken what every distinct token in the profile adds to it: who did many different
	// things will do further new ones (Witten and Bell, IEEE Transactions on Information Theory 37, 1991).
	PeerCount, PeerPerToken float64
	// Strangers has every other pseudo-takeover come from somebody whose own past the peers are rid of, so that the model learns what an outsider looks like and
	// not only what a colleague does.
	Strangers bool
	// SparingFrom is the number of pseudo-takeovers after which an account of a large tenant draws few; 0 for no difference between large and small.
	SparingFrom float64
	// Groups has a user's profile back off to his group of peers, and the group to the tenant: new to him, but usual among his colleagues, is no sign of somebody else.
	Groups bool
}

// plainIdentity is the plain form of the score; productIdentity adds what has proved itself on real activity with planted takeovers.
var (
	plainIdentity   = IdentityOptions{PeerCount: 20}
	productIdentity = IdentityOptions{PeerCount: 10, PeerPerToken: 0.5, Strangers: true, SparingFrom: 80, Groups: true}
)

// Evidence compares a bag of tokens with a user's own past and with the peers' past: sign(L) sqrt|L| of the log-likelihood ratio
//
//	q_t = ( max(D_t - m N_t/M, 0) + EPS ) / ( max(DT - m, 0) + EPS V )    peers without the user
//	p_t = ( N_t + K g_t + ALPHA ) / ( M + K + ALPHA V )                   the user's own past, backed off to the peers
//	L   = sum_t x_t ( ln q_t - ln p_t )
//
// with N, M the user's weights and mass, D, DT those of the pool, m the user's mass in the pool as of day, V the tokens known to the tenant plus one, K the
// pseudo-count of the peers, and g the probability among the user's group of peers, itself backed off to q; g = q here. Positive means: more like the peers than like the user himself. each, when not nil, is told every token's part of L.
func Evidence(own *features.Profile, pool *features.Pool, bag features.Vector, day int64, each func(token uint32, part, own, peers float64)) float64 {
	return signedRoot(productIdentity.ratio(own, pool, bag, day, nil, nil, false, each))
}

// ratio is the log-likelihood ratio L of Evidence. stranger, when not nil, is the past of somebody else whose part the peers are to be without as well;
// group, when not nil, is what the user's group of peers does, and mate says that the stranger is one of them.
func (o IdentityOptions) ratio(own *features.Profile, pool *features.Pool, bag features.Vector, day int64, stranger *features.Profile, group *features.Shared, mate bool,
	each func(token uint32, part, own, peers float64)) float64 {
	if len(bag.IDs) == 0 {
		return 0
	}
	var (
		v     = float64(pool.Known) + 1
		k     = o.PeerCount + o.PeerPerToken*float64(len(own.IDs))
		norm  = math.Log(own.Mass + k + uniformCount*v)
		me    = shareOf(own, day)
		other share
		l     float64
	)
	if stranger != nil {
		other = shareOf(stranger, day)
	}
	rest := max(pool.Total-me.days-other.days, 0) + poolCount*v
	var (
		fade   float64 // of the group since it last learnt
		unseen float64 // the group's part of poolCount: a group of everybody is as open to new things as the tenant
		of     float64
	)
	if group != nil {
		fade = features.DecayOver(day - group.LastDay)
		of = group.Total*fade - me.days
		if mate {
			of -= other.days
		}
		of = max(of, 0)
		unseen = poolCount * of / max(pool.Total-me.days-other.days, 1)
		of += groupCount + unseen*v
	}
	for i, t := range bag.IDs {
		n := me.weight(t)
		out := other.weight(t) * other.perWeight
		q := (max(pool.Weight(t)-n*me.perWeight-out, 0) + poolCount) / rest
		g := q
		if group != nil {
			if !mate {
				out = 0
			}
			g = (max(group.Weight(t)*fade-n*me.perWeight-out, 0) + unseen + groupCount*q) / of
		}
		part := bag.X[i] * (math.Log(q/(n+k*g+uniformCount)) + norm)
		l += part
		if each != nil {
			each(t, part, n, q)
		}
	}
	return l
}

// share reads a list of weights, token by token in rising order.
type share struct {
	ids       []uint32
	w         []float32
	scale     float64 // of the weights
	days      float64 // mass in the pool
	perWeight float64 // mass in the pool per weight
	next      int
}

func shareOf(p *features.Profile, day int64) share {
	s := share{ids: p.IDs, w: p.W, scale: p.Scale, days: p.DaysAt(day)}
	if p.Mass > 0 {
		s.perWeight = s.days / p.Mass
	}
	return s
}

func (s *share) weight(token uint32) float64 {
	// A bag holds few tokens and a profile many: gallop.
	if step := 1; s.next < len(s.ids) && s.ids[s.next] < token {
		lo := s.next
		for lo+step < len(s.ids) && s.ids[lo+step] < token {
			lo += step
			step *= 2
		}
		hi := min(lo+step, len(s.ids)) // ids[lo] < token <= ids[hi]
		for lo+1 < hi {
			if mid := int(uint(lo+hi) >> 1); s.ids[mid] < token {
				lo = mid
			} else {
				hi = mid
			}
		}
		s.next = hi
	}
	if s.next < len(s.ids) && s.ids[s.next] == token {
		return float64(s.w[s.next]) * s.scale
	}
	return 0
}

func signedRoot(l float64) float64 { return math.Copysign(math.Sqrt(math.Abs(l)), l) }

// identityAccount is what the score remembers of a user besides the profile.
type identityAccount struct {
	ImpostorSum   float64 // of the log-odds that other people's days had against this profile
	ImpostorCount float64
	Streak        int // gated days running
	// The last day that was rarer than strangeP among the organisation's, and its p; 0 for none.
	StrangeDay int64
	StrangeP   float64
}

// Identity answers "is this still the same person?": the likelihood ratios of the channels, weighted by a model that learns without labels. Another user's day of
// today, scored against this user's profile, is a pseudo-takeover; the user's own day is a pseudo-negative.
type Identity struct {
	Options  IdentityOptions
	Channels []features.Channel
	Familiar bool                            // whether the familiarity of place and client is a further input
	Strange  [features.Familiarities]float64 // by class: what other people's sign-ins look like from a user's point of view, decayed
	Accounts map[string]*identityAccount
	Sum      float64 // of all impostor log-odds, and their number
	Count    float64
	Genuine  [][]float64
	Impostor [][]float64
	Model    *Logistic
	Check    selfCheck
	Groups   map[string][]features.Shared // by group of peers, then as Channels

	groupOf func(email string) string

	stranger [features.Familiarities]float64 // probabilities made of Strange by prepare
}

// NewIdentity returns a score in its plain form that has learnt nothing, on the given channels.
func NewIdentity(channels ...features.Channel) *Identity {
	return &Identity{Options: plainIdentity, Channels: channels, Accounts: map[string]*identityAccount{}}
}

// GroupBy tells which group of peers a user belongs to, "" for none. It is not part of what is encoded: call it before the first day of a run.
func (id *Identity) GroupBy(groupOf func(email string) string) { id.groupOf = groupOf }

// group returns what a user's group of peers does, as Channels; nil for no group.
func (id *Identity) group(email string) []features.Shared {
	if id.groupOf == nil || !id.Options.Groups {
		return nil
	}
	return id.Groups[id.groupOf(email)]
}

// learnGroups adds the user-days of a day that are not gated to what their groups do.
func (id *Identity) learnGroups(d *features.Day, gated []bool) {
	if id.groupOf == nil || !id.Options.Groups {
		return
	}
	members := map[string][]int{}
	for i := range d.Users {
		if g := id.groupOf(d.Users[i].Email); g != "" && !gated[i] {
			members[g] = append(members[g], i)
		}
	}
	if id.Groups == nil {
		id.Groups = map[string][]features.Shared{}
	}
	names := sortedKeys(members)
	for _, g := range names {
		if id.Groups[g] == nil {
			id.Groups[g] = make([]features.Shared, len(id.Channels))
		}
	}
	features.ParallelEach(len(names)*len(id.Channels), func(n int) {
		g, k := names[n/len(id.Channels)], n%len(id.Channels)
		c := id.Channels[k]
		if c.Context() {
			return // familiarity compares those
		}
		users := members[g]
		bags := make([]features.Vector, len(users))
		for n, i := range users {
			bags[n] = d.Users[i].Tokens[c]
		}
		id.Groups[g][k].Learn(bags, d.Number)
	})
}

// newProductIdentity returns a score that has learnt nothing, with all that helps switched on.
func newProductIdentity() *Identity {
	all := make([]features.Channel, features.Channels)
	for i := range all {
		all[i] = features.Channel(i)
	}
	id := NewIdentity(all...)
	id.Options, id.Familiar = productIdentity, true
	return id
}

// An IdentityScore is the verdict on one user-day.
type IdentityScore struct {
	Z       []float64 // evidence by channel
	LogOdds float64   // as the model has it
	Score   float64   // less what strangers' days usually reach against this profile: comparable between users
}

func (id *Identity) account(email string) *identityAccount {
	a, ok := id.Accounts[email]
	if !ok {
		a = &identityAccount{}
		id.Accounts[email] = a
	}
	return a
}

// evidence compares a user-day (anybody's) with a user's past, one value a channel. stranger, when not nil, is somebody the peers are not to know.
func (id *Identity) evidence(st *features.State, a *features.Account, u *features.UserDay, stranger *features.Account) []float64 {
	z := make([]float64, len(id.Channels), len(id.Channels)+1)
	shared := id.group(a.Email)
	mate := shared != nil && stranger != nil && id.groupOf(stranger.Email) == id.groupOf(a.Email)
	for i, c := range id.Channels {
		var (
			other *features.Profile
			group *features.Shared
		)
		if shared != nil && shared[i].Total > 0 {
			group = &shared[i]
		}
		if stranger != nil {
			other = &stranger.Profiles[c]
		}
		if c.Context() {
			z[i] = id.contextEvidence(&a.Profiles[c], st.Pool(c), places(u, c), st.Day, other)
		} else {
			z[i] = signedRoot(id.Options.ratio(&a.Profiles[c], st.Pool(c), u.Tokens[c], st.Day, other, group, mate, nil))
		}
	}
	if id.Familiar {
		z = append(z, id.familiarity(st, a, u))
	}
	return z
}

// contextEvidence is Evidence for places and clients: one that nobody was seen with is no sign of the owner. What it is a sign of, the familiarity says.
func (id *Identity) contextEvidence(own *features.Profile, pool *features.Pool, bag features.Vector, day int64, stranger *features.Profile) float64 {
	var l float64
	id.Options.ratio(own, pool, bag, day, stranger, nil, false, func(_ uint32, part, weight, _ float64) {
		if weight > 0 || part > 0 {
			l += part
		}
	})
	return signedRoot(l)
}

// outsiders is the share of takeovers that is taken to come from places, or with clients, that no colleague has; the pseudo-takeovers know colleagues alone.
const outsiders = 0.1

var outsider = func() (p [features.Familiarities]float64) {
	places := map[features.Familiarity]float64{features.OwnCountry: 0.2, features.TenantPlace: 0.3, features.NewPlace: 0.5}
	devices := map[features.Familiarity]float64{features.KnownDevice: 0.1, features.UpgradedDevice: 0.2, features.OlderDevice: 0.3, features.NewClient: 0.4}
	for f := range p {
		f := features.Familiarity(f)
		p[f] = places[f.Place()] * devices[f.Device()]
	}
	return p
}()

// places returns a user-day's bag of a channel of context; what came through the organisation's own networks says nothing of where somebody is.
func places(u *features.UserDay, c features.Channel) features.Vector {
	if c >= features.Prefix && c < features.Client {
		return u.Elsewhere[c-features.Prefix]
	}
	return u.Tokens[c]
}

// prepare works out, before a day is scored, the probabilities of the classes of familiarity for somebody else's sign-ins.
func (id *Identity) prepare() {
	const pseudo = 1 // per class, before any pseudo-takeover was seen
	total := float64(pseudo * int(features.Familiarities))
	for _, n := range id.Strange {
		total += n
	}
	for c := range id.stranger {
		id.stranger[c] = (1-outsiders)*(id.Strange[c]+pseudo)/total + outsiders*outsider[c]
	}
}

// familiarity is the log-likelihood ratio of a stranger against the user for how familiar place and client are.
func (id *Identity) familiarity(st *features.State, a *features.Account, u *features.UserDay) float64 {
	counts, ok := st.FamiliarityCounts(a, u.Contexts)
	if !ok {
		return 0
	}
	q, p := &id.stranger, st.FamiliarityOf(a)
	var l float64
	for c, x := range counts {
		l += x * (math.Log(q[c]) - math.Log(p[c]))
	}
	return signedRoot(l)
}

// Inputs names the inputs of the model, in order.
func (id *Identity) Inputs() []string {
	var out []string
	for _, c := range id.Channels {
		out = append(out, c.String())
	}
	if id.Familiar {
		out = append(out, "familiarity")
	}
	return out
}

func (id *Identity) logOdds(z []float64) float64 {
	if id.Model != nil {
		return id.Model.LogOdds(z)
	}
	s := -2.0
	for _, v := range z {
		s += 0.2 * v
	}
	return s
}

// Fit fits the model to the rows of earlier days. Call it once before a day is scored.
func (id *Identity) Fit() {
	id.prepare()
	if len(id.Genuine) >= minGenuine && len(id.Impostor) > 0 {
		id.Model = fitLogistic(id.Genuine, id.Impostor)
	}
}

// Score judges every user-day of a day, from earlier days alone. Users' days must carry their tokens.
func (id *Identity) Score(st *features.State, d *features.Day) []IdentityScore {
	out := make([]IdentityScore, len(d.Users))
	features.Parallel(len(d.Users), func(i int) {
		u := &d.Users[i]
		z := id.evidence(st, u.Account, u, nil)
		s := id.logOdds(z)
		out[i] = IdentityScore{Z: z, LogOdds: s, Score: s - id.excess(u.Email)}
	})
	return out
}

// excess is how much more than usual strangers' days reach against a user's profile.
func (id *Identity) excess(email string) float64 {
	a, ok := id.Accounts[email]
	if !ok || id.Count == 0 {
		return 0
	}
	g := id.Sum / id.Count
	return (a.ImpostorSum+shrinkage*g)/(a.ImpostorCount+shrinkage) - g
}

// Gate says which user-days are not to be learnt, by index: those that look like somebody else's, but not for ever, and those that always names.
func (id *Identity) Gate(st *features.State, d *features.Day, scores []IdentityScore, always func(i int) bool) []bool {
	out := make([]bool, len(d.Users))
	for i := range d.Users {
		email := d.Users[i].Email
		a := id.account(email)
		out[i] = id.Model != nil && d.Users[i].Account.Days >= gateDays && scores[i].LogOdds > gateLogOdds
		if out[i] && a.Streak+1 >= gateStreak {
			out[i] = false
		}
		if always != nil && always(i) {
			out[i] = true
		}
		if out[i] {
			a.Streak++
		} else {
			a.Streak = 0
		}
	}
	return out
}

// A picker names, for user-day i of n, the user-days that stand in for a takeover of i; every second of them, from the second on, plays a stranger.
type picker func(i int) []int

// sparingEach is how often a well-known account of a large tenant draws a pseudo-takeover: on one day in so many.
const sparingEach = 4

// drawn picks the pseudo-takeovers of user-day i, and says from which on every second is a stranger's. On a day so large that not every user-day gives rows to the
// model anyway, an account draws two, a colleague's and a stranger's; once it has had many, one, on some days, by hash. (In a small tenant that would cost 0.005 of
// ROC-AUC, and save nothing that matters.)
func (id *Identity) drawn(d *features.Day, i int, pick picker) (picked []int, first int) {
	if len(d.Users) <= rowsPerDay || id.Options.SparingFrom <= 0 {
		return pick(i), 0
	}
	email := d.Users[i].Email
	if a, ok := id.Accounts[email]; ok && a.ImpostorCount >= id.Options.SparingFrom {
		h := mix(uint64(d.Number)+2<<32, features.Hash(email))
		if h>>1%sparingEach != 0 {
			return nil, 0
		}
		first = int(h & 1)
		picked = pick(i)
		return picked[min(first, len(picked)):min(first+1, len(picked))], first
	}
	picked = pick(i)
	return picked[:min(2, len(picked))], 0
}

// Close lets a scored day train the model: rows of pseudo-takeovers and of the genuine days that were not gated. Call it before the state learns the day.
func (id *Identity) Close(st *features.State, d *features.Day, scores []IdentityScore, gated []bool, pick picker) {
	type pseudo struct {
		z      [][]float64
		counts [features.Familiarities]float64
	}
	fakes := make([]pseudo, len(d.Users))
	features.Parallel(len(d.Users), func(i int) {
		a := d.Users[i].Account
		if a.Days < minHistory {
			return
		}
		picked, first := id.drawn(d, i, pick)
		for k, o := range picked {
			var stranger *features.Account
			if id.Options.Strangers && (first+k)%2 == 1 {
				stranger = d.Users[o].Account
			}
			fakes[i].z = append(fakes[i].z, id.evidence(st, a, &d.Users[o], stranger))
			if counts, ok := st.FamiliarityCounts(a, d.Users[o].Contexts); ok {
				for c, x := range counts {
					fakes[i].counts[c] += x
				}
			}
		}
	})
	for c := range id.Strange {
		id.Strange[c] *= features.Decay
		for i := range fakes {
			id.Strange[c] += fakes[i].counts[c]
		}
	}
	keep := subsample(d, rowsPerDay)
	var own, others []float64 // scores of the evening's model, for the check of itself
	for i := range d.Users {
		email := d.Users[i].Email
		if id.Model != nil && len(fakes[i].z) > 0 && keep(i) {
			own = append(own, scores[i].Score)
			for _, z := range fakes[i].z {
				others = append(others, id.logOdds(z)-id.excess(email))
			}
		}
	}
	id.Check.learn(d.Number, own, others)
	for i := range d.Users {
		email := d.Users[i].Email
		if len(fakes[i].z) > 0 {
			a := id.account(email)
			for _, z := range fakes[i].z {
				s := id.logOdds(z)
				a.ImpostorSum += s
				a.ImpostorCount++
				id.Sum += s
				id.Count++
				if keep(i) {
					id.Impostor = append(id.Impostor, z)
				}
			}
		}
		if !gated[i] && d.Users[i].Account.Days >= minHistory && keep(i) {
			id.Genuine = append(id.Genuine, scores[i].Z)
		}
	}
	id.learnGroups(d, gated)
	id.Genuine = latest(id.Genuine, genuineRows)
	id.Impostor = latest(id.Impostor, impostors*genuineRows)
}

// latest keeps the last n rows, in memory of their own so that the dropped ones can go.
func latest(rows [][]float64, n int) [][]float64 {
	if len(rows) <= n {
		return rows
	}
	return slices.Clone(rows[len(rows)-n:])
}

// hashedPicker draws the impostors by a hash of day, account and other: of all user-days of the day, or of a day-wide sample when there are many. groupOf, when not
// nil, names a user's group of peers, "" for none: the strangers (see picker) then come from other groups where there are any.
func hashedPicker(d *features.Day, groupOf func(email string) string) picker {
	keys, groups := make([]uint64, len(d.Users)), make([]int, len(d.Users)) // group 0 is none
	numbers := map[string]int{"": 0}
	for i := range d.Users {
		email := d.Users[i].Email
		keys[i] = features.Hash(email)
		if groupOf == nil {
			continue
		}
		name := groupOf(email)
		if _, ok := numbers[name]; !ok {
			numbers[name] = len(numbers)
		}
		groups[i] = numbers[name]
	}
	sample := make([]int, len(d.Users))
	for i := range sample {
		sample[i] = i
	}
	if len(sample) > reservoir {
		slices.SortFunc(sample, func(a, b int) int { return cmp.Compare(mix(uint64(d.Number), keys[a]), mix(uint64(d.Number), keys[b])) })
		sample = sample[:reservoir]
	}
	return func(i int) []int {
		var anybody, outside nearest
		own := mix(uint64(d.Number), keys[i])
		for _, o := range sample {
			if o == i {
				continue
			}
			hash := mix(own, keys[o])
			anybody.offer(hash, o)
			if groups[i] != 0 && groups[o] != groups[i] {
				outside.offer(hash, o)
			}
		}
		out := make([]int, 0, impostors)
		a, b := 0, 0
		for len(out) < anybody.n {
			if len(out)%2 == 1 && b < outside.n {
				if o := outside.at[b]; !slices.Contains(out, o) {
					out = append(out, o)
				}
				b++
				continue
			}
			if a == anybody.n { // the rest was taken as strangers
				break
			}
			if o := anybody.at[a]; !slices.Contains(out, o) {
				out = append(out, o)
			}
			a++
		}
		return out
	}
}

// nearest keeps the user-days of least hash, in order.
type nearest struct {
	hash [impostors]uint64
	at   [impostors]int
	n    int
}

func (b *nearest) offer(hash uint64, at int) {
	switch {
	case b.n < impostors:
		b.n++
	case hash >= b.hash[b.n-1]:
		return
	}
	k := b.n - 1
	for ; k > 0 && hash < b.hash[k-1]; k-- {
		b.hash[k], b.at[k] = b.hash[k-1], b.at[k-1]
	}
	b.hash[k], b.at[k] = hash, at
}

// subsample says which user-days of a large day give training rows: about n of them, by hash.
func subsample(d *features.Day, n int) func(i int) bool {
	if len(d.Users) <= n {
		return func(int) bool { return true }
	}
	bar := uint64(float64(math.MaxUint64) * float64(n) / float64(len(d.Users)))
	return func(i int) bool { return mix(uint64(d.Number)+1<<32, features.Hash(d.Users[i].Email)) < bar }
}

// mix hashes two words into one, by the finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
func mix(a, b uint64) uint64 {
	x := a*0x9e3779b97f4a7c15 ^ b
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}
