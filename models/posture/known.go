package posture

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/zoomward/zoomward/store"
)

// Feeds that go from object to object reach more of them with every run of a week, and whatever a scope opens comes all at once. A verdict that changes because more was
// read is no regression, so a run judges twice: everything, for the verdict, and what the run before it knew, to compare like with like.

// Causes of a change other than that what both runs know turned.
const (
	CauseCoverage = "coverage" // objects, or settings of users and groups, that were not read before
	CauseJoined   = "joined"   // a user, group, role or app that was not there before
	CauseWeakened = "weakened" // partial before and after: something that was read before and held holds no more
	CauseRepaired = "repaired" // partial before and after: something that was read before holds again
)

// known is what the last run that judged knew.
type known struct {
	at      time.Time         // of that run; zero: there was none
	objects map[resource]bool // without a control; nil: that run kept no list, so everything counts as known
}

func readKnown(ctx context.Context, q store.Querier) (k known, err error) {
	var runs struct {
		At []time.Time `col:"at"`
	}
	if err := q.Read(ctx, &runs, `SELECT max(at) AS at FROM models.posture_scores`); err != nil {
		return k, fmt.Errorf("read when posture was judged: %w", err)
	}
	k.at = runs.At[0]
	var rows struct {
		Type []string `col:"resource_type"`
		ID   []string `col:"resource_id"`
	}
	if err := q.Read(ctx, &rows, `SELECT resource_type, resource_id FROM models.posture_known`); err != nil {
		return k, fmt.Errorf("read what the last run knew: %w", err)
	}
	if len(rows.ID) > 0 {
		k.objects = make(map[resource]bool, len(rows.ID))
		for i, id := range rows.ID {
			k.objects[resource{kind: rows.Type[i], id: id}] = true
		}
	}
	return k, nil
}

// knew says whether an object was there at the last run. A user who was only invited then stands under the address.
func (k *known) knew(kind, id, name string) bool {
	return k.objects == nil || k.objects[resource{kind: kind, id: id}] || kind == ScopeUser && k.objects[resource{kind: kind, id: name}]
}

// write replaces the list by what this run knows.
func (k *known) write(ctx context.Context, tx *store.Tx, in *Input) error {
	var rows struct {
		Type []string `col:"resource_type"`
		ID   []string `col:"resource_id"`
	}
	for scope, kind := range kinds {
		for i := range kind.count(in) {
			id, _ := kind.ident(in, i)
			rows.Type, rows.ID = append(rows.Type, scope), append(rows.ID, id)
		}
	}
	for _, step := range []func() error{
		func() error {
			_, err := tx.Exec(ctx, `CREATE OR REPLACE TEMP TABLE posture_known_now AS SELECT * FROM models.posture_known LIMIT 0`)
			return err
		},
		func() error { _, err := tx.Append(ctx, "temp.posture_known_now", rows); return err },
		func() error { // rows that stay are not touched: an account of any size changes little from run to run
			_, err := tx.Exec(ctx, `DELETE FROM models.posture_known AS k WHERE NOT EXISTS (SELECT 1 FROM temp.posture_known_now AS n WHERE n.resource_type = k.resource_type AND n.resource_id = k.resource_id)`)
			return err
		},
		func() error {
			_, err := tx.Exec(ctx, `INSERT INTO models.posture_known SELECT DISTINCT * FROM temp.posture_known_now EXCEPT SELECT * FROM models.posture_known`)
			return err
		},
		func() error { _, err := tx.Exec(ctx, `DROP TABLE temp.posture_known_now`); return err },
	} {
		if err := step(); err != nil {
			return fmt.Errorf("write what is known: %w", err)
		}
	}
	return nil
}

// asKnown is the input without what was read since: overrides, and the counts of settings. skip says which objects came since; nil for none.
func (in *Input) asKnown(k *known) (was Input, skip func(kind, id, name string) bool) {
	was = *in
	was.Overrides = slices.DeleteFunc(slices.Clone(in.Overrides), func(o Override) bool { return o.New })
	was.Scoped = make(map[string]Scoped, len(in.Scoped))
	for scope, s := range in.Scoped {
		part := Scoped{Of: s.Of - s.New, Values: map[string][]ScopedValue{}}
		for path, values := range s.Values {
			for _, v := range values {
				if v.N > v.New {
					part.Values[path] = append(part.Values[path], ScopedValue{Value: v.Value, N: v.N - v.New})
				}
			}
		}
		was.Scoped[scope] = part
	}
	return was, func(kind, id, name string) bool { return !k.knew(kind, id, name) }
}

// comparison is what tells a verdict that turned from one that rests on more than the one before.
type comparison struct {
	in      *Input
	known   *known
	past    []Result              // verdicts on what the last run knew, by number of the control; nil: there was no run
	failing map[string][]resource // by control: objects that hold not, and held or were not there
	mended  map[string][]resource // by control: objects that held not, and are not named any more
}

// cause says why the verdict on control number i differs from the one before; "" where what both runs know turned, or nothing did.
func (c *comparison) cause(ctl *Control, i int, old, now *Result) (cause, why string) {
	if c.past == nil {
		return "", ""
	}
	past := &c.past[i]
	switch t := turn(old.Status, now.Status); {
	case t != 0:
		if t*turn(old.Status, past.Status) > 0 {
			return "", ""
		}
		if joined := c.joined(now); joined > 0 {
			return CauseJoined, c.words(ctl, joined, now.Status)
		}
		return CauseCoverage, c.words(ctl, 0, now.Status)
	case old.Status != PartialPass || now.Status != PartialPass || !ctl.onSettings():
		return "", ""
	}
	weak := 0
	for _, x := range c.failing[now.ControlID] {
		if slices.ContainsFunc(past.Resources, func(r Resource) bool { return r.Type == x.kind && r.ID == x.id && r.Status == Fail }) {
			weak++
		}
	}
	if weak > 0 {
		return CauseWeakened, fmt.Sprintf("%d more that %s right before %s not", weak, plural(weak, "was", "were"), plural(weak, "is", "are"))
	}
	if joined := c.joined(now); joined > 0 {
		return CauseJoined, c.words(ctl, joined, now.Status)
	}
	if n := c.repaired(now.ControlID); n > 0 {
		return CauseRepaired, fmt.Sprintf("%d that %s not right before %s", n, plural(n, "was", "were"), plural(n, "is", "are"))
	}
	return "", ""
}

// joined counts the objects that are newly named as not right and that are new to the account, not merely to zoomward: lists of users, groups, roles and apps are read whole.
func (c *comparison) joined(now *Result) (n int) {
	names := map[resource]string{}
	for _, x := range now.Resources {
		names[resource{kind: x.Type, id: x.ID}] = x.Name
	}
	for _, x := range c.failing[now.ControlID] {
		if listedWhole(x.kind) && !c.known.knew(x.kind, x.id, names[resource{kind: x.kind, id: x.id}]) {
			n++
		}
	}
	return n
}

func listedWhole(kind string) bool {
	return kind == ScopeUser || kind == ScopeGroup || kind == ScopeRole || kind == ScopeApp
}

// repaired counts the objects that are right again: those that are gone are not.
func (c *comparison) repaired(control string) (n int) {
	for _, x := range c.mended[control] {
		k := kinds[x.kind]
		for i := range k.count(c.in) {
			if id, _ := k.ident(c.in, i); id == x.id {
				n++
				break
			}
		}
	}
	return n
}

// words say what came, and what the verdict is with it: "coverage grew: the settings of 31 more users were read; verdict now partial".
func (c *comparison) words(ctl *Control, joined int, now Status) string {
	var parts []string
	if joined > 0 {
		parts = append(parts, fmt.Sprintf("%d that %s not right joined since", joined, plural(joined, "is", "are")))
	}
	var read []string
	if k, ok := kinds[ctl.Scope]; ok {
		n := 0
		for i := range k.count(c.in) {
			if id, name := k.ident(c.in, i); !c.known.knew(ctl.Scope, id, name) {
				n++
			}
		}
		if n > 0 {
			read = append(read, fmt.Sprintf("%d more %s read", n, plural(n, k.one+" was", k.many+" were")))
		}
	} else {
		for _, scope := range []string{ScopeUser, ScopeGroup} {
			if n := c.in.Scoped[scope].New; n > 0 {
				read = append(read, fmt.Sprintf("the settings of %d more %s were read", n, plural(n, kinds[scope].one, kinds[scope].many)))
			}
		}
	}
	if len(read) == 0 && joined == 0 {
		read = append(read, "what it is judged on is not the same as before")
	}
	if len(read) > 0 {
		parts = append(parts, "coverage grew: "+strings.Join(read, ", "))
	}
	return strings.Join(append(parts, "verdict now "+string(now)), "; ")
}

// onSettings says whether a control is about settings that somebody has to change for the worse, of the account or of users and groups: unlike days without a sign-in or
// the version of a client, they do not drift by themselves.
func (ctl *Control) onSettings() bool {
	if ctl.Scope == ScopeAccount || ctl.Scope == ScopeGroup {
		return true
	}
	on := false
	ctl.Assert.walk(func(e *Expr) { on = on || e.Path == "user.weaker_settings" })
	return on
}
