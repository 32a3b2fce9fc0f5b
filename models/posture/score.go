package posture

// Score sums up results. Read its three percentages, each from 0 to 100, together: a missing scope lowers the coverage and may raise the score.
type Score struct {
	Score      float64 // points earned of the points of controls judged; 0 when none could be
	Achievable float64 // what Score would be once everything judged were put right but accepted risks
	Coverage   float64 // points of controls judged, of those of all controls but not_applicable ones
	Points     float64 // earned
	MaxPoints  float64 // of controls judged
	Attested   float64 // of Points, those on somebody's word: what exceptions add to what was found
}

// ScoreOf computes the score of results. A verdict that somebody called a false_result is no part of points earned, achievable or possible; for the coverage it counts
// as one that could not be judged.
func ScoreOf(results []Result) Score {
	var s Score
	var achievable, all float64
	for i := range results {
		r := &results[i]
		if r.Status != NotApplicable {
			all += r.MaxPoints
		}
		if !r.counts() {
			continue
		}
		s.MaxPoints += r.MaxPoints
		s.Points += r.Points
		if r.Exception.attested() {
			s.Attested += r.Points - r.RawPoints
		}
		if r.Exception == RiskAccepted {
			achievable += r.Points
		} else {
			achievable += r.MaxPoints
		}
	}
	s.Score, s.Achievable, s.Coverage = percent(s.Points, s.MaxPoints), percent(achievable, s.MaxPoints), percent(s.MaxPoints, all)
	return s
}

func percent(part, whole float64) float64 {
	if whole == 0 {
		return 0
	}
	return 100 * part / whole
}
