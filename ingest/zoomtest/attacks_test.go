package zoomtest

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

// rowsOf collects an account's rows of the attack's time.
func rowsOf(c *Company, a Attack) (signs []Activity, ops []Operation) {
	for d := a.Start.Truncate(24 * time.Hour); !d.After(a.End); d = d.AddDate(0, 0, 1) {
		var today []Activity
		if a.Kind != AttackSlowBuildUp { // weeks of it, and none of it shows in the sign-ins
			today = c.Activities(d)
		}
		for _, r := range today {
			if at, _ := time.Parse(time.RFC3339, r.Time); slices.Contains(a.Users, r.Email) && !at.Before(a.Start) && !at.After(a.End) {
				signs = append(signs, r)
			}
		}
		for _, r := range c.Operations(d) {
			if at, _ := time.Parse(time.RFC3339, r.Time); a.Operator != "" && (r.Operator == a.Operator || r.Operator == a.User) && !at.Before(a.Start) && !at.After(a.End) {
				ops = append(ops, r)
			}
		}
	}
	return signs, ops
}

func countOps(ops []Operation, text string) int {
	n := 0
	for _, o := range ops {
		if strings.Contains(o.Action+": "+o.Detail, text) {
			n++
		}
	}
	return n
}

func TestAttacksArePlanted(t *testing.T) {
	for _, seed := range []uint64{1, 2} {
		c := newCompany(t, Options{Seed: seed, Users: 1000, Days: 180, Attacks: true})
		kinds, used, ids := map[string][]string{}, map[string]string{}, map[string]bool{}
		email := map[string]*person{}
		for _, p := range c.people {
			email[p.email] = p
		}
		size := map[string]map[string]int{}
		for _, a := range c.Attacks() {
			kinds[a.Kind] = append(kinds[a.Kind], a.Strength)
			if ids[a.ID] || a.ID == "" {
				t.Errorf("attack id %q twice", a.ID)
			}
			ids[a.ID] = true
			for _, u := range a.Users {
				if other := used[u]; other != "" {
					t.Errorf("%s is in %s and %s", u, other, a.Kind)
				}
				used[u] = a.Kind
			}
			if quiet := c.Start().AddDate(0, 0, 180*4/10); a.Start.Before(quiet) {
				t.Errorf("%s begins %s, before %s", a.Kind, a.Start, quiet)
			}
			signs, ops := rowsOf(c, a)
			home := cities[email[a.User].office].country
			abroad := 0
			addresses := map[string]bool{}
			for _, s := range signs {
				if s.IPAddress == "" {
					continue
				}
				addresses[s.IPAddress] = true
				if n := c.networkOf(netip.MustParseAddr(s.IPAddress)); n.Country != home && n.Kind != NetworkVPN {
					abroad++
				}
			}
			n := len(signs)
			switch a.Kind {
			case AttackNewCountry, AttackTravel:
				n = abroad
			case AttackFamiliar: // the subtle one comes beside the victim's own rows
				if n = max(1, len(email[a.User].replaced)); a.Strength != StrengthSubtle && len(signs) < 3*n {
					t.Errorf("%s %s: %d rows on %d days", a.Kind, a.Strength, len(signs), n)
				}
			case AttackRecordings:
				n = countOps(ops, "Delete: Delete Recording")
			case AttackSlowBuildUp:
				n = countOps(ops, "Download: Download Recording")
			case AttackUserRemoval:
				n = countOps(ops, "Deactivate User ")
			case AttackOffHours:
				n = len(ops)
			case AttackRogueAdmin:
				n = countOps(ops, ": from O") + countOps(ops, "Change Role")
			case AttackTerminated:
				if left := timeAt(email[a.User].left); a.Start.Before(left) {
					t.Errorf("terminated user is active at %s, deactivated at %s", a.Start, left)
				}
			case AttackOneAddress:
				n = len(a.Users)
			case AttackDormant:
				if gap := a.Start.Sub(timeAt(email[a.User].silent)); gap < 90*24*time.Hour {
					t.Errorf("dormant account was silent for %s only", gap)
				}
			}
			if n == 0 {
				t.Errorf("%s %s: no rows", a.Kind, a.Strength)
			}
			if size[a.Kind] == nil {
				size[a.Kind] = map[string]int{}
			}
			size[a.Kind][a.Strength] = n
		}
		for _, k := range attackKinds {
			if got := kinds[k.kind]; len(got) != 3 {
				t.Errorf("seed %d: %s planted with %v, want all three strengths", seed, k.kind, got)
			}
			s := size[k.kind]
			if s[StrengthBlatant] <= s[StrengthModerate] || s[StrengthModerate] <= s[StrengthSubtle] {
				t.Errorf("seed %d: %s strengths do not differ: %v", seed, k.kind, s)
			}
		}
	}
}

func TestAttacksScale(t *testing.T) {
	for _, tt := range []struct {
		users, days, lo, hi int
	}{{300, 180, 18, 24}, {200, 180, 17, 24}, {60, 180, 5, 11}, {300, 14, 4, 11}, {300, 5, 0, 0}, {5000, 180, 33, 33}} {
		c := newCompany(t, Options{Seed: 1, Users: tt.users, Days: tt.days, Attacks: true})
		if n := len(c.Attacks()); n < tt.lo || n > tt.hi {
			t.Errorf("%d users, %d days: %d attacks, want %d to %d", tt.users, tt.days, n, tt.lo, tt.hi)
		}
		quiet := newCompany(t, Options{Seed: 1, Users: tt.users, Days: tt.days})
		if n := len(quiet.Attacks()); n != 0 {
			t.Errorf("%d attacks although none were asked for", n)
		}
	}
}

// The grammar of the rows that rules match on.
func TestOperationGrammar(t *testing.T) {
	c := newCompany(t, Options{Seed: 1, Users: 300, Days: 180, Attacks: true})
	want := map[string]bool{
		"Update: Security  - Sign in with Two-Factor Authentication: from On to Off": false,
		"Update: Deactivate User ": false, "Update: Activate User ": false, "Batch Update: Change Role  - u": false,
		"SCIM API - Add: Add User u": false, "SCIM API - Update: ": false, "Delete: delete user - ": false, "Delete: Delete Recording  - Meeting ID: ": false,
	}
	silent := 0
	eachDay(c, func(day time.Time) {
		for _, o := range c.Operations(day) {
			line := o.Action + ": " + o.Detail
			for w := range want {
				want[w] = want[w] || strings.HasPrefix(line, w)
			}
			if o.Operator == "" && o.Action == "" {
				silent++
			}
			if strings.Contains(o.Detail, "ctivate User ") && !strings.HasSuffix(o.Detail, "@example.com ") {
				t.Errorf("detail %q has no trailing blank", o.Detail)
			}
		}
	})
	for w, found := range want {
		if !found {
			t.Errorf("no row begins with %q", w)
		}
	}
	if silent == 0 {
		t.Error("no row without operator and action")
	}
}
