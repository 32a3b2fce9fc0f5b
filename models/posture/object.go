package posture

import (
	"fmt"
	"strings"
	"time"
)

// Controls on users, groups, roles, channels, meetings, recordings and apps are judged object by object: Where says which of them the control concerns, Assert what
// has to hold of each. Their one result says how many hold; those that do not, or of which it is not known, are its Resources.

// kind is one kind of object.
type kind struct {
	one, many string
	listing   string // feed that lists the objects, where controls name another one first; "" otherwise
	count     func(in *Input) int
	ident     func(in *Input, i int) (id, name string)
	fields    map[string]func(ev *evaluation, i int) any
}

// A field is a bool, a number, a text, a list of texts or a since. nil is a field that Zoom does not send or that was not read; notKnown says why in other words.
type fields[T any] map[string]func(ev *evaluation, o *T) any

// notKnown is the value of a field that cannot be told.
type notKnown struct {
	cause cause
	why   string
}

// since is the value of a field that counts the time from an instant on. It is compared as a number and shown as the day, so that what stands still reads the same
// every day.
type since struct {
	at time.Time
	n  float64 // of the field's own unit
}

func kindOf[T any](one, many string, rows func(*Input) []T, ident func(o *T) (id, name string), f fields[T]) kind {
	k := kind{one: one, many: many, fields: make(map[string]func(*evaluation, int) any, len(f)),
		count: func(in *Input) int { return len(rows(in)) },
		ident: func(in *Input, i int) (string, string) { return ident(&rows(in)[i]) },
	}
	for name, of := range f {
		k.fields[one+"."+name] = func(ev *evaluation, i int) any { return of(ev, &rows(ev.in)[i]) }
	}
	return k
}

func (k kind) listedBy(feed string) kind {
	k.listing = feed
	return k
}

// kinds are the kinds of objects by the scope of the controls that judge them.
var kinds = map[string]kind{
	ScopeUser:      userKind.listedBy(FeedUsers),
	ScopeGroup:     groupKind.listedBy("groups"),
	ScopeRole:      roleKind,
	ScopeChannel:   channelKind,
	ScopeMeeting:   meetingKind,
	ScopeRecording: recordingKind,
	ScopeApp:       appKind,
}

// isSetting says whether a path names an account setting, and not a figure, a fact or a field of an object.
func isSetting(path string) bool {
	if strings.HasPrefix(path, userPrefix) || strings.HasPrefix(path, domainPrefix) || path == imGroups || facts[path] != nil {
		return false
	}
	prefix, _, _ := strings.Cut(path, ".")
	k, ok := kinds[prefix]
	return !ok || k.fields[path] == nil
}

// Tally counts the objects that a control concerns.
type Tally struct{ Held, Failed, Unknown int }

// Concerned is how many there are.
func (t Tally) Concerned() int { return t.Held + t.Failed + t.Unknown }

// Resource is a single object that keeps a control from passing.
type Resource struct {
	Type, ID, Name string
	Status         Status // Fail or Unknown
	Observed       string
}

// objects judges a control on every object that it concerns.
func (ev *evaluation) objects(ctl *Control, r *Result, reasons *[]string) {
	k := kinds[ctl.Scope]
	n := k.count(ev.in)
	if n == 0 && ev.in.Feeds[ctl.Source.Feeds[0]].State != FeedOK {
		r.Status = Unknown
		*reasons = append(*reasons, ev.unread(ctl.Source.Feeds[0]))
		return
	}
	var t Tally
	var why notKnown
	for i := range n {
		if ev.skip != nil {
			if id, name := k.ident(ev.in, i); ev.skip(ctl.Scope, id, name) {
				continue
			}
		}
		concerned, c := yes, notKnown{}
		if ctl.Where != nil {
			concerned, c = ev.ofObject(ctl.Where, &k, i)
		}
		if concerned == no {
			continue
		}
		holds := unknown
		if concerned == yes {
			holds, c = ev.ofObject(&ctl.Assert, &k, i)
		}
		status := Fail
		switch holds {
		case yes:
			t.Held++
			continue
		case no:
			t.Failed++
		case unknown:
			t.Unknown++
			status = Unknown
			if c.cause > why.cause {
				why = c
			}
		}
		id, name := k.ident(ev.in, i)
		r.Resources = append(r.Resources, Resource{ctl.Scope, id, name, status, ev.seenOf(ctl, &k, i, concerned)})
	}
	r.Tally = t
	all := t.Concerned()
	r.Observed = fmt.Sprintf("%d of %d %s", t.Held, all, plural(all, k.one, k.many))
	right := fmt.Sprintf("right for %d of %d %s", t.Held, all, plural(all, k.one, k.many))
	if t.Unknown > 0 {
		r.Observed += fmt.Sprintf(", %d not known", t.Unknown)
		right += fmt.Sprintf(", not known of %d: %s", t.Unknown, why.why)
	}
	incomplete := ""
	for _, feed := range append([]string{ctl.Source.Feeds[0], k.listing}, ctl.Source.Lists...) {
		if ev.in.Feeds[feed].Incomplete {
			incomplete = "not all " + k.many + " are listed yet: the feed " + feed + " has not come round once"
		}
	}
	switch {
	case all == 0 && incomplete == "":
		r.Status, r.Observed = NotApplicable, "no "+k.many+" to judge"
		*reasons = append(*reasons, "the account has no "+k.many+" that this is about")
		return
	case t.Failed > 0 && t.Held == 0:
		r.Status = Fail
		right += "; expected: " + r.Expected
	case t.Failed > 0 && incomplete != "":
		r.Status = PartialPass
		right += "; expected: " + r.Expected + "; no share of the points: " + incomplete
	case incomplete != "":
		r.Status = Unknown
		right += "; " + incomplete
	case t.Failed > 0:
		// What is not known earns nothing: learning less must never bring points.
		r.Status, r.Points = PartialPass, r.MaxPoints*float64(t.Held)/float64(all)
		right += "; expected: " + r.Expected
	case t.Unknown > 0:
		r.Status = why.cause.status()
		if r.Status == Error && t.Held > 0 {
			r.Status = Unknown // one odd value says nothing of the others
		}
	default:
		r.Status, r.Points = Pass, r.MaxPoints
	}
	*reasons = append(*reasons, right)
}

// ofObject evaluates a condition on object number i, and says of an unknown truth why. It builds no words: it runs for every object and control.
func (ev *evaluation) ofObject(e *Expr, k *kind, i int) (truth, notKnown) {
	switch {
	case len(e.All) > 0:
		return ev.ofObjects(e.All, no, k, i)
	case len(e.Any) > 0:
		return ev.ofObjects(e.Any, yes, k, i)
	case e.Not != nil:
		t, c := ev.ofObject(e.Not, k, i)
		return outcome{truth: t}.negate().truth, c
	}
	of, ok := k.fields[e.Path]
	if !ok { // an account setting beside the object
		o := ev.condition(e)
		return o.truth, notKnown{o.cause, o.reason()}
	}
	v := of(ev, i)
	switch x := v.(type) {
	case nil:
		return unknown, notKnown{causeMissing, "Zoom did not say, or was not asked yet, the " + fieldWords(e.Path)}
	case notKnown:
		return unknown, x
	case since:
		v = x.n
	}
	t, c, why := ev.compare(e, v)
	if c == causeError {
		why = e.Path + " is " + shownField(v) + ", " + why
	}
	return t, notKnown{c, why}
}

func (ev *evaluation) ofObjects(es []Expr, decisive truth, k *kind, i int) (truth, notKnown) {
	t, why := yes, notKnown{}
	if decisive == yes {
		t = no
	}
	for j := range es {
		part, c := ev.ofObject(&es[j], k, i)
		switch {
		case part == decisive:
			return decisive, notKnown{}
		case part == unknown:
			t = unknown
			if c.cause > why.cause {
				why = c
			}
		}
	}
	return t, why
}

// seenOf writes the fields of an object that the verdict rests on: those of Where when it is not even known whether the control concerns the object.
func (ev *evaluation) seenOf(ctl *Control, k *kind, i int, concerned truth) string {
	e := &ctl.Assert
	if concerned == unknown {
		e = ctl.Where
	}
	var o outcome
	e.walk(func(leaf *Expr) {
		of, ok := k.fields[leaf.Path]
		if !ok {
			return
		}
		v := of(ev, i)
		text := shownField(v)
		if list, ok := v.([]string); ok && len(leaf.Labels) > 0 {
			text = showList(labelled(list, leaf.Labels))
		} else if label, ok := leaf.Labels[text]; ok {
			text += " (" + label + ")"
		}
		o.seen = appendSeen(o.seen, []seen{{leaf.Path, text}})
	})
	return o.observed()
}

func shownField(v any) string {
	switch v := v.(type) {
	case nil, notKnown:
		return "not known"
	case since:
		return "since " + v.at.UTC().Format(time.DateOnly)
	default:
		return showPlain(v)
	}
}

func labelled(list []string, labels map[string]string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		if out[i] = s; labels[s] != "" {
			out[i] += " (" + labels[s] + ")"
		}
	}
	return out
}

// fieldWords names a field in a sentence: "user.login_types" as "login types of the user".
func fieldWords(path string) string {
	one, name, _ := strings.Cut(path, ".")
	return strings.ReplaceAll(name, "_", " ") + " of the " + one
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// unread says of a feed without rows why there are none.
func (ev *evaluation) unread(feed string) string {
	what := strings.ReplaceAll(feed, "_", " ")
	switch state, known := ev.in.Feeds[feed]; {
	case !known:
		return fmt.Sprintf("the feed %s was not read yet: run `zoomward ingest`, and see that ingest.skip does not name %s", what, feed)
	case state.State == FeedFailed:
		return "the last reading of the feed " + what + " failed"
	default:
		return fmt.Sprintf("the feed %s was not read yet: run `zoomward ingest`", what)
	}
}

// ceil is how many whole units have begun.
func ceil(d, unit time.Duration) float64 { return float64((d + unit - 1) / unit) }

func optBool(b *bool) any {
	if b == nil {
		return nil
	}
	return *b
}

func optInt(n *int64) any {
	if n == nil {
		return nil
	}
	return float64(*n)
}

func optText(s string) any {
	if s == "" {
		return nil
	}
	return s
}
