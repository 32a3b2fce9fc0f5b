package outlier

import "math"

// floor is added to the variance in every direction of a span, as a share of the variance of all rows: where the bulk has no spread at all, such as in a column
// that is 0 for most, a row that has some is far away but not infinitely so.
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

// nearest returns the h rows of least distance, ascending by row, in the memory of rows; of equally distant ones the earlier rows. scratch is as long as
// distances.
func nearest(rows []int32, distances, scratch []float64, h int) []int32 {
	copy(scratch, distances)
	far := smallest(scratch, h-1)
	room := h // for rows exactly that far
	for _, d := range distances {
		if d < far {
			room--
		}
	}
	rows = rows[:0]
	for i, d := range distances {
		if d < far {
			rows = append(rows, int32(i))
		} else if d == far && room > 0 {
			rows = append(rows, int32(i))
			room--
		}
	}
	return rows
}

// smallest returns the value that would stand at index k if the values were sorted, and reorders them (Hoare's quickselect).
func smallest(values []float64, k int) float64 {
	lo, hi := 0, len(values)-1
	for lo < hi {
		// The median of three keeps sorted input from being the worst case.
		a, b, c := values[lo], values[lo+(hi-lo)/2], values[hi]
		pivot := max(min(a, b), min(max(a, b), c))
		i, j := lo, hi
		for i <= j {
			for values[i] < pivot {
				i++
			}
			for values[j] > pivot {
				j--
			}
			if i <= j {
				values[i], values[j] = values[j], values[i]
				i++
				j--
			}
		}
		switch {
		case k <= j:
			hi = j
		case k >= i:
			lo = i
		default:
			return values[k]
		}
	}
	return values[k]
}
