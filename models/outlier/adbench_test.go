package outlier

import (
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// The detectors are measured on sets of ADBench (Han, Hu, Huang, Jiang, Zhao, NeurIPS 2022). ZOOMWARD_ADBENCH names a folder with a file <set>.csv.gz per set, its
// last column "label" (1 is an outlier), and scores.csv with the figures of scikit-learn 1.2.1's IsolationForest and MinCovDet per set. Labels are never fitted
// on; columns are standardised by the rows that are; figures are means over 5 seeds. Two protocols:
//
//   - whole: fit on all rows and rank the same. scores.csv was made so: MinCovDet gives its figures to the fourth digit on most sets.
//   - split: fit on 70 % of either class, drawn by seed, and rank the rest.
func TestADBench(t *testing.T) {
	dir := os.Getenv("ZOOMWARD_ADBENCH")
	if dir == "" {
		t.Skip("ZOOMWARD_ADBENCH names no folder")
	}
	reference := readScores(t, filepath.Join(dir, "scores.csv"))
	for name, split := range map[string]func([]bool, uint64) (train, test []int){"whole": wholeSet, "split": splitSet} {
		t.Run(name, func(t *testing.T) {
			total, wanted := measureSets(t, dir, reference, split)
			for i, what := range []string{"AUC", "AP"} {
				forest, robust, joint := total[0][i], total[1][i], total[2][i]
				if name == "whole" && math.Abs(forest-wanted[i]) > 0.01 {
					t.Errorf("mean %s of the forest %.4f, reference %.4f: more than 0.01 off", what, forest, wanted[i])
				}
				if name == "whole" && robust < wanted[2+i] {
					t.Errorf("mean %s of MCD %.4f, reference %.4f: below", what, robust, wanted[2+i])
				}
				if joint < max(forest, robust) {
					t.Errorf("mean %s of the joint detector %.4f, of its parts %.4f and %.4f: below the better", what, joint, forest, robust)
				}
			}
		})
	}
}

// measureSets prints a line per set and returns the means.
func measureSets(t *testing.T, dir string, reference map[string][4]float64, split func([]bool, uint64) (train, test []int)) (total measured, wanted [4]float64) {
	t.Helper()
	const seeds = 5
	table := fmt.Sprintf("\n%-20s %-36s%-36s%-18s%-18s%s\n", "AUC AP (reference)", "forest", "MCD", "joint", "(by Fisher)", "Ledoit-Wolf")
	for _, name := range slices.Sorted(maps.Keys(reference)) {
		x, outlier := readSet(t, filepath.Join(dir, name+".csv.gz"))
		var set measured
		for seed := range uint64(seeds) {
			train, test := split(outlier, seed)
			set.add(measure(t, x, outlier, train, test, seed), 1.0/seeds)
		}
		table += line(name, set, reference[name])
		total.add(set, 1/float64(len(reference)))
		for i, v := range reference[name] {
			wanted[i] += v / float64(len(reference))
		}
	}
	t.Log(table + line("mean", total, wanted))
	return total, wanted
}

// measured is AUC and AP of the forest, MCD, both, both by Fisher's method, and Ledoit-Wolf.
type measured [5][2]float64

func (m *measured) add(o measured, weight float64) {
	for d := range m {
		for i := range m[d] {
			m[d][i] += weight * o[d][i]
		}
	}
}

func line(name string, m measured, want [4]float64) string {
	return fmt.Sprintf("%-20s %.4f %.4f (%.4f %.4f)     %.4f %.4f (%.4f %.4f)     %.4f %.4f     %.4f %.4f     %.4f %.4f\n", name, m[0][0], m[0][1], want[0], want[1],
		m[1][0], m[1][1], want[2], want[3], m[2][0], m[2][1], m[3][0], m[3][1], m[4][0], m[4][1])
}

// measure fits on some rows and ranks others.
func measure(t *testing.T, x *mat.Dense, outlier []bool, train, test []int, seed uint64) measured {
	t.Helper()
	fitOn, rank := rowsOf(x, train), rowsOf(x, test)
	standardise(fitOn, rank)
	labels := make([]bool, len(test))
	for i, r := range test {
		labels[i] = outlier[r]
	}
	joint, err := FitJoint(fitOn, ForestOptions{Seed: seed}, MCDOptions{Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	shrunk, _, err := LedoitWolf(fitOn)
	if err != nil {
		t.Fatal(err)
	}
	var m measured
	for d, detector := range []interface {
		Scores(*mat.Dense) ([]float64, error)
	}{joint.Forest, joint.Robust, joint, byFisher{joint}, shrunk} {
		scores, err := detector.Scores(rank)
		if err != nil {
			t.Fatal(err)
		}
		m[d] = [2]float64{rocAUC(scores, labels), averagePrecision(scores, labels)}
	}
	return m
}

// byFisher joins the parts of a Joint by Fisher's method.
type byFisher struct{ *Joint }

func (j byFisher) Scores(x *mat.Dense) ([]float64, error) {
	rows, _ := x.Dims()
	out := make([]float64, rows)
	for i := range out {
		v, err := j.Judge(x.RawRowView(i))
		if err != nil {
			return nil, err
		}
		out[i] = 1 - Fisher(v.Forest, v.Robust)
	}
	return out, nil
}

func wholeSet(outlier []bool, _ uint64) (train, test []int) {
	return indices(len(outlier)), indices(len(outlier))
}

// splitSet draws 70 % of each class.
func splitSet(outlier []bool, seed uint64) (train, test []int) {
	rng := rand.New(rand.NewPCG(seed, 0x5eed))
	for _, class := range []bool{false, true} {
		var rows []int
		for i, o := range outlier {
			if o == class {
				rows = append(rows, i)
			}
		}
		rng.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		k := int(math.Round(0.7 * float64(len(rows))))
		train, test = append(train, rows[:k]...), append(test, rows[k:]...)
	}
	return train, test
}

func rowsOf(x *mat.Dense, rows []int) *mat.Dense {
	_, columns := x.Dims()
	out := mat.NewDense(len(rows), columns, nil)
	for i, r := range rows {
		out.SetRow(i, x.RawRowView(r))
	}
	return out
}

// standardise brings the columns of train to mean 0 and variance 1, and those of test along.
func standardise(train, test *mat.Dense) {
	_, columns := train.Dims()
	for j := range columns {
		mean, sd := stat.PopMeanStdDev(mat.Col(nil, j, train), nil)
		if sd == 0 {
			sd = 1
		}
		for _, x := range []*mat.Dense{train, test} {
			rows, _ := x.Dims()
			for i := range rows {
				x.Set(i, j, (x.At(i, j)-mean)/sd)
			}
		}
	}
}

func readScores(t *testing.T, path string) map[string][4]float64 {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out := map[string][4]float64{}
	for _, r := range records(t, f) {
		var want [4]float64
		for i := range want {
			want[i] = number(t, r[4+i])
		}
		out[r[0]] = want
	}
	return out
}

func readSet(t *testing.T, path string) (x *mat.Dense, outlier []bool) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	rows := records(t, z)
	columns := len(rows[0]) - 1
	x = mat.NewDense(len(rows), columns, nil)
	for i, r := range rows {
		for j := range columns {
			x.Set(i, j, number(t, r[j]))
		}
		outlier = append(outlier, number(t, r[columns]) == 1)
	}
	return x, outlier
}

// records reads CSV without its header.
func records(t *testing.T, r io.Reader) [][]string {
	t.Helper()
	rows, err := csv.NewReader(r).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

func number(t *testing.T, s string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
