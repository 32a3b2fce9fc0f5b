package zoomtest

import "time"

// skew is how far the server's clock is ahead.
func (h *Handler) skew() time.Duration {
	if s := h.faults.Load(); s != nil {
		return s.Skew
	}
	return 0
}

// clock is the time that the server would say it is.
func (h *Handler) clock() time.Time { return h.opts.Now().Add(h.skew()).UTC() }

// present is the account's present: AsOf if it is fixed, or else now, by the server's clock.
func (h *Handler) present() time.Time {
	if h.opts.AsOf.IsZero() && h.moved.Load() == nil {
		return h.clock()
	}
	at := h.opts.AsOf
	if moved := h.moved.Load(); moved != nil {
		at = *moved
	}
	return at.Add(h.skew()).UTC()
}
