package posture

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// ExceptionState says how somebody decided to live with a control that does not pass.
type ExceptionState string

// Exception states, after Microsoft Secure Score; false_result is for a verdict that is wrong. The status of the control stays what was found.
const (
	Planned             ExceptionState = "planned"              // shown, no effect on points
	RiskAccepted        ExceptionState = "risk_accepted"        // no points, and none expected: lowers the achievable score
	ThirdParty          ExceptionState = "third_party"          // full points, also where nothing could be judged; attested by the owner, not verified
	AlternateMitigation ExceptionState = "alternate_mitigation" // the same
	FalseResult         ExceptionState = "false_result"         // no part of the score; lowers the coverage, as a control that could not be judged
)

// ExceptionStates lists the states that an exception may have.
func ExceptionStates() []ExceptionState {
	return []ExceptionState{Planned, RiskAccepted, ThirdParty, AlternateMitigation, FalseResult}
}

// Exception is a decision about one control. It is applied to what an evaluation found and changes nothing of it: taken out of the configuration, it leaves no trace
// in the next evaluation.
type Exception struct {
	Control   string
	State     ExceptionState
	Reason    string
	Owner     string
	ExpiresOn time.Time // last UTC day on which it applies; zero: no end
}

// CheckExceptions refuses exceptions that could have no effect: unknown control or state, no reason, two for one control.
func (c *Catalog) CheckExceptions(list []Exception) error {
	var errs []error
	have := map[string]bool{}
	for _, x := range list {
		if _, ok := c.Control(x.Control); !ok {
			errs = append(errs, fmt.Errorf("exception for %q: no such control; `zoomward catalog --controls` lists them", x.Control))
			continue
		}
		if !slices.Contains(ExceptionStates(), x.State) {
			errs = append(errs, fmt.Errorf("exception for %s: state %q is not one of %s", x.Control, x.State, stateNames()))
		}
		if strings.TrimSpace(x.Reason) == "" {
			errs = append(errs, fmt.Errorf("exception for %s: reason is missing", x.Control))
		}
		if have[x.Control] {
			errs = append(errs, fmt.Errorf("exception for %s: there are two", x.Control))
		}
		have[x.Control] = true
	}
	return errors.Join(errs...)
}

func stateNames() string {
	names := make([]string, 0, len(ExceptionStates()))
	for _, s := range ExceptionStates() {
		names = append(names, string(s))
	}
	return strings.Join(names, ", ")
}

func (x *Exception) expired(asOf time.Time) bool {
	return !x.ExpiresOn.IsZero() && !asOf.Before(x.ExpiresOn.UTC().Truncate(24*time.Hour).Add(24*time.Hour))
}

// attested says whether the state stands in for the control itself.
func (s ExceptionState) attested() bool { return s == ThirdParty || s == AlternateMitigation }

// except applies the exception for the control, if there is one. What was found stays: Status and RawPoints.
func (ev *evaluation) except(r *Result, reasons *[]string) {
	r.RawPoints = r.Points
	i := slices.IndexFunc(ev.in.Exceptions, func(x Exception) bool { return x.Control == r.ControlID })
	if i < 0 {
		return
	}
	x := &ev.in.Exceptions[i]
	r.Entry = x
	switch {
	case x.expired(ev.in.AsOf):
		r.Expired = true
		*reasons = append(*reasons, fmt.Sprintf("the exception %s ran out on %s", x.State, x.ExpiresOn.UTC().Format(time.DateOnly)))
		return
	case r.Status == NotApplicable:
		*reasons = append(*reasons, fmt.Sprintf("the exception %s is not needed: there is nothing to judge", x.State))
		return
	case r.Status == Pass && x.State != FalseResult:
		*reasons = append(*reasons, fmt.Sprintf("the exception %s is not needed: the control passes", x.State))
		return
	}
	r.Exception = x.State
	*reasons = append(*reasons, fmt.Sprintf("exception %s: %s", x.State, showText(x.Reason)))
	if x.State.attested() { // also of what could not be judged: somebody did
		r.Points = r.MaxPoints
		*reasons = append(*reasons, "attested by "+x.attestedBy()+", not verified")
	}
}

// attestedBy names who answers for an exception, and until when.
func (x *Exception) attestedBy() string {
	who := showText(x.Owner)
	if strings.TrimSpace(x.Owner) == "" {
		who = "nobody who is named"
	}
	if x.ExpiresOn.IsZero() {
		return who + ", with no end"
	}
	return who + " until " + x.ExpiresOn.UTC().Format(time.DateOnly)
}
