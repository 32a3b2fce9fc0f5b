package outlier

import (
	"cmp"
	"slices"
)

// rocAUC returns the probability that an outlier scores above another row; ties count half.
func rocAUC(scores []float64, outlier []bool) float64 {
	var below, area, positives, negatives float64
	for _, tie := range tied(scores, outlier) {
		area += tie.positives * (below + tie.negatives/2)
		below += tie.negatives
		positives += tie.positives
		negatives += tie.negatives
	}
	return area / (positives * negatives)
}

// averagePrecision returns the precision at every distinct score, weighted by the recall it adds, from the highest score down. Tied rows are taken together.
func averagePrecision(scores []float64, outlier []bool) float64 {
	var found, taken, sum float64
	for _, tie := range slices.Backward(tied(scores, outlier)) {
		found += tie.positives
		taken += tie.positives + tie.negatives
		sum += tie.positives * found / taken
	}
	return sum / found
}

type tie struct{ score, positives, negatives float64 }

// tied counts the rows of every distinct score, ascending.
func tied(scores []float64, outlier []bool) []tie {
	order := make([]int, len(scores))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(scores[a], scores[b]) })
	var out []tie
	for _, i := range order {
		if len(out) == 0 || out[len(out)-1].score != scores[i] {
			out = append(out, tie{score: scores[i]})
		}
		if outlier[i] {
			out[len(out)-1].positives++
		} else {
			out[len(out)-1].negatives++
		}
	}
	return out
}
