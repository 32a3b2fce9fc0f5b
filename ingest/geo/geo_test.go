package geo

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"
	"github.com/oschwald/maxminddb-golang/v2"
	"pgregory.net/rapid"
)

const buildEpoch = 1_780_617_600 // 2026-06-05T00:00:00Z

type entry struct {
	network string
	record  mmdbtype.Map
}

func encode(t testing.TB, version int, entries ...entry) []byte {
	t.Helper()
	tree, err := mmdbwriter.New(mmdbwriter.Options{DatabaseType: "test", BuildEpoch: buildEpoch, IPVersion: version, RecordSize: 24, IncludeReservedNetworks: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		_, block, err := net.ParseCIDR(e.network)
		if err != nil {
			t.Fatal(err)
		}
		if err := tree.Insert(block, e.record); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if _, err := tree.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func write(t testing.TB, dir, name string, version int, entries ...entry) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, encode(t, version, entries...), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func nested(country, city string, lat, lon float64, radius int) mmdbtype.Map {
	return mmdbtype.Map{
		"country":            mmdbtype.Map{"iso_code": mmdbtype.String(country), "names": mmdbtype.Map{"en": mmdbtype.String("A country")}},
		"registered_country": mmdbtype.Map{"iso_code": mmdbtype.String("ZZ")},
		"city":               mmdbtype.Map{"names": mmdbtype.Map{"de": mmdbtype.String("Nicht diese"), "en": mmdbtype.String(city)}, "geoname_id": mmdbtype.Uint32(1)},
		"location":           mmdbtype.Map{"latitude": mmdbtype.Float64(lat), "longitude": mmdbtype.Float64(lon), "accuracy_radius": mmdbtype.Uint16(radius)},
		"subdivisions":       mmdbtype.Slice{mmdbtype.Map{"iso_code": mmdbtype.String("ENG")}},
	}
}

func flat(country, city string, lat, lon float32) mmdbtype.Map {
	return mmdbtype.Map{"country_code": mmdbtype.String(country), "state1": mmdbtype.String("A state"), "city": mmdbtype.String(city),
		"latitude": mmdbtype.Float32(lat), "longitude": mmdbtype.Float32(lon), "timezone": mmdbtype.String("")}
}

func asn(n uint32, org string) mmdbtype.Map {
	return mmdbtype.Map{"autonomous_system_number": mmdbtype.Uint32(n), "autonomous_system_organization": mmdbtype.String(org)}
}

func openAll(t testing.TB, files ...string) *DB {
	t.Helper()
	db, err := Open(files)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func TestLookup(t *testing.T) {
	dir := t.TempDir()
	city := write(t, dir, "city.mmdb", 6,
		entry{"192.0.2.0/24", nested("GB", "London", 51.5, -0.125, 20)},
		entry{"2001:db8:1::/48", nested("IE", "Dublin", 53.25, -6.25, 5)},
		entry{"100.64.1.0/24", nested("DE", "Berlin", 52.5, 13.5, 10)})
	flat4 := write(t, dir, "flat,4.mmdb", 4, // as ip-location-db ships them: one address family a file
		entry{"192.0.2.0/24", flat("FR", "Paris", 48.5, 2.25)},
		entry{"198.51.100.0/24", flat("US", "Boise", 43.5, -116.25)})
	as := write(t, dir, "as.mmdb", 6, entry{"192.0.2.0/23", asn(64500, "Example Net")}, entry{"198.51.100.0/24", asn(64501, "Other Net")})
	text := write(t, dir, "text.mmdb", 4, entry{"203.0.113.0/24", mmdbtype.Map{"asn": mmdbtype.String("AS64502"), "as_name": mmdbtype.String("Text Net"), "country": mmdbtype.String("Utopia"), "country_code": mmdbtype.String("se")}})
	broad := write(t, dir, "broad.mmdb", 4, entry{"192.0.2.0/24", mmdbtype.Map{"country_code": mmdbtype.String("FR"), "latitude": mmdbtype.Float64(46), "longitude": mmdbtype.Float64(2)}})

	nan := math.NaN()
	none := Place{Lat: nan, Lon: nan, AccuracyKm: nan, Category: "unknown"}
	private := none
	private.Category = "private"
	berlin := Place{Country: "DE", City: "Berlin", Lat: 52.5, Lon: 13.5, AccuracyKm: 10, Category: "unknown", Source: "city@2026-06-05"}
	london := Place{Country: "GB", City: "London", Lat: 51.5, Lon: -0.125, AccuracyKm: 20, Category: "unknown", Source: "city@2026-06-05"}
	both := london
	both.ASN, both.Org, both.Source = 64500, "Example Net", "city@2026-06-05,as@2026-06-05"
	cases := []struct {
		name, addr string
		files      []string
		want       Place
	}{
		{"nested", "192.0.2.7", []string{city}, london},
		{"v4 in v6", "::ffff:192.0.2.7", []string{city}, london},
		{"v6", "2001:db8:1::9", []string{city}, Place{Country: "IE", City: "Dublin", Lat: 53.25, Lon: -6.25, AccuracyKm: 5, Category: "unknown", Source: "city@2026-06-05"}},
		{"v6 in a v4 file", "2001:db8:1::9", []string{flat4}, none},
		{"flat", "198.51.100.1", []string{flat4}, Place{Country: "US", City: "Boise", Lat: 43.5, Lon: -116.25, AccuracyKm: nan, Category: "unknown", Source: "flat_4@2026-06-05"}},
		{"merged with operator", "192.0.2.7", []string{city, as}, both},
		{"the first that knows wins, and a city of another country does not fill in", "192.0.2.7", []string{city, flat4}, london},
		{"order", "192.0.2.7", []string{flat4, city}, Place{Country: "FR", City: "Paris", Lat: 48.5, Lon: 2.25, AccuracyKm: nan, Category: "unknown", Source: "flat_4@2026-06-05"}},
		{"a city beats the middle of a country", "192.0.2.7", []string{broad, flat4}, Place{Country: "FR", City: "Paris", Lat: 48.5, Lon: 2.25, AccuracyKm: nan, Category: "unknown", Source: "broad@2026-06-05,flat_4@2026-06-05"}},
		{"operator as text", "203.0.113.1", []string{text}, Place{Country: "SE", Lat: nan, Lon: nan, AccuracyKm: nan, ASN: 64502, Org: "Text Net", Category: "unknown", Source: "text@2026-06-05"}},
		{"nobody knows", "203.0.113.1", []string{city, as}, none},
		{"no files", "192.0.2.7", nil, none},
		{"private", "10.1.2.3", []string{city}, private},
		{"loopback", "::1", nil, private},
		{"unique local", "fd00::1", nil, private},
		{"shared space", "100.64.0.1", []string{city}, private},
		{"shared space that a database knows", "100.64.1.1", []string{city}, berlin},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			db := openAll(t, c.files...)
			for _, pass := range []string{"first", "cached"} {
				if d := cmp.Diff(c.want, db.Lookup(netip.MustParseAddr(c.addr)), cmpopts.EquateNaNs()); d != "" {
					t.Errorf("%s lookup (-want +got):\n%s", pass, d)
				}
			}
			if err := db.Err(); err != nil {
				t.Error(err)
			}
		})
	}
	if d := cmp.Diff(none, openAll(t).Lookup(netip.Addr{}), cmpopts.EquateNaNs()); d != "" {
		t.Errorf("invalid address (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]string{"city@2026-06-05", "as@2026-06-05"}, openAll(t, city, as).Sources()); d != "" {
		t.Errorf("sources (-want +got):\n%s", d)
	}
}

func TestImpossibleValuesAreUnknown(t *testing.T) {
	dir := t.TempDir()
	path := write(t, dir, "odd.mmdb", 4, entry{"192.0.2.0/24", mmdbtype.Map{
		"country_code": mmdbtype.String("Utopia"), "city": mmdbtype.Uint32(3), "latitude": mmdbtype.Float64(91), "longitude": mmdbtype.Float64(math.Inf(1)),
		"accuracy_radius": mmdbtype.Float64(-1), "asn": mmdbtype.Uint64(1 << 40), "as_name": mmdbtype.String("Example Net")}})
	got := openAll(t, path).Lookup(netip.MustParseAddr("192.0.2.1"))
	want := unknown()
	want.Org, want.Source = "Example Net", "odd@2026-06-05"
	if d := cmp.Diff(want, got, cmpopts.EquateNaNs()); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	good := write(t, dir, "good.mmdb", 4, entry{"192.0.2.0/24", flat("FR", "Paris", 1, 2)})
	text := filepath.Join(dir, "text.mmdb")
	if err := os.WriteFile(text, []byte("<html>Not found</html>"), 0o600); err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(dir, "cut.mmdb")
	whole, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(cut, whole[:len(whole)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	other := write(t, dir, "other.mmdb", 4, entry{"192.0.2.0/24", mmdbtype.Map{"static_ip_score": mmdbtype.Float64(1.5)}})
	for _, c := range []struct{ path, want string }{
		{filepath.Join(dir, "missing.mmdb"), "no such file"},
		{text, "download it again"},
		{cut, "download it again"},
		{other, "bring a country, city or ASN database"},
	} {
		db, err := Open([]string{good, c.path})
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.path) {
			t.Errorf("error %v, want one with %q and %q", err, c.path, c.want)
		}
		if db != nil {
			t.Errorf("%s: a database beside the error", c.path)
		}
	}
}

// A tree that leads back to itself ends, in an error.
func TestTreeInACircle(t *testing.T) {
	b := encode(t, 6, entry{"2001:db8::/32", nested("GB", "London", 51.5, -0.125, 20)})
	clear(b[3:6]) // the right branch of the first node, 24 bits, now leads to that node
	clear(b[0:3])
	path := filepath.Join(t.TempDir(), "circle.mmdb")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := inspect(t.Context(), path, "circle.mmdb"); err == nil || !strings.Contains(err.Error(), "damaged") && !strings.Contains(err.Error(), "hold no country") {
		t.Errorf("error %v", err)
	}
	r, err := maxminddb.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := (file{path: path, reader: r}).info(t.Context(), true); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("error %v", err)
	}
}

func TestPrefix(t *testing.T) {
	for in, want := range map[string]string{
		"192.0.2.77":            "192.0.2.0/24",
		" 192.0.2.77 ":          "192.0.2.0/24",
		"::ffff:192.0.2.77":     "192.0.2.0/24",
		"2001:db8:1:2::3":       "2001:db8:1::/48",
		"fe80::1%eth0":          "fe80::/48",
		"":                      "",
		"host.example.com":      "",
		"192.0.2.77:443":        "",
		"192.0.2.77, 192.0.2.1": "",
	} {
		if got := Prefix(in); got != want {
			t.Errorf("Prefix(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestPrefixHoldsTheAddress(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom([]int{4, 16}).Draw(t, "bytes")
		a, _ := netip.AddrFromSlice(rapid.SliceOfN(rapid.Byte(), n, n).Draw(t, "address"))
		p, err := netip.ParsePrefix(Prefix(a.String()))
		if err != nil || !p.Contains(a.Unmap()) || p != p.Masked() {
			t.Fatalf("Prefix(%s) = %s, %v", a, p, err)
		}
	})
}

// The cache forgets, and never answers for another address.
func TestCacheIsBounded(t *testing.T) {
	var c cache
	addr := func(i int) netip.Addr {
		var b [4]byte
		binary.BigEndian.PutUint32(b[:], uint32(i))
		return netip.AddrFrom4(b)
	}
	for i := range 3 * cacheGeneration {
		c.put(addr(i), Place{ASN: int64(i)})
		c.get(addr(0)) // asked for all the time, so never forgotten
	}
	if n := len(c.young) + len(c.old); n > 2*cacheGeneration {
		t.Errorf("%d places kept, want at most %d", n, 2*cacheGeneration)
	}
	if p, ok := c.get(addr(0)); !ok || p.ASN != 0 {
		t.Errorf("address in use: %v, %v", p, ok)
	}
	if _, ok := c.get(addr(5)); ok {
		t.Error("an old address was not forgotten")
	}
	last := 3*cacheGeneration - 1
	if p, ok := c.get(addr(last)); !ok || p.ASN != int64(last) {
		t.Errorf("last address: %v, %v", p, ok)
	}
}

// Whatever is in a file, opening and asking it must end without a panic and within bounds.
func FuzzDamagedFile(f *testing.F) {
	whole := encode(f, 6, entry{"192.0.2.0/24", nested("GB", "London", 51.5, -0.125, 20)}, entry{"2001:db8::/32", asn(64500, "Example Net")})
	f.Add(whole)
	f.Add(whole[:len(whole)-10])
	for _, at := range []int{0, 100, len(whole) / 2, len(whole) - 40} {
		b := bytes.Clone(whole)
		b[at] ^= 0xff
		f.Add(b)
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, b []byte) {
		path := filepath.Join(dir, fmt.Sprintf("%d.mmdb", os.Getpid()))
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		db, err := Open([]string{path})
		if err != nil {
			return
		}
		defer func() { _ = db.Close() }()
		if _, err := db.files[0].info(t.Context(), true); err != nil && !strings.Contains(err.Error(), path) {
			t.Errorf("error %v does not name the file", err)
		}
		for _, a := range []string{"192.0.2.1", "198.51.100.1", "2001:db8::1", "::1"} {
			p := db.Lookup(netip.MustParseAddr(a))
			if p.Category == "" || math.IsInf(p.Lat, 0) || math.IsNaN(p.Lat) != math.IsNaN(p.Lon) || len(p.City) > 3*maxText || p.ASN < 0 {
				t.Errorf("%s is at %+v", a, p)
			}
		}
	})
}

func BenchmarkLookup(b *testing.B) {
	dir := b.TempDir()
	var cities, owners []entry
	for i := range 4096 {
		block := fmt.Sprintf("198.%d.%d.0/24", 16+i>>8, i&255)
		cities = append(cities, entry{block, nested("GB", fmt.Sprintf("City %d", i), float64(i%90), float64(i%180), 20)})
		owners = append(owners, entry{block, asn(uint32(64500+i), fmt.Sprintf("Net %d", i))})
	}
	files := []string{write(b, dir, "city.mmdb", 6, cities...), write(b, dir, "as.mmdb", 6, owners...)}
	addr := func(i int) netip.Addr {
		return netip.AddrFrom4([4]byte{198, byte(16 + i>>16&15), byte(i >> 8), byte(i)})
	}
	b.Run("cached", func(b *testing.B) {
		db := openAll(b, files...)
		for i := 0; b.Loop(); i++ {
			db.Lookup(addr(i % 1000 * 256))
		}
	})
	b.Run("read", func(b *testing.B) {
		db := openAll(b, files...)
		for i := 0; b.Loop(); i++ {
			db.read(addr(i))
		}
	})
}
