package posture

import (
	"strings"
	"testing"
)

// Every control with a lock, value right and wrong, lock closed, open and not sent: the value alone decides between pass and fail; an open lock costs half of the
// points where the lock is required, and is told in every case.
func TestEveryLock(t *testing.T) {
	cases := readCases(t)
	for _, tc := range inputCases {
		c := cases[tc.id]
		switch {
		case len(tc.settings) == 0 || tc.users != nil || tc.domains != nil:
		case tc.want == Pass:
			c.Good = append(c.Good, tc.settings)
		case tc.want == Fail && tc.params == nil:
			c.Bad = append(c.Bad, tc.settings)
		}
		cases[tc.id] = c
	}
	n := 0
	for _, ctl := range catalogue(t).Controls {
		if ctl.Lock == nil || ctl.Scope != ScopeAccount {
			continue
		}
		n++
		if len(cases[ctl.ID].Good) == 0 {
			t.Errorf("%s: no good value", ctl.ID)
		}
		for _, state := range []string{"closed", "open", "unsent"} {
			locked := func(m map[string]any) Input {
				in := Input{Settings: switchedOn(t, &ctl, values(t, m)), Params: paramsOf(ctl.ID)}
				if state != "unsent" {
					lockAll(in.Settings, state == "closed", ctl.Lock.Paths...)
				}
				return in
			}
			wantLock := map[string]LockVerdict{"closed": LockClosed, "open": LockOpen, "unsent": LockUnknown}[state]
			for _, good := range cases[ctl.ID].Good {
				want, points := Pass, ctl.maxPoints()
				if ctl.Lock.Want == LockRequired {
					switch state {
					case "open":
						want, points = PartialPass, points/2
					case "unsent":
						want, points = Unknown, 0
					}
				}
				r := judge(t, ctl.ID, locked(good))
				if r.Status != want || r.Points != points || r.Lock != wantLock || !strings.Contains(r.Reason, "lock") {
					t.Errorf("%s: %v, lock %s: %s, %v points, lock %s (%s), want %s with %v", ctl.ID, good, state, r.Status, r.Points, r.Lock, r.Reason, want, points)
				}
			}
			for _, bad := range cases[ctl.ID].Bad {
				if r := judge(t, ctl.ID, locked(bad)); r.Status != Fail || r.Points != 0 || r.Lock != wantLock {
					t.Errorf("%s: %v, lock %s: %s, %v points, lock %s, want fail", ctl.ID, bad, state, r.Status, r.Points, r.Lock)
				}
			}
		}
	}
	if n < 80 {
		t.Errorf("%d controls with a lock only", n)
	}
}
