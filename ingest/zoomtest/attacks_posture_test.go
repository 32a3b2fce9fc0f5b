package zoomtest

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestPostureAttack(t *testing.T) {
	end := time.Date(2026, 3, 10, 15, 0, 0, 0, time.UTC)
	options := Options{Seed: 3, Users: 40, Days: 30, End: end, Attacks: true}
	plain, err := NewCompany(options)
	if err != nil {
		t.Fatal(err)
	}
	options.PostureAttack = &PostureAttack{Hidden: true}
	c, err := NewCompany(options)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(c.Attacks(), func(a Attack) bool { return a.Kind == AttackPosture })
	if i < 0 || len(c.Attacks()) != len(plain.Attacks())+1 {
		t.Fatalf("%d attacks, %d without the one on the posture", len(c.Attacks()), len(plain.Attacks()))
	}
	a := c.Attacks()[i]
	others := slices.Delete(c.Attacks(), i, i+1)
	for k, b := range plain.Attacks() {
		b.ID, others[k].ID = "", ""
		if b.Description != others[k].Description || !b.Start.Equal(others[k].Start) || !slices.Equal(b.Users, others[k].Users) {
			t.Errorf("another attack is %+v, was %+v", others[k], b)
		}
	}
	if want := end.Add(-6 * time.Hour); !a.Start.Equal(want) || a.End.Sub(a.Start) >= postureAttackLasts || a.End.Day() != a.Start.Day() {
		t.Errorf("from %s to %s, want within an hour from %s", a.Start, a.End, want)
	}
	signs, ops := rowsOf(c, a)
	if len(signs) != 1 || countOps(ops, "Update: ") < 10 {
		t.Errorf("%d sign-ins and %d operations", len(signs), len(ops))
	}
	for _, w := range weakenPosture {
		line := change(w.section, w.label, w.from, w.to)
		if !slices.ContainsFunc(ops, func(o Operation) bool {
			return o.Detail == line && o.Operator == a.Operator && o.Category == catAccount
		}) {
			t.Errorf("no row %q", line)
		}
	}
	for _, o := range ops {
		if strings.Contains(o.Detail, weakenHidden.label) {
			t.Errorf("the hidden change is in the log: %s", o.Detail)
		}
	}
	// What an attack before has weakened is put right by then, so that all of them change; the log says so.
	rogues := 0
	for seed := uint64(1); seed <= 6; seed++ {
		o := Options{Seed: seed, Users: 60, Days: 60, End: end, Attacks: true}
		o.PostureAttack = &PostureAttack{Hidden: true}
		many, err := NewCompany(o)
		if err != nil {
			t.Fatal(err)
		}
		x := many.Attacks()[len(many.Attacks())-1]
		if i := slices.IndexFunc(many.Attacks(), func(a Attack) bool { return a.Kind == AttackPosture }); i >= 0 {
			x = many.Attacks()[i]
		}
		for _, w := range weakenPosture {
			option := ""
			if strings.HasPrefix(w.path, "meeting_security.") {
				option = "meeting_security"
			}
			now := func(when time.Time) any {
				var v any = many.SettingsAt(option, when)
				for name := range strings.SplitSeq(w.path, ".") {
					v = v.(map[string]any)[name]
				}
				return v
			}
			if now(x.Start) == w.value || now(x.End.Add(time.Minute)) != w.value {
				t.Errorf("seed %d: %s is %v, then %v", seed, w.path, now(x.Start), now(x.End.Add(time.Minute)))
			}
			if len(many.posture.changed[w.path]) > 1 {
				rogues++
			}
		}
	}
	if rogues == 0 {
		t.Error("no attack before had weakened any of them: the seeds show nothing")
	}
	at := func(path string, when time.Time) any {
		option := ""
		if strings.HasPrefix(path, "meeting_security.") {
			option = "meeting_security"
		}
		var v any = c.SettingsAt(option, when)
		for name := range strings.SplitSeq(path, ".") {
			v = v.(map[string]any)[name]
		}
		return v
	}
	for _, w := range append(slices.Clone(weakenPosture), weakenHidden) {
		before, during, after := at(w.path, a.Start), at(w.path, a.Start.Add(30*time.Second)), at(w.path, a.Start.Add(postureAttackLasts))
		if before == w.value || during != before || after != w.value {
			t.Errorf("%s is %v, then %v, then %v; want another value, the same, then %v", w.path, before, during, after, w.value)
		}
	}
}

func TestPostureAttackRefused(t *testing.T) {
	end := time.Date(2026, 3, 10, 15, 0, 0, 0, time.UTC)
	for _, at := range []time.Time{end, end.Add(-30 * time.Minute), end.AddDate(0, 0, -40)} {
		if _, err := NewCompany(Options{Seed: 3, Users: 40, Days: 30, End: end, PostureAttack: &PostureAttack{At: at}}); err == nil || !strings.Contains(err.Error(), "cannot be weakened at") {
			t.Errorf("at %s: %v", at, err)
		}
	}
}
