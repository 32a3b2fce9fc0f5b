package main

import (
	"strings"
	"testing"
)

// What a verdict does to the score is said of what was judged, of what could not be, and of what does not concern the account.
func TestPostureShowEffect(t *testing.T) {
	lost := shownEffect{MaxPoints: 8}
	accepted := &shownException{State: "risk_accepted", Applies: true}
	for _, tc := range []struct {
		status    string
		effect    shownEffect
		exception *shownException
		want      string
	}{
		{"pass", shownEffect{Points: 8, MaxPoints: 8}, nil, "It earns all of its 8 points."},
		{"fail", lost, nil, "It lacks 8 points."},
		{"fail", lost, accepted, "Nothing is to be gained as long as the exception applies. Without it the control would earn 0 of its 8 points."},
		{"partial", lost, &shownException{State: "planned", Applies: true}, "It lacks 8 points."},
		{"fail", shownEffect{}, nil, "None: the control is worth no points."},
		{"unknown", lost, nil, "None as long as it cannot be judged: it lowers the coverage, not the score."},
		{"unknown", lost, accepted, "None as long as it cannot be judged: it lowers the coverage, not the score."},
		{"manual", lost, accepted, "None as long as it cannot be judged: it lowers the coverage, not the score."},
		{"not_applicable", lost, nil, "None: it does not concern this account, and is no part of the score or of the coverage."},
		{"not_applicable", lost, accepted, "None: it does not concern this account, and is no part of the score or of the coverage."},
	} {
		p := &page{d: drawing{width: 200}}
		(&shownControl{Status: tc.status, Effect: tc.effect, Exception: tc.exception}).writeEffect(p)
		if got := strings.Join(p.out, "\n"); !strings.Contains(got, tc.want) {
			t.Errorf("%s, exception %+v: %q, want %q", tc.status, tc.exception, got, tc.want)
		}
	}
}
