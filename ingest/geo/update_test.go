package geo

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func gzipped(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// tarred packs files, given as name and content in turn.
func tarred(t testing.TB, nameAndContent ...any) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for i := 0; i < len(nameAndContent); i += 2 {
		content := nameAndContent[i+1].([]byte)
		if err := w.WriteHeader(&tar.Header{Name: nameAndContent[i].(string), Mode: 0o644, Size: int64(len(content)), Format: tar.FormatUSTAR}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// filesIn lists a folder, hidden files too.
func filesIn(t testing.TB, dir string) (out []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

const licence = "s3cr3t-key"

// offers serves files by path, with a Last-Modified date.
func offers(t testing.TB, files map[string][]byte) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, ok := files[r.URL.Path]
		if !ok {
			http.Error(w, "no "+r.URL.String(), http.StatusNotFound)
			return
		}
		w.Header().Set("Last-Modified", "Fri, 05 Jun 2026 17:20:30 GMT")
		_, _ = w.Write(b)
	}))
	t.Cleanup(s.Close)
	return s
}

func TestUpdate(t *testing.T) {
	db := encode(t, 6, entry{"192.0.2.0/24", m("country_code", "SE")}, entry{"198.51.100.0/24", m("country_code", "NO")})
	list := []byte("192.0.2.1\n# x\n192.0.2.2\n")
	archive := gzipped(t, tarred(t, "GeoLite2-City_20260605/COPYRIGHT.txt", []byte("x"), "GeoLite2-City_20260605/GeoLite2-City.mmdb", db, "GeoLite2-City_20260605/LICENSE.txt", []byte("y")))
	s := offers(t, map[string][]byte{
		"/a.mmdb": db, "/dbip-city-lite-2026-06.mmdb.gz": gzipped(t, db), "/geoip/databases/GeoLite2-City/download": archive,
		"/torbulkexitlist": list, "/asns.csv": []byte("ASN,Entity\n64500,x\n"), "/odd": db,
	})
	built, changed := time.Date(2026, 6, 5, 0, 0, 0, 0, time.UTC), time.Date(2026, 6, 5, 17, 20, 30, 0, time.UTC)
	database := Info{Kind: KindDatabase, Type: "test", Built: built, Entries: 2, Holds: []string{"country"}}
	for name, c := range map[string]struct {
		u    Update
		file string
		want Info
	}{
		"database":               {Update{From: s.URL + "/a.mmdb"}, "a.mmdb", database},
		"gzip, date in its name": {Update{From: s.URL + "/dbip-city-lite-2026-06.mmdb.gz"}, "dbip-city-lite.mmdb", database},
		"MaxMind's archive":      {Update{From: s.URL + "/geoip/databases/GeoLite2-City/download?suffix=tar.gz&license_key=" + licence}, "GeoLite2-City.mmdb", database},
		"a name":                 {Update{From: s.URL + "/odd", Name: "city"}, "city.mmdb", database},
		"list":                   {Update{From: s.URL + "/torbulkexitlist"}, "torbulkexitlist.txt", Info{Kind: KindAddresses, Built: changed, Entries: 2}},
		"list with a name": {Update{From: s.URL + "/torbulkexitlist", Name: "tor"}, "tor.txt",
			Info{Kind: KindAddresses, Built: changed, Entries: 2, Tags: []string{"anonymizer", "tor"}, Category: CategoryTor}},
		"ASNs":                        {Update{From: s.URL + "/asns.csv", Name: "hosting-asns.csv"}, "hosting-asns.csv", Info{Kind: KindASNs, Built: changed, Entries: 1, Tags: []string{"hosting"}, Category: CategoryHosting}},
		"checksum of the packed file": {Update{From: s.URL + "/geoip/databases/GeoLite2-City/download", SHA256: strings.ToUpper(fmt.Sprintf("%x", sha256.Sum256(archive)))}, "GeoLite2-City.mmdb", database},
	} {
		t.Run(name, func(t *testing.T) {
			c.u.Dir = filepath.Join(t.TempDir(), "geo")
			c.want.Path = filepath.Join(c.u.Dir, c.file)
			got, err := c.u.Run(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(Updated{Path: c.want.Path, New: c.want}, got); d != "" {
				t.Errorf("first (-want +got):\n%s", d)
			}
			if got, err = c.u.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			old := c.want
			if d := cmp.Diff(Updated{Path: c.want.Path, Old: &old, New: c.want}, got, cmpopts.IgnoreFields(Info{}, "Path")); d != "" {
				t.Errorf("again (-want +got):\n%s", d)
			}
			info, err := os.Stat(c.want.Path)
			if err != nil {
				t.Fatal(err)
			}
			if info.Mode().Perm() != 0o640 {
				t.Errorf("mode %v, want 0640", info.Mode())
			}
			if d := cmp.Diff([]string{c.file}, filesIn(t, c.u.Dir)); d != "" {
				t.Errorf("files (-want +got):\n%s", d)
			}
		})
	}
}

// A file of the machine keeps its date: lists have no other.
func TestUpdateFromFile(t *testing.T) {
	dir := t.TempDir()
	u := Update{From: writeList(t, t.TempDir(), "tor-exits.txt", "192.0.2.1\n"), Dir: dir}
	if _, err := u.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	db, err := OpenWith(Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"tor-exits@2026-06-05T17:20Z"}, db.Sources()); d != "" {
		t.Error(d)
	}
}

// Whatever goes wrong, the old file is as it was, nothing lies around, and the error names the host but no secret.
func TestUpdateKeepsTheOldFile(t *testing.T) {
	db := encode(t, 6, entry{"192.0.2.0/24", flat("FR", "Paris", 1, 2)})
	other := encode(t, 6, entry{"192.0.2.0/24", asn(64500, "Example Net")})
	bomb := gzipped(t, make([]byte, 4<<20))
	// The record's data, between the tree and the metadata, point nowhere.
	broken := bytes.Clone(db)
	at := bytes.Index(broken, []byte("country_code"))
	copy(broken[at-1:], "\xff\xff\xff")

	mux := http.NewServeMux()
	serve := func(path string, b []byte) {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(b) })
	}
	serve("/page", []byte("<html>not today</html>\n"))
	serve("/empty", nil)
	serve("/cut.mmdb", db[:len(db)/2])
	serve("/broken.mmdb", broken)
	serve("/cut.gz", gzipped(t, db)[:100])
	serve("/badsum.gz", func() []byte { z := gzipped(t, db); z[len(z)-8] ^= 1; return z }())
	serve("/bomb.gz", bomb)
	serve("/large", make([]byte, 2<<20))
	serve("/zip", []byte("PK\x03\x04rest"))
	serve("/none.tar.gz", gzipped(t, tarred(t, "a/LICENSE.txt", []byte("x"))))
	serve("/two.tar.gz", gzipped(t, tarred(t, "a/a.mmdb", db, "a/b.mmdb", db)))
	serve("/list", []byte("192.0.2.1\n"))
	serve("/other.mmdb", other)
	serve("/good.mmdb", db)
	mux.HandleFunc("/short", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100000")
		_, _ = w.Write(db)
	})
	mux.HandleFunc("/denied", func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "bad key "+r.URL.String(), http.StatusUnauthorized)
	})
	mux.HandleFunc("/loop", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/loop?license_key="+licence, http.StatusFound)
	})
	mux.HandleFunc("/plain", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://192.0.2.1/"+licence, http.StatusFound)
	})
	mux.HandleFunc("/file", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "file:///etc/passwd?"+licence, http.StatusFound)
	})
	mux.HandleFunc("/nowhere", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "http://%zz/"+licence)
		w.WriteHeader(http.StatusFound)
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	gone := httptest.NewServer(mux)
	gone.Close()

	withKey := func(path string) string {
		return strings.Replace(s.URL, "http://", "http://account:"+licence+"@", 1) + path + "?license_key=" + licence
	}
	for name, c := range map[string]struct {
		u    Update
		want string
	}{
		"web page":           {Update{From: withKey("/page")}, "would be a location database, but what came is none"},
		"empty":              {Update{From: withKey("/empty")}, "what came is none"},
		"half a database":    {Update{From: withKey("/cut.mmdb")}, "what came is none"},
		"a broken record":    {Update{From: withKey("/broken.mmdb")}, "not put in place: open location database old.mmdb: it is no MMDB file or is damaged"},
		"half a gzip":        {Update{From: withKey("/cut.gz")}, "unexpected EOF"},
		"wrong gzip sum":     {Update{From: withKey("/badsum.gz")}, "gzip: invalid checksum"},
		"gzip bomb":          {Update{From: withKey("/bomb.gz")}, "larger than any such file"},
		"too large":          {Update{From: withKey("/large")}, "larger than any such file"},
		"zip":                {Update{From: withKey("/zip")}, "zip archive: unpack it"},
		"archive without":    {Update{From: withKey("/none.tar.gz")}, "holds no .mmdb file"},
		"archive with two":   {Update{From: withKey("/two.tar.gz")}, `several databases, "a.mmdb" and "b.mmdb"`},
		"another kind":       {Update{From: withKey("/list")}, "what came is none"},
		"holds less":         {Update{From: withKey("/other.mmdb")}, "holds country, the new one (test) does not"},
		"cut off":            {Update{From: withKey("/short")}, "unexpected EOF"},
		"wrong key":          {Update{From: withKey("/denied")}, "fetch from 127.0.0.1: status 401 Unauthorized: check account and licence key"},
		"missing":            {Update{From: withKey("/missing")}, "status 404"},
		"redirects forever":  {Update{From: withKey("/loop")}, "more than 5 redirects"},
		"redirect to http":   {Update{From: withKey("/plain")}, "fetch from 192.0.2.1: only https is safe"},
		"redirect to a file": {Update{From: withKey("/file")}, "the address names no host"},
		"redirect nowhere":   {Update{From: withKey("/nowhere")}, "it points to an address that is none"},
		"nobody there":       {Update{From: strings.Replace(gone.URL, "http://", "http://account:"+licence+"@", 1) + "/?" + licence}, "connection refused"},
		"plain http":         {Update{From: "http://account:" + licence + "@example.com/" + licence}, "fetch from example.com: only https is safe"},
		"another scheme":     {Update{From: "ftp://" + licence + "@example.com/" + licence}, "only https is safe"},
		"no URL":             {Update{From: "https://" + licence + "%zz/"}, "is not a URL"},
		"wrong checksum":     {Update{From: withKey("/good.mmdb"), SHA256: strings.Repeat("0", 64)}, "SHA-256 checksum is " + hexSum(db) + ", expected 0000"},
		"checksum too short": {Update{From: withKey("/good.mmdb"), SHA256: "abc"}, "64 hexadecimal digits"},
		"no such file":       {Update{From: "missing.mmdb"}, "missing.mmdb: no such file"},
		"a folder":           {Update{From: "."}, "not a regular file"},
		"nothing":            {Update{}, "is required"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "old.mmdb")
			if err := os.WriteFile(path, db, 0o600); err != nil {
				t.Fatal(err)
			}
			c.u.Dir, c.u.Name, c.u.MaxBytes = dir, "old.mmdb", 1<<20
			_, err := c.u.Run(t.Context())
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
			if strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), licence) {
				t.Errorf("the error gives the key away: %v", err)
			}
			got, errRead := os.ReadFile(path)
			if errRead != nil || !bytes.Equal(got, db) {
				t.Errorf("the old file changed: %v", errRead)
			}
			if d := cmp.Diff([]string{"old.mmdb"}, filesIn(t, dir)); d != "" {
				t.Errorf("files (-want +got):\n%s", d)
			}
		})
	}
	for name, want := range map[string]string{"../up.mmdb": "is no name", ".hidden": "is no name", "a b": "is no name", "x.txt": "the name of one ends in .mmdb"} {
		if _, err := (Update{From: s.URL + "/good.mmdb", Dir: t.TempDir(), Name: name}).Run(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("name %q: error %v, want %q", name, err, want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := t.TempDir()
	if _, err := (Update{From: writeList(t, t.TempDir(), "tor.txt", "192.0.2.1\n"), Dir: dir}).Run(ctx); err == nil || len(filesIn(t, dir)) > 0 {
		t.Errorf("interrupted: %v, files %v", err, filesIn(t, dir))
	}
}

func hexSum(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// User and password go to the host they were given for, and to no other.
func TestUpdateSendsCredentialsToTheirHostAlone(t *testing.T) {
	db := encode(t, 6, entry{"192.0.2.0/24", m("country_code", "SE")})
	var mu sync.Mutex
	got := map[string]string{}
	note := func(r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		user, password, _ := r.BasicAuth()
		got[r.URL.Path] = user + ":" + password
	}
	storage := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { note(r); _, _ = w.Write(db) }))
	t.Cleanup(storage.Close)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		note(r)
		to := storage.URL + "/signed"
		if r.URL.Path == "/first" {
			to = "http://" + r.Host + "/second"
		}
		http.Redirect(w, r, to, http.StatusFound)
	}))
	t.Cleanup(front.Close)
	u := Update{From: strings.Replace(front.URL, "http://", "http://account:key@", 1) + "/first", Dir: t.TempDir(), Name: "a.mmdb"}
	if _, err := u.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(map[string]string{"/first": "account:key", "/second": "account:key", "/signed": ":"}, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// Readers see the old file or the new one, whole, while updates and failing updates go on; and who has the old one open keeps it.
func TestUpdateUnderReaders(t *testing.T) {
	version := func(country string) []byte {
		return encode(t, 6, entry{"192.0.2.0/24", m("country_code", country)})
	}
	s := offers(t, map[string][]byte{"/se": version("SE"), "/no": version("NO"), "/bad": []byte("<html>\n")})
	dir := t.TempDir()
	update := func(path string) error {
		_, err := (Update{From: s.URL + path, Dir: dir, Name: "a.mmdb"}).Run(t.Context())
		return err
	}
	if err := update("/se"); err != nil {
		t.Fatal(err)
	}
	addr := netip.MustParseAddr("192.0.2.1")
	old, err := OpenWith(Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	stop := make(chan struct{})
	var readers sync.WaitGroup
	seen := make([]map[string]bool, 2)
	for i := range seen {
		seen[i] = map[string]bool{}
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				db, err := OpenWith(Config{Dir: dir})
				if err != nil {
					t.Errorf("a reader: %v", err)
					return
				}
				seen[i][db.read(addr).Country] = true
				_ = db.Close()
			}
		})
	}
	for range 8 {
		if err := update("/no"); err != nil {
			t.Error(err)
		}
		if err := update("/bad"); err == nil {
			t.Error("a web page was taken for a database")
		}
		if err := update("/se"); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	readers.Wait()
	for _, countries := range seen {
		for c := range countries {
			if !slices.Contains([]string{"SE", "NO"}, c) {
				t.Errorf("a reader saw %q", c)
			}
		}
	}
	if got := old.read(addr).Country; got != "SE" {
		t.Errorf("the old file, still open, says %q", got)
	}
}
