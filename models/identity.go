package models

import (
	"cmp"
	"math"
	"slices"

	"github.com/zoomward/zoomward/features"
)

// Constants of the identity score. They were chosen on two real data sets, one of them held out; most settings near them do as well.
const (
	peerCount    = 20   // pseudo-count of the peers in a user's profile
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
)

// Evidence compares a bag of tokens with a user's own past and with the peers' past: sign(L) sqrt|L| of the log-likelihood ratio
//
//	q_t = ( max(D_t - m N_t/M, 0) + EPS ) / ( max(DT - m, 0) + EPS V )    peers without the user
//	p_t = ( N_t + K q_t + ALPHA ) / ( M + K + ALPHA V )                   the user's own past, backed off to the peers
//	L   = sum_t x_t ( ln q_t - ln p_t )
//
// with N, M the user's weights and mass, D, DT those of the pool, m the user's mass in the pool as of day, V the tokens known to the tenant plus one.
// Positive means: more like the peers than like the user himself. each, when not nil, is told every token's part of L.
func Evidence(own *features.Profile, pool *features.Pool, bag features.Vector, day int64, each func(token uint32, part, own, peers float64)) float64 {
	if len(bag.IDs) == 0 {
		return 0
	}
	var (
		v     = float64(pool.Known) + 1
		m     = own.DaysAt(day)
		rest  = max(pool.Total-m, 0) + poolCount*v
		share = 0.0
		norm  = math.Log(own.Mass + peerCount + uniformCount*v)
		l     float64
		j     int
	)
	if own.Mass > 0 {
		share = m / own.Mass
	}
	for i, t := range bag.IDs {
		for j < len(own.IDs) && own.IDs[j] < t {
			j++
		}
		n := 0.0
		if j < len(own.IDs) && own.IDs[j] == t {
			n = own.W[j] * own.Scale
		}
		q := (max(pool.Weight(t)-share*n, 0) + poolCount) / rest
		part := bag.X[i] * (math.Log(q) - math.Log(n+peerCount*q+uniformCount) + norm)
		l += part
		if each != nil {
			each(t, part, n, q)
		}
	}
	return signedRoot(l)
}

func signedRoot(l float64) float64 { return math.Copysign(math.Sqrt(math.Abs(l)), l) }

// identityAccount is what the score remembers of a user besides the profile.
type identityAccount struct {
	ImpostorSum   float64 // of the log-odds that other people's days had against this profile
	ImpostorCount float64
	Streak        int // gated days running
}

// Identity answers "is this still the same person?": the likelihood ratios of the channels, weighted by a model that learns without labels. Another user's day of
// today, scored against this user's profile, is a pseudo-takeover; the user's own day is a pseudo-negative.
type Identity struct {
	Channels []features.Channel
	Familiar bool                            // whether the familiarity of place and client is a further input
	Strange  [features.Familiarities]float64 // by class: what other people's sign-ins look like from a user's point of view, decayed
	Accounts map[string]*identityAccount
	Sum      float64 // of all impostor log-odds, and their number
	Count    float64
	Genuine  [][]float64
	Impostor [][]float64
	Model    *Logistic

	stranger [features.Familiarities]float64 // probabilities made of Strange by prepare
}

// NewIdentity returns a score that has learnt nothing, on the given channels.
func NewIdentity(channels ...features.Channel) *Identity {
	return &Identity{Channels: channels, Accounts: map[string]*identityAccount{}}
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

// evidence compares a user-day (anybody's) with a user's past, one value a channel.
func (id *Identity) evidence(st *features.State, a *features.Account, u *features.UserDay) []float64 {
	z := make([]float64, len(id.Channels), len(id.Channels)+1)
	for i, c := range id.Channels {
		if c < features.Prefix {
			z[i] = Evidence(&a.Profiles[c], st.Pool(c), u.Tokens[c], st.Day, nil)
		} else {
			z[i] = contextEvidence(&a.Profiles[c], st.Pool(c), places(u, c), st.Day)
		}
	}
	if id.Familiar {
		z = append(z, id.familiarity(st, a, u))
	}
	return z
}

// contextEvidence is Evidence for places and clients: one that nobody was seen with is no sign of the owner. What it is a sign of, the familiarity says.
func contextEvidence(own *features.Profile, pool *features.Pool, bag features.Vector, day int64) float64 {
	var l float64
	Evidence(own, pool, bag, day, func(_ uint32, part, weight, _ float64) {
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
	g := 0.0
	if id.Count > 0 {
		g = id.Sum / id.Count
	}
	parallel(len(d.Users), func(i int) {
		u := &d.Users[i]
		z := id.evidence(st, st.Account(u.Email), u)
		s := id.logOdds(z)
		bias := g
		if a, ok := id.Accounts[u.Email]; ok {
			bias = (a.ImpostorSum + shrinkage*g) / (a.ImpostorCount + shrinkage)
		}
		out[i] = IdentityScore{Z: z, LogOdds: s, Score: s - (bias - g)}
	})
	return out
}

// Gate says which user-days are not to be learnt, by index. always names those that are left out in any case.
func (id *Identity) Gate(st *features.State, d *features.Day, scores []IdentityScore, always func(i int) bool) []bool {
	out := make([]bool, len(d.Users))
	for i := range d.Users {
		email := d.Users[i].Email
		a := id.account(email)
		out[i] = id.Model != nil && st.Account(email).Days >= gateDays && scores[i].LogOdds > gateLogOdds
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

// A picker names, for user-day i of n, the user-days that stand in for a takeover of i.
type picker func(i int) []int

// Close lets a scored day train the model: rows of pseudo-takeovers and of the genuine days that were not gated. Call it before the state learns the day.
func (id *Identity) Close(st *features.State, d *features.Day, scores []IdentityScore, gated []bool, pick picker) {
	type pseudo struct {
		z      [][]float64
		counts [features.Familiarities]float64
	}
	fakes := make([]pseudo, len(d.Users))
	parallel(len(d.Users), func(i int) {
		a := st.Account(d.Users[i].Email)
		if a.Days < minHistory {
			return
		}
		for _, o := range pick(i) {
			fakes[i].z = append(fakes[i].z, id.evidence(st, a, &d.Users[o]))
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
		if !gated[i] && st.Account(email).Days >= minHistory && keep(i) {
			id.Genuine = append(id.Genuine, scores[i].Z)
		}
	}
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

// hashedPicker draws the impostors by a hash of day, account and other: of all user-days of the day, or of a day-wide sample when there are many.
func hashedPicker(d *features.Day) picker {
	keys := make([]uint64, len(d.Users))
	for i, u := range d.Users {
		keys[i] = hashString(u.Email)
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
		type drawn struct {
			hash uint64
			at   int
		}
		var best [impostors]drawn
		n := 0
		for _, o := range sample {
			if o == i {
				continue
			}
			x := drawn{mix(mix(uint64(d.Number), keys[i]), keys[o]), o}
			if n < impostors {
				best[n] = x
				n++
			} else if x.hash < best[n-1].hash {
				best[n-1] = x
			} else {
				continue
			}
			for k := n - 1; k > 0 && best[k].hash < best[k-1].hash; k-- {
				best[k], best[k-1] = best[k-1], best[k]
			}
		}
		out := make([]int, n)
		for k := range n {
			out[k] = best[k].at
		}
		return out
	}
}

// subsample says which user-days of a large day give training rows: about n of them, by hash.
func subsample(d *features.Day, n int) func(i int) bool {
	if len(d.Users) <= n {
		return func(int) bool { return true }
	}
	bar := uint64(float64(math.MaxUint64) * float64(n) / float64(len(d.Users)))
	return func(i int) bool { return mix(uint64(d.Number)+1<<32, hashString(d.Users[i].Email)) < bar }
}

// hashString is FNV-1a, 64 bits.
func hashString(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
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
