package outlier

import (
	"cmp"
	"math"
	"slices"
)

// floor is added to the variance in every direction of a span, as a share of the variance of all rows: where the bulk has no spread at all, such as in a column that is 0
// for most, a row that has some is far away but not infinitely so.
const floor = 1e-6

// A fit is a location and a scatter in the coordinates of a span.
type fit struct {
	location []float64
	scatter  []float64 // lower triangle, q x q, with divisor n, without the floor
	inverse  []float64 // inverse of the Cholesky factor of scatter + floor: lower triangle
	logDet   float64   // of scatter + floor
}

func newFit(q int) *fit {
	return &fit{location: make([]float64, q), scatter: make([]float64, q*q), inverse: make([]float64, q*q)}
}

// take fits the given rows of z, each of q values.
func (f *fit) take(z []float64, rows []int32) {
	q := len(f.location)
	clear(f.location)
	clear(f.scatter)
	n := float64(len(rows))
	for _, r := range rows {
		for j, v := range z[int(r)*q : int(r)*q+q] {
			f.location[j] += v
		}
	}
	for j := range f.location {
		f.location[j] /= n
	}
	centred := make([]float64, q)
	for _, r := range rows {
		for j, v := range z[int(r)*q : int(r)*q+q] {
			centred[j] = v - f.location[j]
		}
		for i, v := range centred {
			s := f.scatter[i*q : i*q+i+1]
			for j := range s {
				s[j] += v * centred[j]
			}
		}
	}
	for i := range f.scatter {
		f.scatter[i] /= n
	}
	f.factorize()
}

// factorize computes the inverse of the Cholesky factor. The matrices are small and many: a call per matrix would cost more than the arithmetic.
func (f *fit) factorize() {
	q := len(f.location)
	l := make([]float64, q*q)
	f.logDet = 0
	for i := range q {
		for j := range i + 1 {
			v := f.scatter[i*q+j]
			for k := range j {
				v -= l[i*q+k] * l[j*q+k]
			}
			if i == j {
				v = max(v+floor, floor) // the floor bounds every pivot from below; rounding may not
				l[i*q+i] = math.Sqrt(v)
				f.logDet += math.Log(v)
			} else {
				l[i*q+j] = v / l[j*q+j]
			}
		}
	}
	clear(f.inverse)
	for j := range q {
		f.inverse[j*q+j] = 1 / l[j*q+j]
		for i := j + 1; i < q; i++ {
			var v float64
			for k := j; k < i; k++ {
				v -= l[i*q+k] * f.inverse[k*q+j]
			}
			f.inverse[i*q+j] = v / l[i*q+i]
		}
	}
}

// distances sets out[i] to the squared distance of row i of z.
func (f *fit) distances(out, z []float64) {
	q := len(f.location)
	centred := make([]float64, q)
	for i := range out {
		for j, v := range z[i*q : i*q+q] {
			centred[j] = v - f.location[j]
		}
		var d float64
		for c := range q {
			var w float64
			for j, v := range f.inverse[c*q : c*q+c+1] {
				w += v * centred[j]
			}
			d += w * w
		}
		out[i] = d
	}
}

// nearest sets rows to the h rows of least distance; of equals the earlier rows.
func nearest(rows []int32, distances []float64, h int) []int32 {
	rows = rows[:0]
	for i := range distances {
		rows = append(rows, int32(i))
	}
	slices.SortFunc(rows, func(a, b int32) int {
		return cmp.Or(cmp.Compare(distances[a], distances[b]), cmp.Compare(a, b))
	})
	return rows[:h]
}
