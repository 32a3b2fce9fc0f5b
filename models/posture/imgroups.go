package posture

import "fmt"

// imGroups is the path of the number of groups in the chat directory, which is no setting.
const imGroups = "im_groups"

// imGroups compares that number.
func (ev *evaluation) imGroups(e *Expr) outcome {
	if o, no := ev.refused(FeedIMGroups); no {
		return o
	}
	switch ev.in.Feeds[FeedIMGroups].State {
	case FeedOK:
	case "", FeedNever:
		return unknownFor(causeMissing, "groups of the chat directory are read only when asked for: grant imgroup:read:admin and take im_groups off ingest.skip")
	default:
		if ev.in.IMGroups == 0 {
			return ev.absentFrom(FeedIMGroups, "the list of groups of the chat directory")
		}
	}
	o := ev.value(e, e.Path, float64(ev.in.IMGroups))
	o.reasons = []string{fmt.Sprintf("groups of the chat directory: %d", ev.in.IMGroups)}
	return o
}
