package zoomtest

import (
	"bytes"
	"net/netip"
	"testing"
	"time"

	"github.com/oschwald/maxminddb-golang/v2"
)

type mmdbRecord struct {
	Country struct {
		ISO string `maxminddb:"iso_code"`
	} `maxminddb:"country"`
	City struct {
		Names map[string]string `maxminddb:"names"`
	} `maxminddb:"city"`
	Location struct {
		Radius uint16  `maxminddb:"accuracy_radius"`
		Lat    float64 `maxminddb:"latitude"`
		Lon    float64 `maxminddb:"longitude"`
		Zone   string  `maxminddb:"time_zone"`
	} `maxminddb:"location"`
	ASN uint32 `maxminddb:"autonomous_system_number"`
	Org string `maxminddb:"autonomous_system_organization"`
}

func TestMMDBAnswersForEveryAddress(t *testing.T) {
	c := newCompany(t, Options{Seed: 6, Users: 300, Days: 60, Attacks: true})
	var b, again bytes.Buffer
	if err := c.WriteMMDB(&b); err != nil {
		t.Fatal(err)
	}
	if err := c.WriteMMDB(&again); err != nil || !bytes.Equal(b.Bytes(), again.Bytes()) {
		t.Errorf("two files of one account differ (%v)", err)
	}
	db, err := maxminddb.OpenBytes(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Verify(); err != nil {
		t.Errorf("verify: %v", err)
	}
	if db.Metadata.DatabaseType != MMDBType {
		t.Errorf("database type %q, want %q", db.Metadata.DatabaseType, MMDBType)
	}
	seen, six := map[string]bool{}, 0
	eachDay(c, func(day time.Time) {
		for _, a := range c.Activities(day) {
			if a.IPAddress == "" || seen[a.IPAddress] {
				continue
			}
			seen[a.IPAddress] = true
			addr := netip.MustParseAddr(a.IPAddress)
			if addr.Is6() {
				six++
			}
			var r mmdbRecord
			result := db.Lookup(addr)
			if err := result.Decode(&r); err != nil || !result.Found() {
				t.Fatalf("%s: found %v, %v", addr, result.Found(), err)
			}
			n := c.networkOf(addr)
			if r.Country.ISO != n.Country || r.City.Names["en"] != n.City || r.ASN != n.ASN || r.Org != n.Organization || int(r.Location.Radius) != n.RadiusKM || r.Location.Lat != n.Lat || r.Location.Zone == "" {
				t.Fatalf("%s: %+v, want %+v", addr, r, n)
			}
		}
	})
	if six == 0 {
		t.Error("no IPv6 address among the mobile users")
	}
}

func TestNetworksDoNotOverlap(t *testing.T) {
	all := newCompany(t, Options{Seed: 1, Users: 20, Days: 1}).Networks()
	for i, a := range all {
		if a.Prefix != a.Prefix.Masked() {
			t.Errorf("%s has host bits", a.Prefix)
		}
		for _, b := range all[:i] {
			if a.Prefix.Overlaps(b.Prefix) {
				t.Errorf("%s (%s) overlaps %s (%s)", a.Prefix, a.Kind, b.Prefix, b.Kind)
			}
		}
	}
}
