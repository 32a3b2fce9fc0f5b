package zoomtest

import (
	"context"
	"time"
)

// sleep waits before the answer, and reports false if the client did not.
func (i *incident) sleep(ctx context.Context) bool {
	wait := i.Latency + time.Duration(float64(i.Jitter)*i.unit(forLatency))
	if wait == 0 {
		return true
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
