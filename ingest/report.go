package ingest

// Report says what a run did.
type Report struct {
	Feeds    []FeedReport `json:"feeds"`
	Requests int64        `json:"requests"` // calls to Zoom, repeats included; 0 when the client does not count
}

// FeedReport says what a run did for one feed.
type FeedReport struct {
	Feed      string `json:"feed"`
	State     string `json:"state"`
	Message   string `json:"message,omitempty"`   // what to do, or what else is worth knowing
	Landed    int64  `json:"landed"`              // rows written: for reports new ones, for users and settings changed ones too
	Rejected  int64  `json:"rejected,omitempty"`  // rows that could not be read and did not land; Message says why
	Later     int64  `json:"later,omitempty"`     // rows after the run's clock, left for a later run
	Windows   int    `json:"windows,omitempty"`   // windows landed
	Remaining int    `json:"remaining,omitempty"` // windows that a failure left for the next run
	Visits    int    `json:"visits,omitempty"`    // users, meetings, ... that were asked about, in feeds that cost a call for each
	Failed    int    `json:"failed,omitempty"`    // of these, without an answer; a later run asks again
	Due       int    `json:"due,omitempty"`       // that are left for later runs

	refused bool // as a whole: not worth another call in this run
}

// Partial says whether some feed was not read to its end, but for those that the configured plan does not include.
func (r Report) Partial() bool {
	for _, f := range r.Feeds {
		if f.State != StateOK && f.State != StateNotInPlan {
			return true
		}
	}
	return false
}

// Landed returns the rows written over all feeds.
func (r Report) Landed() int64 {
	var n int64
	for _, f := range r.Feeds {
		n += f.Landed
	}
	return n
}
