package outlier

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// The sizes that Liu, Ting and Zhou (ICDM 2008, section 5) found to be enough whatever the table.
const (
	defaultTrees  = 100
	defaultSample = 256
)

// ForestOptions say how a forest grows. The zero value is the paper's.
type ForestOptions struct {
	Trees  int    // 0 means 100
	Sample int    // rows per tree, drawn without replacement; 0 means 256; never more than there are
	Seed   uint64 // the same seed on the same rows grows the same forest
}

// A Forest is an isolation forest: trees that cut a sample of the rows at random until every row stands alone. Rows unlike the others stand alone early.
type Forest struct {
	Columns int
	Sample  int     // rows per tree, at least 2
	Roots   []int32 // index of the root of each tree
	Nodes   []Node
}

// A Node either cuts (Child > 0) or is a leaf.
type Node struct {
	// Value is where a node cuts: rows with at most Value in Column go to Child, others to Child+1. In a leaf it is the path length that ends there: its depth and
	// what the rows that share it would still need on average.
	Value  float64
	Column int32
	Child  int32
}

// Score returns 2^(-E(h)/c(n)), in (0, 1): near 1 for rows that are set apart early, 0.5 and below for rows like the others. The row must have the columns the
// forest was fitted on, all finite.
func (f *Forest) Score(row []float64) (float64, error) {
	if err := checkRow(row, f.Columns); err != nil {
		return 0, err
	}
	var sum float64
	for _, root := range f.Roots {
		sum += f.walk(root, row)
	}
	return f.score(sum), nil
}

// Scores scores every row of a table.
func (f *Forest) Scores(x *mat.Dense) ([]float64, error) {
	return scoreAll(x, f.Columns, func(rows [][]float64, out []float64) {
		// Tree by tree: its nodes stay in the cache for all rows.
		for _, root := range f.Roots {
			for i, row := range rows {
				out[i] += f.walk(root, row)
			}
		}
		for i := range out {
			out[i] = f.score(out[i])
		}
	})
}

// score turns the sum of path lengths over all trees into a score.
func (f *Forest) score(sum float64) float64 {
	return math.Exp2(-sum / float64(len(f.Roots)) / AveragePath(f.Sample))
}

// walk returns the path length of a row in one tree.
func (f *Forest) walk(root int32, row []float64) float64 {
	n := &f.Nodes[root]
	for n.Child > 0 {
		next := n.Child
		if row[n.Column] > n.Value {
			next++
		}
		n = &f.Nodes[next]
	}
	return n.Value
}

// Check reports a forest that cannot be scored with, such as one read from a damaged file.
func (f *Forest) Check() error {
	if f.Columns < 1 || f.Sample < minRows || len(f.Roots) == 0 || len(f.Nodes) == 0 {
		return errors.New("forest is empty: fit it")
	}
	for _, r := range f.Roots {
		if r < 0 || int(r) >= len(f.Nodes) {
			return fmt.Errorf("forest has a root at node %d of %d: fit it again", r, len(f.Nodes))
		}
	}
	for i, n := range f.Nodes {
		// Children stand after their parent, so every path ends.
		cuts := n.Child != 0
		if cuts && (int(n.Child) <= i || int(n.Child) >= len(f.Nodes)-1 || n.Column < 0 || int(n.Column) >= f.Columns) || math.IsNaN(n.Value) || !cuts && n.Value < 0 {
			return fmt.Errorf("forest has a broken node %d: fit it again", i)
		}
	}
	return nil
}
