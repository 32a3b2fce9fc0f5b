package posture

import (
	"strings"
	"testing"
)

// What Zoom's API does not show is manual whatever was read, says where to look, and earns nothing.
func TestManualControls(t *testing.T) {
	n := 0
	for _, ctl := range catalogue(t).Controls {
		if ctl.Automation != AutomationManual {
			continue
		}
		n++
		refused := map[string]FeedState{FeedSettings: {State: FeedNotAuthorised}, FeedUsers: {State: FeedPlanTooLow}}
		for _, in := range []Input{{}, {Feeds: refused}, {Settings: values(t, values_{"meeting_security.waiting_room": true})}} {
			r := judge(t, ctl.ID, in)
			if r.Status != Manual || r.Points != 0 || r.MaxPoints != ctl.Severity.Points() || r.Observed != "" || r.Lock != LockNone {
				t.Errorf("%s: %+v, want manual without points", ctl.ID, r)
			}
			if !strings.Contains(r.Reason, strings.TrimSuffix(ctl.Review, ".")) || r.Expected != ctl.Title {
				t.Errorf("%s: reason %q and expected %q do not say what to look at", ctl.ID, r.Reason, r.Expected)
			}
		}
		if !strings.Contains(ctl.Review, "right") && !strings.Contains(ctl.Review, "wants") {
			t.Errorf("%s: the review does not say what is right: %q", ctl.ID, ctl.Review)
		}
		e := Exception{Control: ctl.ID, State: RiskAccepted, Reason: "looked at in March"}
		if r := judge(t, ctl.ID, Input{Exceptions: []Exception{e}}); r.Status != Manual || r.Exception != RiskAccepted || !strings.Contains(r.Reason, "looked at in March") {
			t.Errorf("%s: with an exception: %+v", ctl.ID, r)
		}
	}
	if n != 25 {
		t.Errorf("%d manual controls, want 25", n)
	}
}
