package models

import (
	"cmp"
	"crypto/md5"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/zoomward/zoomward/features"
)

// goldenDay is a day of testdata/recipe/golden.json: made-up events with the evidence, scores and model that an independent implementation in Python reaches.
type goldenDay struct {
	Day      int64                `json:"day"`
	Events   map[string][][2]any  `json:"events"`
	Evidence map[string][]float64 `json:"evidence"`
	Scores   map[string]float64   `json:"scores"`
	Model    [][]float64          `json:"model"`
}

func readGolden(t testing.TB) []goldenDay {
	t.Helper()
	raw, err := os.ReadFile("../testdata/recipe/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var g struct {
		Days []goldenDay `json:"days"`
	}
	if err := json.Unmarshal(raw, &g); err != nil {
		t.Fatal(err)
	}
	return g.Days
}

func TestIdentityMatchesGolden(t *testing.T) {
	id := NewIdentity(features.Act, features.Level, features.Pace, features.Pair, features.Rhythm, features.Run, features.Hour)
	st := features.NewState()
	st.Plain()
	noPriors := st.Priors(func(string) string { return "" })
	const epoch = 20000 // the golden days start at 0, which stands for "no day yet" in the state
	for _, g := range readGolden(t) {
		d := &features.Day{Number: epoch + g.Day, Rows: &features.Rows{}}
		for email, events := range g.Events {
			u := features.UserDay{Email: email, Counts: make([]float64, len(features.Behaviours))}
			for _, e := range events {
				s := int64(e[0].(float64))
				u.Events = append(u.Events, features.Event{Second: s, LocalSecond: s, Action: st.Dictionary().Code(e[1].(string))})
			}
			d.Users = append(d.Users, u)
		}
		slices.SortFunc(d.Users, func(a, b features.UserDay) int { return cmp.Compare(a.Email, b.Email) })
		st.Tokenise(d.Users)
		id.Fit()
		if (id.Model != nil) != (g.Model != nil) {
			t.Fatalf("day %d: model fitted: %v, want %v", g.Day, id.Model != nil, g.Model != nil)
		}
		if id.Model != nil {
			for i, got := range [][]float64{id.Model.Mean, id.Model.SD, id.Model.B} {
				closeTo(t, fmt.Sprintf("day %d, model %d", g.Day, i), got, g.Model[i])
			}
		}
		scores := id.Score(st, d)
		for i, u := range d.Users {
			closeTo(t, fmt.Sprintf("day %d, evidence of %s", g.Day, u.Email), scores[i].Z, g.Evidence[u.Email])
			closeTo(t, fmt.Sprintf("day %d, score of %s", g.Day, u.Email), []float64{scores[i].Score}, []float64{g.Scores[u.Email]})
		}
		gated := id.Gate(st, d, scores, nil)
		id.Close(st, d, scores, gated, md5Picker(d, g.Day))
		predictions := st.Predictions(d, noPriors)
		st.Learn(d, predictions, noPriors, func(i int) bool { return gated[i] })
	}
}

// md5Picker draws impostors as the golden file's author did.
func md5Picker(d *features.Day, day int64) picker {
	return func(i int) []int {
		var others []int
		hash := map[int][16]byte{}
		for o := range d.Users {
			if o != i {
				others = append(others, o)
				hash[o] = md5.Sum(fmt.Appendf(nil, "%d|%s|%s", day, d.Users[i].Email, d.Users[o].Email))
			}
		}
		slices.SortFunc(others, func(a, b int) int { x, y := hash[a], hash[b]; return slices.Compare(x[:], y[:]) })
		return others[:min(impostors, len(others))]
	}
}

func closeTo(t testing.TB, what string, got, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i := range got {
		if math.Abs(got[i]-want[i]) > 1e-5 { // weights are of single precision
			t.Errorf("%s[%d] = %.9f, want %.9f", what, i, got[i], want[i])
		}
	}
}

// learnt returns the state after one day of the given events, one user-day each.
func learnt(t testing.TB, days map[string][]string) *features.State {
	t.Helper()
	st := features.NewState()
	st.Plain()
	d := dayOf(st, 20000, days)
	none := st.Priors(func(string) string { return "" })
	st.Learn(d, st.Predictions(d, none), none, func(int) bool { return false })
	return st
}

// dayOf makes a tokenised day; actions are a minute apart.
func dayOf(st *features.State, number int64, days map[string][]string) *features.Day {
	d := &features.Day{Number: number, Rows: &features.Rows{}}
	for email, actions := range days {
		u := features.UserDay{Email: email, Counts: make([]float64, len(features.Behaviours))}
		for i, a := range actions {
			s := number*86400 + int64(i)*60
			u.Events = append(u.Events, features.Event{Second: s, LocalSecond: s, Action: st.Dictionary().Code(a)})
		}
		d.Users = append(d.Users, u)
	}
	slices.SortFunc(d.Users, func(a, b features.UserDay) int { return cmp.Compare(a.Email, b.Email) })
	st.Tokenise(d.Users)
	return d
}

// Peers without a stranger are what they would be had he never been there, save for the number of tokens that the tenant knows.
func TestEvidenceWithoutAStranger(t *testing.T) {
	days := map[string][]string{"owner": {"a", "b", "b"}, "peer": {"b", "c"}, "other": {"c", "a"}}
	without := learnt(t, days)
	days["stranger"] = []string{"c", "b", "a", "a"} // no token of his own on this channel
	with := learnt(t, days)
	bag := func(st *features.State) features.Vector {
		return dayOf(st, 20001, map[string][]string{"x": {"c", "c", "a"}}).Users[0].Tokens[features.Act]
	}
	ratio := func(st *features.State, stranger *features.Profile) float64 {
		return productIdentity.ratio(&st.Account("owner").Profiles[features.Act], st.Pool(features.Act), bag(st), st.Day, stranger, nil, false, nil)
	}
	want := ratio(without, nil)
	if got := ratio(with, &with.Account("stranger").Profiles[features.Act]); math.Abs(got-want) > 1e-8 {
		t.Errorf("without the stranger: %g, want %g", got, want)
	}
	if got := ratio(with, nil); math.Abs(got-want) < 1e-3 {
		t.Error("the stranger makes no difference")
	}
}

// What is new to a user but usual among his group speaks less for somebody else than what only other groups do.
func TestEvidenceKnowsTheGroup(t *testing.T) {
	days := map[string][]string{"owner": {"a", "b"}, "mate": {"a", "c"}, "mate2": {"c", "c"}, "far": {"d", "a"}, "far2": {"d", "d"}}
	st := learnt(t, days)
	id := newProductIdentity()
	id.GroupBy(func(email string) string { return map[bool]string{true: "far", false: "near"}[email[0] == 'f'] })
	d := dayOf(st, 20000, days)
	id.learnGroups(d, make([]bool, len(d.Users)))
	owner := st.Account("owner")
	z := func(action string) float64 {
		return id.evidence(st, owner, &dayOf(st, 20001, map[string][]string{"x": {action, action}}).Users[0], nil)[features.Act]
	}
	near, far := z("c"), z("d")
	if near >= far-0.1 {
		t.Errorf("the group's action %.3f, another group's %.3f: want it clearly lower", near, far)
	}
	id.GroupBy(nil)
	if a, b := z("c"), z("d"); math.Abs(a-b) > 1e-9 {
		t.Errorf("without groups: %.9f and %.9f, want them equal", a, b)
	}
}

func TestHashedPickerTakesStrangersFromOtherGroups(t *testing.T) {
	d := &features.Day{Number: 20000}
	for i := range 40 {
		d.Users = append(d.Users, features.UserDay{Email: fmt.Sprintf("u%d@example.com", i)})
	}
	groupOf := func(email string) string { return email[1:2] } // eleven each of 1, 2 and 3; the others alone
	pick, plain := hashedPicker(d, groupOf), hashedPicker(d, nil)
	for i := range d.Users {
		got := pick(i)
		if len(got) != impostors || slices.Contains(got, i) {
			t.Fatalf("user %d: drew %v", i, got)
		}
		for k, o := range got {
			if k%2 == 1 && groupOf(d.Users[o].Email) == groupOf(d.Users[i].Email) {
				t.Errorf("user %d: stranger %d is of the same group", i, o)
			}
			if slices.Contains(got[:k], o) {
				t.Errorf("user %d: drew %v", i, got)
			}
		}
		if !slices.Equal(got, pick(i)) || len(plain(i)) != impostors {
			t.Errorf("user %d: not repeatable, or too few without groups", i)
		}
	}
	d.Users = d.Users[:3]
	for i := range 3 {
		if got := hashedPicker(d, func(string) string { return "one" })(i); len(got) != 2 {
			t.Errorf("of two others drew %v", got)
		}
	}
}

// An account of a large tenant draws two pseudo-takeovers a day, and once it has had many one on some days, colleagues and strangers in turn; in a small one it goes on.
func TestDrawnIsSparingInLargeTenants(t *testing.T) {
	id := newProductIdentity()
	large := &features.Day{Number: 20000, Users: make([]features.UserDay, rowsPerDay+1)}
	small := &features.Day{Number: 20000, Users: large.Users[:10]}
	four := func(int) []int { return []int{5, 6, 7, 8} }
	large.Users[0].Email = "u@example.com"
	if got, _ := id.drawn(large, 0, four); !slices.Equal(got, []int{5, 6}) {
		t.Errorf("a new account drew %v", got)
	}
	id.account("u@example.com").ImpostorCount = productIdentity.SparingFrom
	if got, _ := id.drawn(small, 0, four); len(got) != impostors {
		t.Errorf("in a small tenant drew %v", got)
	}
	kinds := [2]int{}
	for range 1600 {
		large.Number++
		got, first := id.drawn(large, 0, four)
		if len(got) == 0 {
			continue
		}
		if len(got) != 1 || got[0] != 5+first {
			t.Fatalf("drew %v, first %d", got, first)
		}
		kinds[first]++
	}
	if min(kinds[0], kinds[1]) < 150 || kinds[0]+kinds[1] > 500 {
		t.Errorf("colleagues and strangers drawn %v times in 1600", kinds)
	}
}
