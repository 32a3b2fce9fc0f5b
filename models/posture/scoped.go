package posture

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/zoomward/zoomward/store"
)

// Scoped counts the settings of all groups, or of all users: what most of them share is counted once, so that an account of any size fits.
type Scoped struct {
	Of     int                      // groups or users of which settings were read
	New    int                      // those of them of which the first was read after the last run that judged
	Values map[string][]ScopedValue // by path
}

// ScopedValue is a value and how many groups or users have it.
type ScopedValue struct {
	Value json.RawMessage
	N     int
	New   int // as Scoped.New
}

// scopedFeeds names the feed that a condition's In rests on.
var scopedFeeds = map[string]struct{ scope, feed string }{
	"groups": {ScopeGroup, FeedGroupSettings},
	"users":  {ScopeUser, FeedUserSettings},
}

// ratioShareOfScope gives points by the share of the groups or users for whom the assertion holds.
const ratioShareOfScope = "share_of_scope"

// tally is how many groups or users a comparison holds for.
type tally struct{ good, bad, odd, unread, of int } // odd: of another kind than documented

// scoped evaluates a comparison for every group or user: it holds when it holds for all of them.
func (ev *evaluation) scoped(e *Expr) outcome {
	t, o := ev.tally(e)
	if o.truth == unknown {
		return o
	}
	text := fmt.Sprintf("%d of %d %s", t.good, t.of, e.In)
	o.seen = []seen{{e.Path, text}}
	switch {
	case t.bad > 0:
		o.truth, o.reasons = no, []string{fmt.Sprintf("%s is right for %s", e.Path, text)}
	case ev.in.Feeds[scopedFeeds[e.In].feed].Incomplete:
		o.truth, o.cause, o.reasons = unknown, causeMissing, []string{fmt.Sprintf("%s is right for %s; %s", e.Path, text, ev.unfinished(e))}
	case t.odd > 0:
		o.truth, o.cause, o.reasons = unknown, causeMissing, []string{fmt.Sprintf("%s is right for %s; of %d more it is of another kind than Zoom documents", e.Path, text, t.odd)}
	case t.unread > 0:
		o.truth, o.cause, o.reasons = unknown, causeMissing, []string{fmt.Sprintf("%s is right for %s; Zoom does not send it for the others", e.Path, text)}
	default:
		o.reasons = []string{fmt.Sprintf("%s is right for all %d %s", e.Path, t.of, e.In)}
	}
	return o
}

// unfinished says that groups or users may be missing among those of which settings were read.
func (ev *evaluation) unfinished(e *Expr) string {
	return fmt.Sprintf("not all of their settings were read yet: the feed %s has not come round once", scopedFeeds[e.In].feed)
}

// tally counts; an outcome of unknown truth says why it cannot.
func (ev *evaluation) tally(e *Expr) (tally, outcome) {
	from := scopedFeeds[e.In]
	if o, no := ev.refused(from.feed); no {
		return tally{}, o
	}
	s := ev.in.Scoped[from.scope]
	if s.Of == 0 {
		if ev.in.Feeds[from.feed].Incomplete {
			return tally{}, unknownFor(causeMissing, fmt.Sprintf("%s of %s: %s", e.Path, e.In, ev.unfinished(e)))
		}
		if ev.in.Feeds[from.feed].State == FeedOK {
			return tally{}, unknownFor(causeMissing, fmt.Sprintf("there are no %s whose settings Zoom would show, and it shows %s of %s alone", e.In, e.Path, e.In))
		}
		return tally{}, ev.absentFrom(from.feed, e.Path+" of "+e.In)
	}
	t := tally{of: s.Of}
	var unfit outcome
	for _, v := range s.Values[e.Path] {
		decoded, present, err := decodeJSON(v.Value)
		if err != nil {
			unfit = unreadable(e.Path, err.Error())
			t.odd += v.N
			continue
		}
		if !present {
			continue
		}
		switch o := ev.value(e, e.Path, decoded); o.truth {
		case yes:
			t.good += v.N
		case no:
			t.bad += v.N
		default:
			unfit = o
			t.odd += v.N
		}
	}
	t.unread = max(t.of-t.good-t.bad-t.odd, 0)
	switch {
	case t.good+t.bad > 0:
		return t, outcome{truth: yes}
	case len(unfit.reasons) > 0:
		return t, unfit
	}
	return t, ev.absentFrom(from.feed, e.Path+" of "+e.In)
}

// scopedPaths lists the paths that controls read of every group or user.
func (c *Catalog) scopedPaths() []string {
	var paths []string
	for i := range c.Controls {
		c.Controls[i].Assert.walk(func(e *Expr) {
			if e.In != "" {
				paths = appendNew(paths, e.Path)
			}
		})
	}
	slices.Sort(paths)
	return paths
}

func readScoped(ctx context.Context, q store.Querier, c *Catalog, in *Input, since time.Time) error {
	paths, err := json.Marshal(c.scopedPaths())
	if err != nil {
		return fmt.Errorf("write paths: %w", err)
	}
	var rows struct {
		Scope []string `col:"scope"`
		Path  []string `col:"path"`
		Value []string `col:"value"`
		N     []int64  `col:"n"`
		New   []int64  `col:"recent"`
	}
	if err := q.Read(ctx, &rows, query("scoped"), since, string(paths)); err != nil {
		return err
	}
	in.Scoped = map[string]Scoped{}
	for i, scope := range rows.Scope {
		s := in.Scoped[scope]
		if s.Values == nil {
			s.Values = map[string][]ScopedValue{}
		}
		if path := rows.Path[i]; path == "" {
			s.Of, s.New = int(rows.N[i]), int(rows.New[i])
		} else {
			s.Values[path] = append(s.Values[path], ScopedValue{Value: json.RawMessage(strings.Clone(rows.Value[i])), N: int(rows.N[i]), New: int(rows.New[i])})
		}
		in.Scoped[scope] = s
	}
	return nil
}
