package posture

// Standing is what decisions about a control and all other controls make of its result.
type Standing struct {
	RawPoints float64    // Points before the exception
	Entry     *Exception // what the configuration says of the control, also when it ran out or is not needed; nil for nothing
	Expired   bool       // Entry ran out, so that it does not apply

	// What Rank fills in. Rank is 0 where nothing is to be gained.
	GainPoints float64  // of all controls that putting it right moves
	Gain       float64  // percentage points of the score
	Rank       int      // from 1: what to put right first; one that another settles has that one's
	Settles    []string // other open controls that hold with it, as they are about the same setting
	SettledBy  string   // control of a higher rank that settles this one; "" for none
	Effort     Weight
	UserImpact Weight

	MissingScopes []string // OAuth scopes for want of which the status is unknown
}

// counts says whether the result is part of the score: it was judged, or somebody answers for it, and nobody said that the verdict is wrong.
func (r *Result) counts() bool {
	return (r.Status.Judged() || r.Exception.attested()) && r.Exception != FalseResult
}

// Open says whether the result is a recommendation that somebody should look at: it could earn more points, and nobody decided to live with it. A planned one is
// open until it is done.
func (r *Result) Open() bool {
	return r.Status.Judged() && r.Points < r.MaxPoints && (r.Exception == "" || r.Exception == Planned)
}
