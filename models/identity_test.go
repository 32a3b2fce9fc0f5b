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
				u.Events = append(u.Events, features.Event{Second: s, LocalSecond: s, Action: e[1].(string)})
			}
			st.Tokenise(&u)
			d.Users = append(d.Users, u)
		}
		slices.SortFunc(d.Users, func(a, b features.UserDay) int { return cmp.Compare(a.Email, b.Email) })
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
		st.Learn(d, predictions, noPriors, func(email string) bool {
			return gated[slices.IndexFunc(d.Users, func(u features.UserDay) bool { return u.Email == email })]
		})
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
		if math.Abs(got[i]-want[i]) > 1e-6 {
			t.Errorf("%s[%d] = %.9f, want %.9f", what, i, got[i], want[i])
		}
	}
}
