package features

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Constants of the grouping by behaviour.
const (
	clusterEach   = 7    // days between two groupings
	clusterUsers  = 40   // users to a group, about
	maxClusters   = 12   // groups at most
	clusterSample = 2000 // users that the groups are found among; the others join the nearest
	clusterRounds = 10
	clusterDays   = 5 // earlier active days before somebody's behaviour says anything
)

// Regroup finds groups of users who do the same things, for those whom nobody put into a group: k-means on the directions of their action profiles (spherical k-means:
// Dhillon, Modha, Machine Learning 42, 2001), each action weighted by the logarithm of how few people do it. It works once in clusterEach days, from the state as it
// stands; call it before a day is judged. named tells who has a group already. Groups smaller than minPeers are none.
func (s *State) Regroup(day int64, named func(email string) bool) {
	if s.FirstDay == 0 || s.Regrouped != 0 && day-s.Regrouped < clusterEach {
		return
	}
	s.Regrouped = day
	var loose []*Account
	for _, a := range s.Accounts() {
		a.Cluster = 0
		if a.Days >= clusterDays && !named(a.Email) && len(a.Profiles[Act].IDs) > 0 {
			loose = append(loose, a)
		}
	}
	k := min(len(loose)/clusterUsers, maxClusters)
	if k < 2 {
		return
	}
	width := len(s.vocab.Keys[Act])
	rarity := make([]float64, width)
	for _, a := range loose {
		for _, id := range a.Profiles[Act].IDs {
			rarity[id]++
		}
	}
	for i, n := range rarity {
		if n > 0 {
			rarity[i] = math.Log(float64(len(loose)+1) / n)
		}
	}
	directions := make([]Vector, len(loose))
	Parallel(len(loose), func(i int) { directions[i] = direction(&loose[i].Profiles[Act], rarity) })
	// A sample by hash of the e-mail, of whom the first k are where the groups begin.
	order := make([]int, len(loose))
	keys := make([]uint64, len(loose))
	for i, a := range loose {
		order[i], keys[i] = i, Hash(a.Email)
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(keys[a], keys[b]) })
	sample := order[:min(len(order), clusterSample)]
	centers := make([][]float64, k)
	for c := range centers {
		centers[c] = make([]float64, width)
		directions[sample[c]].addTo(centers[c])
	}
	at := make([]int32, len(loose))
	for range clusterRounds {
		Parallel(len(sample), func(i int) { at[sample[i]] = nearest(centers, directions[sample[i]]) })
		for c := range centers {
			clear(centers[c])
		}
		for _, i := range sample {
			directions[i].addTo(centers[at[i]])
		}
		for c := range centers {
			normalise(centers[c])
		}
	}
	Parallel(len(loose), func(i int) { at[i] = nearest(centers, directions[i]) })
	size := make([]int, k)
	for _, c := range at {
		size[c]++
	}
	for i, a := range loose {
		if size[at[i]] >= minPeers {
			a.Cluster = at[i] + 1
		}
	}
}

// GroupOf returns a user's group of peers: the one that named knows, else the one that Regroup found, else "".
func (s *State) GroupOf(named func(email string) string) func(email string) string {
	return func(email string) string {
		if g := named(email); g != "" {
			return g
		}
		if a, ok := s.accounts[email]; ok && a.Cluster > 0 {
			return fmt.Sprintf("group %d of alike behaviour", a.Cluster)
		}
		return ""
	}
}

// direction returns a profile as a vector of length 1; the zero vector when nothing in it tells people apart.
func direction(p *Profile, rarity []float64) Vector {
	v := Vector{IDs: p.IDs, X: make([]float64, len(p.IDs))}
	sum := 0.0
	for i, id := range p.IDs {
		v.X[i] = float64(p.W[i]) * p.Scale * rarity[id]
		sum += v.X[i] * v.X[i]
	}
	if sum > 0 {
		for i := range v.X {
			v.X[i] /= math.Sqrt(sum)
		}
	}
	return v
}

func (v Vector) addTo(dense []float64) {
	for i, id := range v.IDs {
		dense[id] += v.X[i]
	}
}

func normalise(x []float64) {
	sum := 0.0
	for _, v := range x {
		sum += v * v
	}
	if sum > 0 {
		f := 1 / math.Sqrt(sum)
		for i := range x {
			x[i] *= f
		}
	}
}

// nearest returns the center with the greatest cosine; of equals the first.
func nearest(centers [][]float64, v Vector) int32 {
	best, at := math.Inf(-1), int32(0)
	for c, center := range centers {
		dot := 0.0
		for i, id := range v.IDs {
			dot += v.X[i] * center[id]
		}
		if dot > best {
			best, at = dot, int32(c)
		}
	}
	return at
}
