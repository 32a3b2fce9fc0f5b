package geo

import (
	"math"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/maxmind/mmdbwriter/mmdbtype"
)

// m makes a record of plain values.
func m(kv ...any) mmdbtype.Map {
	out := mmdbtype.Map{}
	for i := 0; i < len(kv); i += 2 {
		key := mmdbtype.String(kv[i].(string))
		switch v := kv[i+1].(type) {
		case string:
			out[key] = mmdbtype.String(v)
		case bool:
			out[key] = mmdbtype.Bool(v)
		case int:
			out[key] = mmdbtype.Uint32(v)
		case float64:
			out[key] = mmdbtype.Float64(v)
		case float32:
			out[key] = mmdbtype.Float32(v)
		case mmdbtype.Map:
			out[key] = v
		case mmdbtype.Slice:
			out[key] = v
		default:
			panic("a kind of value that the table does not use")
		}
	}
	return out
}

func names(en string) mmdbtype.Map { return m("en", en, "de", "auf Deutsch") }

// Fields and kinds as their makers document them: MaxMind's test data (github.com/maxmind/MaxMind-DB, source-data), dev.maxmind.com on Anonymous IP, db-ip.com on
// the MMDB formats of its databases, github.com/ipinfo/sample-database, and the READMEs of github.com/sapics/ip-location-db. Values are made up.
func TestLayouts(t *testing.T) {
	nan := math.NaN()
	nowhere := Place{Lat: nan, Lon: nan, AccuracyKm: nan, Category: CategoryUnknown}
	place := func(change func(*Place)) Place {
		p := nowhere
		change(&p)
		p.Source = "db@2026-06-05"
		return p
	}
	cases := []struct {
		name   string
		record mmdbtype.Map
		want   Place
	}{
		{"MaxMind Country", m("continent", m("code", "EU", "names", names("Europe")), "country", m("iso_code", "GB", "geoname_id", 2635167, "is_in_european_union", false, "names", names("United Kingdom")),
			"registered_country", m("iso_code", "FR")),
			place(func(p *Place) { p.Country = "GB" })},
		{"MaxMind registered country alone says where the owner is, not the address", m("registered_country", m("iso_code", "FR")), nowhere},
		{"MaxMind City", m("city", m("geoname_id", 2643743, "names", names("London")), "country", m("iso_code", "GB"),
			"location", m("accuracy_radius", 100, "latitude", 51.5, "longitude", -0.125, "metro_code", 532, "time_zone", "Europe/London"), "postal", m("code", "OX1"),
			"subdivisions", mmdbtype.Slice{m("iso_code", "ENG", "names", names("England"))}),
			place(func(p *Place) { p.Country, p.City, p.Lat, p.Lon, p.AccuracyKm = "GB", "London", 51.5, -0.125, 100 })},
		{"MaxMind ASN", m("autonomous_system_number", 64500, "autonomous_system_organization", "Example Net"),
			place(func(p *Place) { p.ASN, p.Org = 64500, "Example Net" })},
		{"MaxMind ISP", m("autonomous_system_number", 64500, "autonomous_system_organization", "Example Net", "isp", "Example Access", "organization", "A Customer",
			"mobile_country_code", "310", "mobile_network_code", "004"),
			place(func(p *Place) {
				p.ASN, p.Org, p.Tags, p.Category = 64500, "Example Net", []string{"mobile"}, CategoryMobile
			})},
		{"MaxMind ISP without an autonomous system", m("organization", "A Customer", "isp", "Example Access"), place(func(p *Place) { p.Org = "Example Access" })},
		{"MaxMind ISP with an organisation alone", m("organization", "A Customer"), place(func(p *Place) { p.Org = "A Customer" })},
		{"MaxMind Enterprise", m("city", m("confidence", 11, "names", names("Chatham")), "country", m("confidence", 99, "iso_code", "US"),
			"location", m("accuracy_radius", 27, "latitude", 42.25, "longitude", -73.5),
			"traits", m("autonomous_system_number", 64500, "autonomous_system_organization", "Example Net", "connection_type", "Cable/DSL", "domain", "example.net",
				"is_legitimate_proxy", true, "isp", "Example Access", "organization", "Example Access", "static_ip_score", 0.34, "user_type", "residential")),
			place(func(p *Place) {
				p.Country, p.City, p.Lat, p.Lon, p.AccuracyKm, p.ASN, p.Org = "US", "Chatham", 42.25, -73.5, 27, 64500, "Example Net"
				p.Tags, p.Category = []string{"isp"}, CategoryISP
			})},
		{"MaxMind Enterprise, somebody's company network is not the user's own", m("country", m("iso_code", "SE"), "traits", m("connection_type", "Corporate", "user_type", "government")),
			place(func(p *Place) { p.Country, p.Tags = "SE", []string{"government"} })},
		{"MaxMind Anonymous IP, all flags", m("is_anonymous", true, "is_anonymous_vpn", true, "is_hosting_provider", true, "is_public_proxy", true, "is_residential_proxy", true, "is_tor_exit_node", true),
			place(func(p *Place) {
				p.Tags, p.Category = []string{"anonymizer", "anonymous_vpn", "hosting", "proxy", "residential_proxy", "tor"}, CategoryTor
			})},
		{"MaxMind Anonymous IP, hosting", m("is_anonymous", true, "is_hosting_provider", true), place(func(p *Place) { p.Tags, p.Category = []string{"anonymizer", "hosting"}, CategoryHosting })},
		{"MaxMind Anonymous Plus", m("anonymizer_confidence", 30, "is_anonymous", true, "is_anonymous_vpn", true, "network_last_seen", "2025-04-14", "provider_name", "foo"),
			place(func(p *Place) { p.Tags, p.Category = []string{"anonymizer", "anonymous_vpn"}, CategoryProxy })},
		{"MaxMind Connection Type", m("connection_type", "Cellular"), place(func(p *Place) { p.Tags, p.Category = []string{"mobile"}, CategoryMobile })},
		{"a flag that is false", m("is_anonymous", false, "is_tor_exit_node", false), nowhere},

		{"DB-IP Country Lite", m("continent", m("code", "NA"), "country", m("geoname_id", 6252001, "is_in_european_union", false, "iso_code", "US", "names", names("United States"))),
			place(func(p *Place) { p.Country = "US" })},
		{"DB-IP City Lite", m("city", m("names", m("en", "Mountain View")), "country", m("iso_code", "US"), "location", m("latitude", float32(37.5), "longitude", float32(-122.25)),
			"subdivisions", mmdbtype.Slice{m("names", m("en", "California"))}),
			place(func(p *Place) { p.Country, p.City, p.Lat, p.Lon = "US", "Mountain View", 37.5, -122.25 })},
		{"DB-IP ISP", m("country", m("iso_code", "US"), "traits", m("autonomous_system_number", 64500, "autonomous_system_organization", "Example Net", "connection_type", "Corporate",
			"user_type", "hosting", "isp", "Example", "organization", "Example")),
			place(func(p *Place) {
				p.Country, p.ASN, p.Org, p.Tags, p.Category = "US", 64500, "Example Net", []string{"hosting"}, CategoryHosting
			})},
		{"as_number and as_organization", m("as_number", 64500, "as_organization", "Example Net"), place(func(p *Place) { p.ASN, p.Org = 64500, "Example Net" })},

		{"IPinfo Lite", m("country", "Canada", "country_code", "CA", "continent", "North America", "continent_code", "NA", "asn", "AS64500", "as_name", "Example Net", "as_domain", "example.net"),
			place(func(p *Place) { p.Country, p.ASN, p.Org = "CA", 64500, "Example Net" })},
		{"IPinfo country_asn, with the code as country", m("country", "JP", "country_name", "Japan", "continent", "AS", "continent_name", "Asia", "asn", "AS64500", "as_name", "Example Net", "as_domain", "example.net"),
			place(func(p *Place) { p.Country, p.ASN, p.Org = "JP", 64500, "Example Net" })},
		{"IPinfo ASN", m("asn", "AS64500", "name", "Example Net", "domain", "example.net"), place(func(p *Place) { p.ASN, p.Org = 64500, "Example Net" })},
		{"a name without an autonomous system is no operator", m("name", "Example Carrier", "mcc", "310", "mnc", "004"), place(func(p *Place) { p.Tags, p.Category = []string{"mobile"}, CategoryMobile })},
		{"IPinfo Location, numbers as text", m("city", "Yangsan", "region", "Gyeongsangnam-do", "country", "KR", "lat", "35.25", "lng", "129.5", "postal_code", "50593", "timezone", "Asia/Seoul"),
			place(func(p *Place) { p.Country, p.City, p.Lat, p.Lon = "KR", "Yangsan", 35.25, 129.5 })},
		{"IPinfo Plus", m("city", "Weymouth", "region", "England", "country", "United Kingdom", "country_code", "GB", "latitude", "50.5", "longitude", "-2.5", "radius", "20", "asn", "AS64500",
			"as_name", "Example Net", "as_type", "isp", "carrier_name", "", "mcc", "", "mnc", "", "is_anonymous", false, "is_hosting", false, "is_mobile", false, "is_vpn", false),
			place(func(p *Place) {
				p.Country, p.City, p.Lat, p.Lon, p.AccuracyKm, p.ASN, p.Org = "GB", "Weymouth", 50.5, -2.5, 20, 64500, "Example Net"
				p.Tags, p.Category = []string{"isp"}, CategoryISP
			})},
		{"IPinfo Privacy, flags as text", m("hosting", "", "proxy", "", "tor", "", "vpn", "true", "relay", "", "service", "Example VPN"),
			place(func(p *Place) { p.Tags, p.Category = []string{"anonymizer", "anonymous_vpn"}, CategoryProxy })},
		{"IPinfo Privacy, a relay of a browser vendor hides people but says nothing of their network", m("relay", true), place(func(p *Place) { p.Tags = []string{"anonymizer", "relay"} })},

		{"ip-location-db country", m("country_code", "se"), place(func(p *Place) { p.Country = "SE" })},
		{"ip-location-db city", m("country_code", "US", "city", "Boise", "state1", "Idaho", "state2", "", "latitude", float32(43.5), "longitude", float32(-116.25), "postcode", "", "timezone", ""),
			place(func(p *Place) { p.Country, p.City, p.Lat, p.Lon = "US", "Boise", 43.5, -116.25 })},
		{"ip-location-db asn", m("autonomous_system_number", 64500, "autonomous_system_organization", "Example Net"), place(func(p *Place) { p.ASN, p.Org = 64500, "Example Net" })},
	}
	addr := netip.MustParseAddr("192.0.2.1")
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			// A second network keeps files whose only record says nothing from being refused.
			path := write(t, t.TempDir(), "db.mmdb", 6, entry{"192.0.2.0/24", c.record}, entry{"198.51.100.0/24", m("country_code", "DE")})
			db := openAll(t, path)
			if d := cmp.Diff(c.want, db.Lookup(addr), cmpopts.EquateNaNs()); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if err := db.Err(); err != nil {
				t.Error(err)
			}
		})
	}
}

// Files for one family each, as ip-location-db ships them, answer together.
func TestFamiliesInFilesOfTheirOwn(t *testing.T) {
	dir := t.TempDir()
	db := openAll(t, write(t, dir, "country-ipv4.mmdb", 4, entry{"192.0.2.0/24", m("country_code", "SE")}), write(t, dir, "country-ipv6.mmdb", 6, entry{"2001:db8::/32", m("country_code", "NO")}))
	for addr, want := range map[string]string{"192.0.2.1": "SE", "::ffff:192.0.2.1": "SE", "2001:db8::1": "NO"} {
		if got := db.Lookup(netip.MustParseAddr(addr)).Country; got != want {
			t.Errorf("%s is in %q, want %q", addr, got, want)
		}
	}
}

// What one database says of a network adds to what another says.
func TestTagsAddUp(t *testing.T) {
	dir := t.TempDir()
	db := openAll(t, write(t, dir, "a.mmdb", 6, entry{"192.0.2.0/24", m("is_hosting_provider", true)}), write(t, dir, "b.mmdb", 6, entry{"192.0.2.0/25", m("is_tor_exit_node", true)}))
	want := unknown()
	want.Tags, want.Category, want.Source = []string{"anonymizer", "hosting", "tor"}, CategoryTor, "a@2026-06-05,b@2026-06-05"
	if d := cmp.Diff(want, db.Lookup(netip.MustParseAddr("192.0.2.1")), cmpopts.EquateNaNs()); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
