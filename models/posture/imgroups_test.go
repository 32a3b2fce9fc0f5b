package posture

import (
	"strings"
	"testing"
)

// An empty list is an answer, a list that was not read is none.
func TestIMGroups(t *testing.T) {
	for _, tc := range []struct {
		state  string
		n      int
		want   Status
		reason string
	}{
		{FeedOK, 3, Pass, "chat directory: 3"},
		{FeedOK, 0, Fail, "chat directory: 0"},
		{"", 0, Unknown, "ingest.skip"},
		{FeedNever, 0, Unknown, "imgroup:read:admin"},
		{FeedFailed, 0, Unknown, "the last reading"},
		{FeedFailed, 3, Pass, "chat directory: 3"}, // what was read before still stands
		{FeedNotAuthorised, 3, Unknown, "refused"},
		{FeedPlanTooLow, 0, NotApplicable, "plan"},
	} {
		r := judge(t, "CIS-2.1.2.4", Input{IMGroups: tc.n, Feeds: map[string]FeedState{FeedIMGroups: {State: tc.state}}})
		if r.Status != tc.want || !strings.Contains(r.Reason, tc.reason) {
			t.Errorf("feed %q with %d groups: %s (%s), want %s with %q", tc.state, tc.n, r.Status, r.Reason, tc.want, tc.reason)
		}
	}
}
