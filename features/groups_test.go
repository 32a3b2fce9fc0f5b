package features

import (
	"fmt"
	"testing"
)

// Two kinds of people, who share an action and have two of their own each, must fall into groups of their own; whoever has a group is left alone.
func TestRegroupFindsKindsOfPeople(t *testing.T) {
	s := NewState()
	code := s.Dictionary().Code
	kinds := [][]uint32{{code("Sign in"), code("Recording|Download"), code("Recording|Share")}, {code("Sign in"), code("User|Update"), code("Role|Update")}}
	kindOf := map[string]int{}
	noPriors := s.Priors(func(string) string { return "" })
	for day := range int64(8) {
		d := &Day{Number: 20000 + day, Rows: &Rows{}}
		for u := range 100 {
			email := fmt.Sprintf("u%03d@example.com", u)
			kindOf[email] = u % 2
			x := UserDay{Email: email, Counts: make([]float64, len(Behaviours))}
			for k := range 6 {
				at := (20000+day)*86400 + 36000 + int64(60*k)
				x.Events = append(x.Events, Event{Second: at, LocalSecond: at, Action: kinds[u%2][(u/2+k+int(day))%3]})
			}
			d.Users = append(d.Users, x)
		}
		s.Tokenise(d.Users)
		s.Learn(d, s.Predictions(d, noPriors), noPriors, func(int) bool { return false })
	}
	named := func(email string) bool { return email < "u010" }
	s.Regroup(20008, named)
	groups := map[int]map[int32]int{0: {}, 1: {}}
	for _, a := range s.Accounts() {
		if named(a.Email) {
			if a.Cluster != 0 {
				t.Errorf("%s has a group and was given another", a.Email)
			}
			continue
		}
		groups[kindOf[a.Email]][a.Cluster]++
	}
	for kind, other := range []int{1, 0} {
		for g, n := range groups[kind] {
			if g == 0 || groups[other][g] > 0 {
				t.Errorf("kind %d: %d in group %d, which holds %d of the other kind", kind, n, g, groups[other][g])
			}
		}
	}
	of := s.GroupOf(func(email string) string {
		if named(email) {
			return "Sales"
		}
		return ""
	})
	if of("u001@example.com") != "Sales" || of("u050@example.com") == "" || of("zoe@example.com") != "" {
		t.Errorf("groups %q, %q, %q", of("u001@example.com"), of("u050@example.com"), of("zoe@example.com"))
	}
}
