package posture

// Score sums up results. All three are percentages from 0 to 100; read them together.
type Score struct {
	Score      float64 // points earned of the points of controls judged; 0 when none could be
	Achievable float64 // what Score would be once everything judged were put right but accepted risks
	Coverage   float64 // points of controls judged, of those of all controls but not_applicable ones
}

// ScoreOf computes the score of results.
func ScoreOf(results []Result) Score {
	var points, achievable, judged, all float64
	for i := range results {
		r := &results[i]
		if r.Status != NotApplicable {
			all += r.MaxPoints
		}
		if !r.Status.Judged() {
			continue
		}
		judged += r.MaxPoints
		points += r.Points
		if r.Exception == RiskAccepted {
			achievable += r.Points
		} else {
			achievable += r.MaxPoints
		}
	}
	return Score{Score: percent(points, judged), Achievable: percent(achievable, judged), Coverage: percent(judged, all)}
}

func percent(part, whole float64) float64 {
	if whole == 0 {
		return 0
	}
	return 100 * part / whole
}
