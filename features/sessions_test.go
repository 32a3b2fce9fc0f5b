package features

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestSpreadOfSessions(t *testing.T) {
	var s Spread
	for range 30 {
		s.learn(8)
	}
	for _, tt := range []struct{ hours, z float64 }{
		{8, 0},
		{8 * math.Exp(minSpread), 1}, // sessions that are all alike have the least deviation
		{8 * math.Exp(5*minSpread), 5},
		{8 * math.Exp(-2*minSpread), -2},
	} {
		if z := s.Z(tt.hours); math.Abs(z-tt.z) > 1e-9 {
			t.Errorf("%g hours: z %g, want %g", tt.hours, z, tt.z)
		}
	}
	before := s.Mean
	s.learn(10_000)
	if moved := s.Mean - before; moved > spreadClip*minSpread/s.N+1e-9 {
		t.Errorf("one forgotten session moves the mean by %g", moved)
	}
}

func TestSpreadProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s Spread
		for _, h := range rapid.SliceOfN(rapid.Float64Range(0, 1e5), 1, 200).Draw(t, "hours") {
			s.learn(h)
		}
		if !(s.N > 0 && s.N < 100 && s.M2 >= 0 && s.Deviation() >= minSpread) || math.IsNaN(s.Mean) {
			t.Fatalf("%+v", s)
		}
		if a, b := s.Z(1), s.Z(2); !(a < b) {
			t.Fatalf("longer is no greater: %g, %g", a, b)
		}
	})
}

// Whoever sees many countries from one operator does not fill the list of those who blame it.
func TestBlame(t *testing.T) {
	s := NewState()
	a := &Account{Email: "a@example.com"}
	for _, country := range []string{"DE", "FR", "NL", "GB", "US", "JP"} {
		s.learnExits(Journey{From: Place{Country: country, Prefix: "p" + country, Network: "AS1"}, To: Place{}}, &UserDay{Email: a.Email, Account: a})
	}
	if got := s.exits["AS1"]; len(got) != gatewayCountries {
		t.Errorf("one user blames %q, want %d at most", got, gatewayCountries)
	}
}

// What says nothing of where somebody is.
func TestNoPlace(t *testing.T) {
	s := NewState()
	s.exits["192.0.2.0/24"] = []string{"a", "b"}
	s.exits["198.51.100.0/24"] = []string{"a"}
	s.exits["AS1 Gateway"] = []string{"a DE", "b FR", "c NL"}
	s.exits["AS2 Cloud"] = []string{"a DE", "b FR", "c FR", "a FR"}
	s.exits["AS3 Tunnel"] = []string{"a DE", "a FR", "b NL"}
	for _, tt := range []struct {
		p       Place
		noPlace bool
	}{
		{Place{Country: "DE"}, false},
		{Place{Category: "corporate"}, false}, // an office is a place
		{Place{Category: "vpn"}, true},
		{Place{Category: "tor", Tags: "anonymizer tor"}, false}, // somebody is there
		{Place{Tags: "anonymizer relay"}, true},
		{Place{Tags: "relays"}, false},
		{Place{Tags: "satellite"}, true},
		{Place{Prefix: "192.0.2.0/24"}, true},
		{Place{Prefix: "198.51.100.0/24"}, false},
		{Place{Network: "AS1 Gateway"}, false}, // strangers may rent there too
	} {
		if got := s.NoPlace(tt.p); got != tt.noPlace {
			t.Errorf("%+v: %v", tt.p, got)
		}
		if s.NoPlace(tt.p) && !s.Elsewhere(tt.p) {
			t.Errorf("%+v is no place and yet the end of a journey", tt.p)
		}
	}
	for network, want := range map[string]bool{"AS1 Gateway": true, "AS2 Cloud": false /* two countries */, "AS3 Tunnel": false /* two users */, "": false} {
		if got := s.Elsewhere(Place{Network: network}); got != want {
			t.Errorf("a journey that ends at %q: passed over %v, want %v", network, got, want)
		}
	}
}

func TestHours(t *testing.T) {
	s := NewState()
	a := &Account{Email: "a@example.com", Volumes: make([]Volume, len(Behaviours))}
	everybody := s.EverybodysHours() // of nobody: all alike
	h := s.HoursOf(a, &everybody)
	if p := h.Tail(3); math.Abs(p-1) > 1e-9 || !h.Apart(3) {
		t.Errorf("of an unknown user: tail %g, apart %v", p, h.Apart(3))
	}
	for day := int64(1); day <= 40; day++ { // at nine and ten, forty days long
		var events []Event
		for hour := int64(9); hour <= 10; hour++ {
			events = append(events, Event{Second: day*86400 + hour*3600, LocalSecond: day*86400 + hour*3600, Action: s.vocab.dict.Code("Sign in")})
		}
		v := s.vocab.tokenise(events)
		s.begin(day)
		a.Profiles[Hour].learn(v[Hour], day)
		s.pools[Hour].learn(v[Hour])
		a.Days++
	}
	everybody = s.EverybodysHours()
	h = s.HoursOf(a, &everybody)
	sum := 0.0
	for _, x := range h.Share {
		sum += x
	}
	if math.Abs(sum-1) > 1e-9 {
		t.Errorf("shares sum to %g", sum)
	}
	for _, tt := range []struct {
		hour  int
		apart bool
	}{{9, false}, {8, false}, {11, false}, {12, true}, {3, true}, {7, true}} {
		if h.Apart(tt.hour) != tt.apart {
			t.Errorf("%d h: apart %v", tt.hour, !tt.apart)
		}
	}
	if h.Tail(3) > 0.01 || h.Tail(3) <= 0 || h.Tail(9) < 0.5 {
		t.Errorf("tails %g at three, %g at nine", h.Tail(3), h.Tail(9))
	}
}
