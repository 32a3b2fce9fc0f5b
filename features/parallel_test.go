package features

import (
	"runtime"
	"sync/atomic"
	"testing"
)

// Whatever the number of cores, every index is called once.
func TestParallelCallsEveryIndexOnce(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, cores := range []int{1, 2, 5} {
		runtime.GOMAXPROCS(cores)
		for name, run := range map[string]func(n int, f func(i int)){"Parallel": Parallel, "ParallelEach": ParallelEach} {
			for _, n := range []int{0, 1, 2, 63, 64, 65, 1000} {
				calls := make([]atomic.Int32, n)
				run(n, func(i int) { calls[i].Add(1) })
				for i := range calls {
					if got := calls[i].Load(); got != 1 {
						t.Fatalf("%s of %d on %d cores: index %d called %d times", name, n, cores, i, got)
					}
				}
			}
		}
	}
}
