package geo

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestReadAddresses(t *testing.T) {
	in := "\uFEFF# Exits\r\n; also a comment\n\n192.0.2.1\r\n  192.0.2.2 # why\n198.51.100.7/24 ; SBL1\n\"203.0.113.1\",\"2026-01-01\",2\n203.0.113.9:8080\n[2001:db8::9]:443\n" +
		"2001:db8:1::/48\tx\n::ffff:192.0.2.77\n::ffff:192.0.3.0/120\n10.0.0.5-10.0.0.8\n192.0.2.1\nnot an address\n" + strings.Repeat("192.0.2.1\n", 20)
	c, err := readAddresses("l", strings.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]Problem{{"l", 15, "no address, CIDR or first-last"}}, c.problems); d != "" || c.bad != 1 || c.entries != 31 {
		t.Errorf("%d entries, %d bad: %s", c.entries, c.bad, d)
	}
	for addr, want := range map[string]bool{
		"192.0.2.1": true, "192.0.2.2": true, "192.0.2.3": false, "198.51.100.0": true, "198.51.100.255": true, "198.51.101.0": false, "203.0.113.1": true, "203.0.113.9": true,
		"2001:db8::9": true, "2001:db8::8": false, "2001:db8:1:ffff::": true, "2001:db8:2::": false, "192.0.2.77": true, "192.0.3.200": true, "10.0.0.4": false, "10.0.0.5": true, "10.0.0.8": true, "10.0.0.9": false,
	} {
		if got := c.addrs.contains(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s on the list: %v", addr, got)
		}
	}
}

func TestReadASNs(t *testing.T) {
	c, err := readASNs("l", strings.NewReader("ASN,Entity\n64500,\"Example\"\nAS64501 Example Net\nas64502 # x\n64500\n4294967295\n"))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]uint32{64500, 64501, 64502, 4294967295}, c.asns); d != "" || c.bad != 0 {
		t.Errorf("%d bad: %s", c.bad, d)
	}
}

func TestListLines(t *testing.T) {
	for line, want := range map[string]string{
		"192.0.2.256":                      "no address",
		"192.0.2.0/33":                     "no address",
		"0.0.0.0/0":                        "holds every address",
		"::/0":                             "holds every address",
		"::ffff:0:0/95":                    "no address",
		"192.0.2.9-192.0.2.1":              "first address is after the last",
		"192.0.2.1-2001:db8::1":            "no address",
		"example.com":                      "no address",
		"fe80::1%eth0":                     "",
		"192.0.2.7/24":                     "",
		strings.Repeat("1", 3*maxLine):     "longer than 4096 bytes",
		"#" + strings.Repeat("1", maxLine): "",
	} {
		c, err := readAddresses("l", strings.NewReader(strings.Repeat("192.0.2.1\n", 20)+line+"\n192.0.2.2"))
		if err != nil {
			t.Errorf("%.20s: %v", line, err)
			continue
		}
		if got := fmt.Sprint(c.problems); (want == "") != (c.bad == 0) || !strings.Contains(got, want) || want != "" && !strings.Contains(got, "l line 21") {
			t.Errorf("%.20s: %s, want %q", line, got, want)
		}
		if !c.addrs.contains(netip.MustParseAddr("192.0.2.2")) {
			t.Errorf("%.20s: the line after it is lost", line)
		}
	}
	for _, line := range []string{"0", "AS0", "AS4294967296", "AS", "1.10", "-1"} {
		if n, err := parseASN(line); err == nil {
			t.Errorf("%s is autonomous system %d", line, n)
		}
	}
}

// What is no list is an error, not a list without entries.
func TestNoList(t *testing.T) {
	page := "<!DOCTYPE html>\n<html>\n<head><title>404 Not Found</title></head>\n<body>\n<h1>Not Found</h1>\n</body>\n</html>\n"
	for name, c := range map[string]struct{ text, want string }{
		"web page":                {page, "7 of 7 lines"},
		"web page in one line":    {strings.ReplaceAll(page, "\n", ""), "1 of 1 lines"},
		"web page with addresses": {page + strings.Repeat("192.0.2.1\n", 60), "7 of 67 lines"},
		"JSON":                    {`["192.0.2.1"]`, "1 of 1 lines"},
		"message":                 {"Forbidden\n", "its only line is no entry"},
		"empty":                   {"", "the file is empty"},
		"ASNs":                    {"AS64500\nAS64501\n", "2 of 2 lines"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := readAddresses("l.txt", strings.NewReader(c.text)); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "l.txt") {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
	for name, text := range map[string]string{"comments alone": "# nothing today\n", "one bad line in ten": strings.Repeat("192.0.2.1\n", 9) + "x\n", "column names alone are bad, with a comment fine": "# x\nip\n192.0.2.1"} {
		if _, err := readAddresses("l.txt", strings.NewReader(text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func drawPrefix(t *rapid.T) netip.Prefix {
	// Few bits that differ, so that networks overlap, touch and hold each other.
	if rapid.Bool().Draw(t, "v4") {
		return netip.PrefixFrom(netip.AddrFrom4([4]byte{192, 0, rapid.Byte().Draw(t, "c") & 3, rapid.Byte().Draw(t, "d")}), rapid.IntRange(20, 32).Draw(t, "bits"))
	}
	b := [16]byte{0x20, 1, 0xd, 0xb8}
	b[14], b[15] = rapid.Byte().Draw(t, "o")&3, rapid.Byte().Draw(t, "p")
	return netip.PrefixFrom(netip.AddrFrom16(b), rapid.IntRange(116, 128).Draw(t, "bits"))
}

// The set answers as a search through all that was put in does.
func TestRangesAreASearchThroughAll(t *testing.T) {
	edges := []netip.Prefix{netip.MustParsePrefix("255.255.255.0/24"), netip.MustParsePrefix("255.255.255.255/32"), netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("ffff::/16"), netip.MustParsePrefix("::/128")}
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfN(rapid.OneOf(rapid.Custom(drawPrefix), rapid.SampledFrom(edges)), 0, 30).Draw(t, "networks")
		var r ranges
		for _, p := range all {
			r.addPrefix(p)
		}
		r.seal()
		ask := []netip.Addr{netip.MustParseAddr("255.255.255.255"), netip.MustParseAddr("0.0.0.0"), netip.MustParseAddr("::"), netip.MustParseAddr("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")}
		for _, p := range append(all, rapid.SliceOfN(rapid.Custom(drawPrefix), 1, 10).Draw(t, "others")...) {
			first, last := p.Masked().Addr(), lastOf(p)
			ask = append(ask, p.Addr(), first, last)
			for _, a := range []netip.Addr{first.Prev(), last.Next()} {
				if a.IsValid() {
					ask = append(ask, a)
				}
			}
		}
		for _, a := range ask {
			want := slices.ContainsFunc(all, func(p netip.Prefix) bool { return p.Contains(a) })
			if got := r.contains(a); got != want {
				t.Fatalf("%s in %v: %v", a, all, got)
			}
		}
		for i := 1; i < len(r.v4); i++ {
			if r.v4[i].first <= r.v4[i-1].last+1 {
				t.Fatalf("spans touch: %v", r.v4)
			}
		}
	})
}

func writeList(t testing.TB, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 6, 5, 17, 20, 30, 0, time.UTC)
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLookupWithLists(t *testing.T) {
	dir := t.TempDir()
	as := write(t, dir, "as.mmdb", 6, entry{"192.0.2.0/24", asn(64500, "Example Net")}, entry{"10.9.0.0/16", m("country_code", "SE")})
	config := Config{
		Files: []string{as},
		Lists: []List{
			{File: writeList(t, dir, "exits.txt", "192.0.2.1\n198.51.100.1\n2001:db8::1\n"), Tags: []string{"TOR", "anonymizer"}},
			{File: writeList(t, dir, "feed,1.netset", "192.0.2.1\n198.51.100.2\n10.0.0.0/8\n"), Tags: []string{"botnet"}, Category: "Threat"},
			{File: writeList(t, dir, "sold.txt", "198.51.100.3\n"), Tags: []string{"vpn"}},
			{File: writeList(t, dir, "plain.txt", "198.51.100.4\n"), Tags: []string{"partner"}},
			{File: writeList(t, dir, "sites.txt", "10.2.0.0/16\n198.51.100.3\n"), Category: "corporate"},
		},
		ASNs:      []List{{File: writeList(t, dir, "clouds.csv", "ASN,Name\n64500,Example\n"), Tags: []string{"hosting"}}},
		Corporate: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("192.0.2.128/25")},
		VPN:       []netip.Prefix{netip.MustParsePrefix("192.0.2.0/30")},
	}
	db, err := OpenWith(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	type answer struct {
		Category, Source string
		Tags             []string
	}
	const at = "@2026-06-05T17:20Z"
	for addr, want := range map[string]answer{
		"192.0.2.1":        {"vpn", "as@2026-06-05,exits" + at + ",feed_1" + at + ",clouds" + at + ",config", []string{"anonymizer", "botnet", "hosting", "tor", "vpn"}},
		"::ffff:192.0.2.9": {"hosting", "as@2026-06-05,clouds" + at, []string{"hosting"}},
		"192.0.2.200":      {"corporate", "as@2026-06-05,clouds" + at + ",config", []string{"corporate", "hosting"}},
		"198.51.100.1":     {"tor", "exits" + at, []string{"anonymizer", "tor"}},
		"198.51.100.2":     {"threat", "feed_1" + at, []string{"botnet"}},
		"198.51.100.3":     {"corporate", "sold" + at + ",sites" + at, []string{"corporate", "vpn"}},
		"198.51.100.4":     {"unknown", "plain" + at, []string{"partner"}},
		"198.51.100.5":     {"unknown", "", nil},
		"2001:db8::1":      {"tor", "exits" + at, []string{"anonymizer", "tor"}},
		"10.1.2.3":         {"corporate", "config", []string{"corporate"}},
		"10.2.2.3":         {"corporate", "sites" + at, []string{"corporate"}},
		"10.3.2.3":         {"private", "", nil}, // on the feed, which has no say about private addresses
		"10.9.2.3":         {"unknown", "as@2026-06-05", nil},
	} {
		for range 2 {
			p := db.Lookup(netip.MustParseAddr(addr))
			if d := cmp.Diff(want, answer{p.Category, p.Source, p.Tags}); d != "" {
				t.Errorf("%s (-want +got):\n%s", addr, d)
			}
		}
	}
	want := []string{"as@2026-06-05", "exits" + at, "feed_1" + at, "sold" + at, "plain" + at, "sites" + at, "clouds" + at, "config", "config"}
	if d := cmp.Diff(want, db.Sources()); d != "" {
		t.Errorf("sources (-want +got):\n%s", d)
	}
}

// A list that is for sale must not make a network the user's own.
func TestOnlyTheConfigMakesANetworkOwn(t *testing.T) {
	for _, tags := range [][]string{{"vpn"}, {"corporate"}, {"corporate", "vpn", "tor"}} {
		if _, category, err := (List{Tags: tags}).Check(); err != nil || category == CategoryCorporate || category == CategoryVPN {
			t.Errorf("%v: category %s, %v", tags, category, err)
		}
	}
}

func TestOpenListErrors(t *testing.T) {
	dir := t.TempDir()
	good := writeList(t, dir, "good.txt", "192.0.2.1\n")
	for name, c := range map[string]struct {
		config Config
		want   string
	}{
		"missing":           {Config{Lists: []List{{File: filepath.Join(dir, "none.txt"), Tags: []string{"x"}}}}, "none.txt: there is no such file"},
		"a folder":          {Config{Lists: []List{{File: dir, Tags: []string{"x"}}}}, "not a regular file"},
		"a page":            {Config{Lists: []List{{File: writeList(t, dir, "page.txt", "<html>\n"), Tags: []string{"x"}}}}, "page.txt: 1 of 1 lines"},
		"ASNs as addresses": {Config{ASNs: []List{{File: good, Tags: []string{"x"}}}}, "good.txt: 1 of 1 lines"},
		"no tags":           {Config{Lists: []List{{File: good}}}, "neither tags nor a category"},
		"bad tag":           {Config{Lists: []List{{File: good, Tags: []string{"a b"}}}}, `tag "a b"`},
		"bad category":      {Config{Lists: []List{{File: good, Category: "evil"}}}, `category "evil" is not one of corporate, vpn, tor`},
		"the whole world":   {Config{Corporate: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}}, "corporate networks: 0.0.0.0/0"},
		"no folder":         {Config{Dir: filepath.Join(dir, "none")}, "geo.dir"},
	} {
		if db, err := OpenWith(c.config); err == nil || !strings.Contains(err.Error(), c.want) || db != nil {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
}

func TestDir(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	first := write(t, other, "z.mmdb", 6, entry{"192.0.2.0/24", m("country_code", "SE")})
	write(t, dir, "b.mmdb", 6, entry{"192.0.2.0/23", m("country_code", "NO")})
	write(t, dir, "a.mmdb", 6, entry{"192.0.2.0/24", m("country_code", "DK")})
	named := writeList(t, dir, "tor.txt", "192.0.2.1\n")
	writeList(t, dir, "hosting-clouds.csv", "AS64500\n")
	writeList(t, dir, "proxy_open.txt", "192.0.2.2\nx\n"+strings.Repeat("192.0.2.2\n", 20))
	writeList(t, dir, "notes.txt", "not a list\n")
	writeList(t, dir, "tor.bak", "not a list\n")
	writeList(t, dir, ".tor-half.txt", "not a list\n")
	if err := os.Symlink(first, filepath.Join(dir, "c.mmdb")); err != nil {
		t.Fatal(err)
	}
	c := Config{Files: []string{first}, Dir: dir, Lists: []List{{File: named, Tags: []string{"mine"}}}}
	db, err := OpenWith(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	const at = "@2026-06-05T17:20Z"
	if d := cmp.Diff([]string{"z@2026-06-05", "a@2026-06-05", "b@2026-06-05", "tor" + at, "hosting-clouds" + at, "proxy_open" + at}, db.Sources()); d != "" {
		t.Errorf("sources (-want +got):\n%s", d)
	}
	if p := db.Lookup(netip.MustParseAddr("192.0.2.1")); p.Country != "SE" || !slices.Equal(p.Tags, []string{"mine"}) {
		t.Errorf("got %+v", p)
	}
	if p := db.Lookup(netip.MustParseAddr("192.0.3.1")); p.Country != "NO" {
		t.Errorf("got %+v", p)
	}
	infos, err := db.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	built := time.Date(2026, 6, 5, 0, 0, 0, 0, time.UTC)
	changed := time.Date(2026, 6, 5, 17, 20, 30, 0, time.UTC)
	want := []Info{
		{Path: first, Kind: KindDatabase, Type: "test", Built: built, Entries: 1, Holds: []string{"country"}},
		{Path: filepath.Join(dir, "a.mmdb"), Kind: KindDatabase, Type: "test", Built: built, Entries: 1, Holds: []string{"country"}, FromDir: true},
		{Path: filepath.Join(dir, "b.mmdb"), Kind: KindDatabase, Type: "test", Built: built, Entries: 1, Holds: []string{"country"}, FromDir: true},
		{Path: named, Kind: KindAddresses, Built: changed, Entries: 1, Tags: []string{"mine"}, Category: CategoryUnknown},
		{Path: filepath.Join(dir, "hosting-clouds.csv"), Kind: KindASNs, Built: changed, Entries: 1, Tags: []string{"hosting"}, Category: CategoryHosting, FromDir: true},
		{Path: filepath.Join(dir, "proxy_open.txt"), Kind: KindAddresses, Built: changed, Entries: 21, Tags: []string{"anonymizer", "proxy"}, Category: CategoryProxy, Bad: 1, FromDir: true},
	}
	if d := cmp.Diff(want, infos); d != "" {
		t.Errorf("info (-want +got):\n%s", d)
	}
	problems, total := db.Problems()
	if d := cmp.Diff([]Problem{{filepath.Join(dir, "proxy_open.txt"), 2, errNoAddress.Error()}}, problems); d != "" || total != 1 {
		t.Errorf("%d problems (-want +got):\n%s", total, d)
	}
}

// A reader of a list must not be led into a panic, and never to an address that no line names.
func FuzzList(f *testing.F) {
	for _, s := range []string{"192.0.2.1\n", "# x\n2001:db8::/32 ; y\n", "10.0.0.1-10.0.0.9\nip,when\n", "\"192.0.2.1\",x\r\n[::1]:80", "<html>\n", "0.0.0.0/0\n", "::ffff:1.2.3.0/120\n"} {
		f.Add([]byte(s))
	}
	unlisted := netip.MustParseAddr("198.18.77.1")
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := readAddresses("l", strings.NewReader(string(b)))
		if err != nil {
			if !strings.Contains(err.Error(), "read list l: ") {
				t.Errorf("error %v does not name the file", err)
			}
			return
		}
		if len(b) == 0 || c.bad > c.entries || len(c.problems) > keptProblems || c.addrs.size() > c.entries {
			t.Errorf("%d entries, %d spans, %d bad", c.entries, c.addrs.size(), c.bad)
		}
		if c.addrs.contains(unlisted) && !strings.ContainsAny(string(b), "/-") && !strings.Contains(string(b), "198.18.77.1") && !strings.Contains(strings.ToLower(string(b)), "ffff") {
			t.Errorf("%s is on it", unlisted)
		}
	})
}

func FuzzASNs(f *testing.F) {
	for _, s := range []string{"AS64500\n", "ASN,Entity\n64500,x\n", "# x\n1 ; y\n", "AS0\n", "99999999999\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := readASNs("l", strings.NewReader(string(b)))
		if err != nil {
			return
		}
		if !slices.IsSorted(c.asns) || len(c.asns) > c.entries || slices.Contains(c.asns, 0) || c.bad > c.entries {
			t.Errorf("%d entries, %d bad: %v", c.entries, c.bad, c.asns)
		}
	})
}

// A list of a million addresses, a tenth of them networks.
func BenchmarkLookupInList(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	var text strings.Builder
	addr := func() netip.Addr {
		n := r.Uint32()
		return netip.AddrFrom4([4]byte{byte(n>>24)%223 + 1, byte(n >> 16), byte(n >> 8), byte(n)})
	}
	for i := range 1_000_000 {
		if text.WriteString(addr().String()); i%10 == 0 {
			fmt.Fprintf(&text, "/%d", 24+r.IntN(8))
		}
		text.WriteByte('\n')
	}
	path := writeList(b, b.TempDir(), "big.txt", text.String())
	open := func(b *testing.B) *DB {
		db, err := OpenWith(Config{Lists: []List{{File: path, Category: "threat"}}})
		if err != nil {
			b.Fatal(err)
		}
		return db
	}
	ask := make([]netip.Addr, 1<<16)
	for i := range ask {
		ask[i] = addr()
	}
	b.Run("read", func(b *testing.B) {
		db := open(b)
		for i := 0; b.Loop(); i++ {
			db.read(ask[i%len(ask)])
		}
	})
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			_ = open(b).Close()
		}
	})
}
