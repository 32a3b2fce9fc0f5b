package posture

import "fmt"

// twoFactor adds to a control on two-factor sign-in for some how many users that covers. Where it is not known the control is unknown: no points would be a verdict too.
func (ev *evaluation) twoFactor(ctl *Control, r *Result) {
	if ctl.Partial.Ratio != ratioTwoFactor {
		return
	}
	f := ev.countedFigure("users.outside_two_factor")
	if !f.ok {
		r.Status = Unknown
		return
	}
	covered := f.of - f.high
	r.Observed += fmt.Sprintf(", covers %d of %d active users (%s)", covered, f.of, percentText(covered, f.of))
}

// percentText writes a share in percent so that only none is 0 % and only all is 100 %.
func percentText(part, whole int) string {
	switch p := 100 * float64(part) / float64(whole); {
	case part > 0 && p < 0.5:
		return "under 1 %"
	case part < whole && p >= 99.5:
		return "over 99 %"
	default:
		return fmt.Sprintf("%.0f %%", p)
	}
}
