package posture

import (
	"errors"
	"fmt"
	"time"
)

// ExceptionState says how somebody decided to live with a control that does not pass.
type ExceptionState string

// Exception states, after Microsoft Secure Score. The status of the control stays what was found.
const (
	Planned             ExceptionState = "planned"              // shown, no effect on points
	RiskAccepted        ExceptionState = "risk_accepted"        // no points, and none expected: lowers the achievable score
	ThirdParty          ExceptionState = "third_party"          // full points, attested by the owner, not verified
	AlternateMitigation ExceptionState = "alternate_mitigation" // full points, attested by the owner, not verified
)

// Exception is a decision about one control.
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
			errs = append(errs, fmt.Errorf("exception for %q: no such control; `zoomward posture --format csv` lists them", x.Control))
			continue
		}
		switch x.State {
		case Planned, RiskAccepted, ThirdParty, AlternateMitigation:
		default:
			errs = append(errs, fmt.Errorf("exception for %s: state %q is not planned, risk_accepted, third_party or alternate_mitigation", x.Control, x.State))
		}
		if x.Reason == "" {
			errs = append(errs, fmt.Errorf("exception for %s: reason is missing", x.Control))
		}
		if have[x.Control] {
			errs = append(errs, fmt.Errorf("exception for %s: there are two", x.Control))
		}
		have[x.Control] = true
	}
	return errors.Join(errs...)
}

func (x *Exception) expired(asOf time.Time) bool {
	return !x.ExpiresOn.IsZero() && !asOf.Before(x.ExpiresOn.UTC().Truncate(24*time.Hour).Add(24*time.Hour))
}

// attested says whether the state stands in for the control itself.
func (s ExceptionState) attested() bool { return s == ThirdParty || s == AlternateMitigation }
