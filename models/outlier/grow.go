package outlier

import (
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
)

// FitForest grows an isolation forest on the rows of x. Columns that do not vary are never cut; a table of equal rows scores 0.5 throughout. It fails for fewer
// than 2 rows and for values that are not finite.
func FitForest(x *mat.Dense, o ForestOptions) (*Forest, error) {
	if err := checkTable(x); err != nil {
		return nil, fmt.Errorf("fit forest: %w", err)
	}
	if o.Trees < 0 || o.Sample < 0 || o.Sample == 1 {
		return nil, fmt.Errorf("fit forest: %d trees of %d rows: give at least 1 of %d, or 0 for the defaults", o.Trees, o.Sample, minRows)
	}
	if o.Trees == 0 {
		o.Trees = defaultTrees
	}
	if o.Sample == 0 {
		o.Sample = defaultSample
	}
	rows, columns := x.Dims()
	f := &Forest{Columns: columns, Sample: min(o.Sample, rows)}
	trees := make([][]Node, o.Trees)
	err := parallel(o.Trees, func(t int) error {
		// A stream of its own for every tree: the forest does not depend on which core grows which tree.
		g := grower{x: x, rng: rand.New(rand.NewPCG(o.Seed, uint64(t))), limit: bits.Len(uint(f.Sample - 1))}
		trees[t] = g.tree(draw(g.rng, rows, f.Sample))
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("fit forest: %w", err)
	}
	var total int
	for _, t := range trees {
		total += len(t)
	}
	if total > math.MaxInt32 {
		return nil, fmt.Errorf("fit forest: %d nodes are too many: lower the trees or the sample", total)
	}
	f.Nodes = make([]Node, 0, total)
	for _, t := range trees {
		base := int32(len(f.Nodes))
		f.Roots = append(f.Roots, base)
		for _, n := range t {
			if n.Child > 0 {
				n.Child += base
			}
			f.Nodes = append(f.Nodes, n)
		}
	}
	return f, nil
}

// draw returns k of the numbers 0 to n-1 without replacement: the first k steps of a Fisher-Yates shuffle, of which only what moved is stored.
func draw(rng *rand.Rand, n, k int) []int {
	moved := make(map[int]int, k)
	at := func(i int) int {
		if v, ok := moved[i]; ok {
			return v
		}
		return i
	}
	out := make([]int, k)
	for i := range out {
		j := i + rng.IntN(n-i)
		out[i] = at(j)
		moved[j] = at(i)
	}
	return out
}

// A grower grows one tree.
type grower struct {
	x      *mat.Dense
	rng    *rand.Rand
	limit  int // depth, ceil(log2(sample)): deeper rows are like the others
	nodes  []Node
	varies []int32 // scratch: columns that vary in a node
	lo, hi []float64
}

func (g *grower) tree(rows []int) []Node {
	_, columns := g.x.Dims()
	g.lo, g.hi = make([]float64, columns), make([]float64, columns)
	g.nodes = append(make([]Node, 0, 2*len(rows)-1), Node{})
	g.grow(0, rows, 0)
	return g.nodes
}

// grow fills a node with the rows that reach it.
func (g *grower) grow(at int, rows []int, depth int) {
	column, cut, ok := g.cut(rows, depth)
	if !ok {
		g.nodes[at] = Node{Value: float64(depth) + AveragePath(len(rows))}
		return
	}
	k := 0 // rows[:k] go left
	for i, r := range rows {
		if g.x.At(r, column) <= cut {
			rows[i], rows[k] = rows[k], r
			k++
		}
	}
	child := len(g.nodes)
	g.nodes[at] = Node{Value: cut, Column: int32(column), Child: int32(child)}
	g.nodes = append(g.nodes, Node{}, Node{})
	g.grow(child, rows[:k], depth+1)
	g.grow(child+1, rows[k:], depth+1)
}

// cut picks one of the columns that vary, and a place between its extremes that leaves rows on both sides. It says false where the tree ends.
func (g *grower) cut(rows []int, depth int) (column int, at float64, ok bool) {
	if len(rows) < 2 || depth >= g.limit {
		return 0, 0, false
	}
	copy(g.lo, g.x.RawRowView(rows[0]))
	copy(g.hi, g.lo)
	for _, r := range rows[1:] {
		for j, v := range g.x.RawRowView(r) {
			if v < g.lo[j] {
				g.lo[j] = v
			}
			if v > g.hi[j] {
				g.hi[j] = v
			}
		}
	}
	g.varies = g.varies[:0]
	for j := range g.lo {
		if g.lo[j] < g.hi[j] {
			g.varies = append(g.varies, int32(j))
		}
	}
	if len(g.varies) == 0 {
		return 0, 0, false
	}
	column = int(g.varies[g.rng.IntN(len(g.varies))])
	u := g.rng.Float64()
	at = g.lo[column]*(1-u) + g.hi[column]*u // never overflows, unlike lo + u (hi - lo)
	if !(at >= g.lo[column] && at < g.hi[column]) {
		at = g.lo[column] // rounding
	}
	return column, at, true
}
