package features

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Parallel calls f(0) to f(n-1) on all cores. f(i) may write to slot i of a slice alone, so that the result does not depend on the order.
func Parallel(n int, f func(i int)) {
	ParallelBlocks(n, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			f(i)
		}
	})
}

// ParallelEach is Parallel for few calls that take long.
func ParallelEach(n int, f func(i int)) { parallelBlocks(n, 1, func(i, _ int) { f(i) }) }

// ParallelBlocks is Parallel for f that wants memory of its own: it gets ranges [lo, hi) to go through.
func ParallelBlocks(n int, f func(lo, hi int)) { parallelBlocks(n, 64, f) }

func parallelBlocks(n, block int, f func(lo, hi int)) {
	workers := min(runtime.GOMAXPROCS(0), (n+block-1)/block)
	if workers <= 1 {
		for lo := 0; lo < n; lo += block {
			f(lo, min(lo+block, n))
		}
		return
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for {
				lo := int(next.Add(int64(block))) - block
				if lo >= n {
					return
				}
				f(lo, min(lo+block, n))
			}
		})
	}
	wg.Wait()
}
