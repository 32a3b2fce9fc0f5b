package features

import "testing"

func TestVersionNumberGrowsWithTheVersion(t *testing.T) {
	inOrder := []string{"", "5", "5.9", "5.9.6.993", "5.9.6.4993(mac)", "5.10.0.1", "6.7.0.13979", "6.7.5.14516"}
	for i := 1; i < len(inOrder); i++ {
		if a, b := versionNumber(inOrder[i-1]), versionNumber(inOrder[i]); a >= b {
			t.Errorf("%q is %d, %q is %d", inOrder[i-1], a, inOrder[i], b)
		}
	}
	for _, s := range []string{"-", "unknown", ".5"} {
		if n := versionNumber(s); n != 0 {
			t.Errorf("%q is %d", s, n)
		}
	}
}

// signInDay lets a user sign in from a prefix with a client.
func signInDay(s *State, day int64, email, prefix, network, version string) *UserDay {
	n := s.Dictionary().Code
	u := UserDay{Email: email, Counts: make([]float64, len(Behaviours)), Events: []Event{{Second: day * 86400, LocalSecond: day * 86400, Action: n("Sign in"), SignIn: true,
		Prefix: n(prefix), Network: n(network), Country: n("US"), Client: n("Windows"), Version: n("Windows " + version)}}}
	users := []UserDay{u}
	s.Tokenise(users)
	return &users[0]
}

func TestFamiliarityOfPlaceAndDevice(t *testing.T) {
	s := NewState()
	peers := func(string) string { return "" }
	for day := int64(20000); day < 20010; day++ {
		d := &Day{Number: day, Rows: &Rows{}}
		d.Users = append(d.Users, *signInDay(s, day, "a@example.com", "192.0.2.0/24", "64500", "6.7.0.10"))
		for _, who := range []string{"b", "c", "d", "e", "f"} { // the office of everybody else
			d.Users = append(d.Users, *signInDay(s, day, who+"@example.com", "198.51.100.0/24", "64501", "6.7.5.20"))
		}
		d.Users = append(d.Users, *signInDay(s, day, "g@example.com", "203.0.113.0/24", "64502", "6.7.0.10")) // at home
		p := s.Priors(peers)
		s.Learn(d, s.Predictions(d, p), p, func(int) bool { return false })
	}
	a := s.Account("a@example.com")
	for _, c := range []struct {
		prefix, network, version string
		want                     Familiarity
	}{
		{"192.0.2.0/24", "64500", "6.7.0.10", OwnPrefix + KnownDevice},
		{"192.0.2.0/24", "64500", "6.8.0.30", OwnPrefix + UpgradedDevice},
		{"192.0.2.0/24", "64500", "6.6.9.99", OwnPrefix + OlderDevice},
		{"192.0.3.0/24", "64500", "6.7.0.10", OwnNetwork + KnownDevice},    // another line of the user's operator
		{"198.51.100.0/24", "64501", "6.7.0.10", OwnNetwork + KnownDevice}, // the organisation's own
		{"203.0.113.0/24", "64502", "6.7.0.10", OwnCountry + KnownDevice},  // a colleague's home is not
		{"203.0.113.0/24", "64502", "6.6.0.1", OwnCountry + OlderDevice},
		{"203.0.113.0/24", "64502", "", OwnCountry + KnownDevice}, // nothing known against it
	} {
		u := signInDay(s, 20010, a.Email, c.prefix, c.network, c.version)
		if f, ok := s.Familiarity(a, u.Contexts[0]); !ok || f != c.want {
			t.Errorf("%s %s: %q, want %q", c.prefix, c.version, f, c.want)
		}
		// The organisation's own networks are no place.
		if n := len(u.Elsewhere[0].IDs); (n == 0) != (c.prefix == "198.51.100.0/24") {
			t.Errorf("%s: %d prefixes elsewhere", c.prefix, n)
		}
	}
	// A version that was not used for long is none of the user's devices any more.
	s.Day = 20009 + deviceDays + 1
	if f, _ := s.Familiarity(a, signInDay(s, s.Day+1, a.Email, "192.0.2.0/24", "64500", "6.7.0.10").Contexts[0]); f != OwnPrefix+OlderDevice {
		t.Errorf("after %d days: %q", deviceDays+1, f)
	}
}

func TestFamiliarityClassesHaveNamesAndProbabilities(t *testing.T) {
	seen, sum := map[string]bool{}, 0.0
	for f := range Familiarities {
		if f.Place()+f.Device() != f || seen[f.String()] {
			t.Errorf("class %d: %q", f, f)
		}
		seen[f.String()] = true
		sum += priorFamiliarity[f]
	}
	if len(seen) != 20 || sum < 0.999 || sum > 1.001 {
		t.Errorf("%d classes of probability %g", len(seen), sum)
	}
}
