package posture

import (
	"cmp"
	"fmt"
	"strings"
)

// halfForOpenLock is the share of the points for a right value whose required lock is open.
const halfForOpenLock = 0.5

// Evaluate judges every control of the catalogue, in its order. It reads nothing but its input and never fails: what cannot be judged has a status that says so.
func Evaluate(c *Catalog, in Input) []Result { return evaluate(c, in, nil) }

// evaluate is Evaluate without the objects that skip names; nil for all of them.
func evaluate(c *Catalog, in Input, skip func(kind, id, name string) bool) []Result {
	ev := newEvaluation(c, &in)
	ev.skip = skip
	results := make([]Result, len(c.Controls))
	for i := range c.Controls {
		results[i] = ev.control(c, &c.Controls[i])
	}
	return results
}

func newEvaluation(c *Catalog, in *Input) *evaluation {
	params, _ := c.resolve(in.Params) // Run and the config reader refuse wrong ones before
	ev := &evaluation{in: in, params: params, figures: make(map[string]figure, len(userFigures)), profile: in.Profile}
	if ev.profile == "" {
		ev.profile = Profiles()[0]
	}
	if len(params.lists[companyDomains]) == 0 {
		params.lists[companyDomains] = in.verifiedDomains()
	}
	return ev
}

func (ev *evaluation) control(c *Catalog, ctl *Control) Result {
	r := Result{
		ControlID: ctl.ID, Title: ctl.Title, Severity: ctl.Severity, ResourceType: ScopeAccount, ResourceID: ev.in.AccountID,
		Expected: c.expected(ctl, ev.params), Lock: LockNone, MaxPoints: ctl.maxPoints(), Remediation: ctl.Remediation.String(),
	}
	if r.ResourceID == "" {
		r.ResourceID = "me"
	}
	if !ctl.inProfile(ev.profile) {
		r.Status = NotApplicable
		r.Reason = fmt.Sprintf("The profile %s is selected; this control belongs to %s", ev.profile, strings.Join(ctl.Profiles, ", "))
		if len(ctl.ConflictsWith) > 0 {
			r.Reason += " and excludes " + strings.Join(ctl.ConflictsWith, ", ")
		}
		r.Reason += "."
		return r
	}
	if ctl.Automation == AutomationManual {
		reasons := []string{"Zoom's API does not show this, so a person has to look: " + strings.TrimSuffix(ctl.Review, ".")}
		r.Status = Manual
		ev.except(&r, &reasons)
		r.Reason = sentences(reasons)
		return r
	}
	if done := ev.fromFeeds(ctl, &r); done {
		return r
	}
	o := ev.assertion(ctl)
	r.Observed, r.FetchedAt = o.observed(), o.fetchedAt
	r.Lock, r.Locked = ev.lock(ctl.Lock)
	reasons := []string{o.reason()}
	switch o.truth {
	case unknown:
		r.Status = o.cause.status()
	case yes:
		r.Status, r.Points = Pass, r.MaxPoints
		if ctl.Lock != nil && ctl.Lock.Want == LockRequired {
			switch r.Lock {
			case LockOpen:
				r.Status, r.Points = PartialPass, halfForOpenLock*r.MaxPoints
			case LockUnknown:
				r.Status, r.Points = Unknown, 0
				if odd := ev.oddLock(ctl.Lock); odd != "" {
					r.Status = Error
				}
			}
		}
	case no:
		r.Status = Fail
		reasons[0] += "; expected: " + r.Expected
		if share, why := ev.share(ctl); why != "" {
			reasons = append(reasons, why)
			if share > 0 {
				r.Status, r.Points = PartialPass, share*r.MaxPoints
			}
			ev.twoFactor(ctl, &r)
		}
	}
	if r.Status.Judged() || (o.truth == yes && r.Lock == LockUnknown) {
		reasons = append(reasons, cmp.Or(ev.oddLock(ctl.Lock), r.Lock.note()))
	}
	ev.weaken(ctl, o, &r, &reasons)
	if o.truth == yes && r.Lock != LockClosed && ctl.Scope == ScopeAccount {
		reasons = append(reasons, ev.unseen(ctl))
	}
	if ctl.CountedBy != "" {
		reasons = append(reasons, ctl.CountedBy+" asks for the same and has the points")
	}
	if len(ctl.ConflictsWith) > 0 {
		reasons = append(reasons, fmt.Sprintf("the profile %s takes this side of what excludes %s", ev.profile, strings.Join(ctl.ConflictsWith, ", ")))
	}
	ev.except(&r, &reasons)
	r.Reason = sentences(reasons)
	return r
}

// fromFeeds judges a control on objects, and any control one of whose feeds is refused; false leaves the others to be judged.
func (ev *evaluation) fromFeeds(ctl *Control, r *Result) bool {
	var reasons []string
	for _, feed := range ctl.Source.Feeds {
		if o, refused := ev.refused(feed); refused {
			r.Status = o.cause.status()
			reasons = append(reasons, o.reason())
			break
		}
		if state := ev.in.Feeds[feed].State; state == "" || state == FeedNever {
			r.Status = Unknown
			reasons = append(reasons, ev.unread(feed))
			break
		}
	}
	if reasons == nil && kinds[ctl.Scope].count != nil {
		ev.objects(ctl, r, &reasons)
	}
	if reasons == nil {
		return false
	}
	ev.except(r, &reasons)
	r.Reason = sentences(reasons)
	return true
}

func (c cause) status() Status {
	switch c {
	case causeParam:
		return Manual
	case causePlan, causeNothing:
		return NotApplicable
	case causeError:
		return Error
	}
	return Unknown
}

// lock judges the locks of a control: one that is open decides.
func (ev *evaluation) lock(l *Lock) (LockVerdict, *bool) {
	if l == nil {
		return LockNone, nil
	}
	if _, refused := ev.refused(FeedSettings); refused {
		return LockUnknown, nil
	}
	locked, missing := true, false
	for _, path := range l.Paths {
		switch s := ev.in.Settings[path].Locked; {
		case s == nil:
			missing = true
		case !*s:
			locked = false
		}
	}
	switch {
	case !locked:
		return LockOpen, &locked
	case missing:
		return LockUnknown, nil
	}
	return LockClosed, &locked
}

// oddLock says what Zoom sent in the place of the control's locks when it is no lock, and no other one of them is open; "" when all that it sent are locks.
func (ev *evaluation) oddLock(l *Lock) string {
	if v, _ := ev.lock(l); v != LockUnknown {
		return ""
	}
	for _, path := range l.Paths {
		if kind := ev.in.Settings[path].LockKind; kind != "" {
			return unreadable("whether it is locked is not known: the lock of "+path, misfit(kind, otherKind(kind), "switch")).reason()
		}
	}
	return ""
}

func (v LockVerdict) note() string {
	switch v {
	case LockClosed:
		return "locked, so that groups and users cannot change it"
	case LockOpen:
		return "not locked: groups and users can change it"
	case LockUnknown:
		return "whether it is locked is not known: Zoom sends no lock for it"
	}
	return ""
}

// Kinds of share that a control which does not pass may still earn.
const (
	ratioTwoFactor  = "users_in_two_factor_scope" // active users who fall under the two-factor rule
	ratioShareOfAll = "share_of_all"              // parts of the assertion that hold
	ratioUnaffected = "users_unaffected"          // users concerned whom the figure does not count
)

// share returns the share of the points that a failed control earns, and how it came about; "" when the control gives none.
func (ev *evaluation) share(ctl *Control) (float64, string) {
	p := ctl.Partial
	if p == nil || ev.below(ctl) || (p.When != nil && ev.condition(p.When).truth != yes) {
		return 0, ""
	}
	if p.Ratio == ratioShareOfAll {
		held := 0
		for _, o := range ev.conditions(ctl.Assert.All) {
			switch o.truth {
			case yes:
				held++
			case unknown:
				// Putting the wrong part right would then make the whole unknown: points given now would be lost by it.
				return 0, "no share of the points: not every part is known"
			}
		}
		return float64(held) / float64(len(ctl.Assert.All)), fmt.Sprintf("%d of %d hold", held, len(ctl.Assert.All))
	}
	if p.Ratio == ratioShareOfScope {
		t, o := ev.tally(&ctl.Assert)
		if o.truth == unknown || t.of == 0 {
			return 0, ""
		}
		if ev.in.Feeds[scopedFeeds[ctl.Assert.In].feed].Incomplete {
			return 0, "no share of the points: " + ev.unfinished(&ctl.Assert)
		}
		return float64(t.good) / float64(t.of), fmt.Sprintf("right for %d of %d %s", t.good, t.of, ctl.Assert.In)
	}
	path := ctl.Assert.figurePath()
	if p.Ratio == ratioTwoFactor {
		path = "users.outside_two_factor"
	}
	f := ev.countedFigure(path)
	if !f.ok {
		return 0, "no share of the points can be worked out: " + f.unknown.reason()
	}
	if f.of == 0 {
		return 0, ""
	}
	return float64(f.good) / float64(f.of), fmt.Sprintf("right for %d of %d users", f.good, f.of)
}

// sentences joins reasons; paths keep their case, so nothing is capitalised.
func sentences(reasons []string) string {
	var b strings.Builder
	for _, r := range reasons {
		if r == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteString(". ")
		}
		b.WriteString(r)
	}
	if b.Len() == 0 {
		return ""
	}
	return b.String() + "."
}
