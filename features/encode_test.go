package features

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

func drawAccount(t *rapid.T, email string) *Account {
	a := &Account{Email: email, Days: rapid.Int64Range(0, 1e6).Draw(t, "days"), FirstDay: rapid.Int64().Draw(t, "first"), LastDay: rapid.Int64().Draw(t, "last"),
		Removed: rapid.Int64().Draw(t, "removed"), Cluster: rapid.Int32().Draw(t, "cluster"), Volumes: make([]Volume, len(Behaviours))}
	text := func(what string) string { return rapid.String().Draw(t, what) }
	drawPlace := func() Place {
		return Place{Second: rapid.Int64().Draw(t, "at"), IP: text("ip"), Country: text("country"), Client: text("client"), Category: text("category"), Tags: text("tags"),
			Lat: math.NaN(), Lon: rapid.Float64().Draw(t, "lon")}
	}
	a.Place, a.Proxied = drawPlace(), rapid.Int64().Draw(t, "proxied")
	for range rapid.IntRange(0, 3).Draw(t, "sessions") {
		a.Sessions = append(a.Sessions, Session{drawPlace(), rapid.Int64().Draw(t, "closed"), Spread{rapid.Float64().Draw(t, "n"), rapid.Float64().Draw(t, "mean"), 2}})
	}
	for range rapid.IntRange(0, 3).Draw(t, "cities") {
		a.Cities = append(a.Cities, City{text("country"), text("city"), rapid.Float64().Draw(t, "lat"), 1, rapid.Int64().Draw(t, "last")})
	}
	for range rapid.IntRange(0, 3).Draw(t, "devices") {
		a.Devices = append(a.Devices, Device{rapid.Int64().Draw(t, "client"), rapid.Uint64().Draw(t, "version"), rapid.Int64().Draw(t, "last")})
	}
	for b := range a.Volumes {
		if rapid.Bool().Draw(t, "seen") {
			a.Volumes[b] = Volume{rapid.Float64().Draw(t, "d"), rapid.Float64().Draw(t, "s"), rapid.Float64().Draw(t, "m"), rapid.Float64().Draw(t, "r"), rapid.Float64().Draw(t, "c")}
		} else {
			a.Volumes[b].Days = 3
		}
	}
	for c := range a.Profiles {
		v := drawVector(t, 1<<30)
		if len(v.IDs) == 0 {
			continue
		}
		w := make([]float32, len(v.X))
		for i, x := range v.X {
			w[i] = float32(x)
		}
		a.Profiles[c] = Profile{IDs: v.IDs, W: w, Scale: rapid.Float64().Draw(t, "scale"), Mass: 3, Days: 2, LastDay: rapid.Int64().Draw(t, "day")}
	}
	return a
}

func TestAccountsSurviveACheckpoint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var e encoder
		var want []*Account
		for _, email := range []string{"", "a@example.com"} {
			want = append(want, drawAccount(t, email))
			e.account(want[len(want)-1])
		}
		d := decoder{b: e.b}
		got := []*Account{d.account(), d.account()}
		if d.err != nil || len(d.b) != 0 {
			t.Fatalf("%v, %d bytes left", d.err, len(d.b))
		}
		if d := cmp.Diff(want, got, cmpopts.EquateNaNs()); d != "" {
			t.Fatal(d)
		}
	})
}

func TestRestoreRefusesWhatIsNone(t *testing.T) {
	s := NewState()
	s.accounts["a@example.com"] = s.Account("a@example.com")
	snap, err := s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Restore(snap); err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]Snapshot{
		"nothing":        nil,
		"cut off":        {snap[0], snap[1][:len(snap[1])-3]},
		"a part twice":   {snap[0], snap[1], snap[1]},
		"text for state": {[]byte("hello"), snap[1]},
	} {
		if _, err := Restore(bad); err == nil {
			t.Errorf("%s: restored", name)
		}
	}
}

// Whatever the bytes, decoding ends with an error or an account, and takes no more memory than the bytes could fill.
func FuzzAccountDecoder(f *testing.F) {
	var e encoder
	e.account(&Account{Email: "a@example.com", Volumes: make([]Volume, len(Behaviours)), Sessions: make([]Session, 2), Cities: make([]City, 2)})
	f.Add(e.b)
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Fuzz(func(t *testing.T, b []byte) {
		d := decoder{b: b}
		for len(d.b) > 0 && d.err == nil {
			d.account()
		}
	})
}
