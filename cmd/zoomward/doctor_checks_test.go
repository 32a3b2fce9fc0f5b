package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/flock"

	"github.com/zoomward/zoomward/ingest/geo"
	"github.com/zoomward/zoomward/ingest/zoom"
	"github.com/zoomward/zoomward/store"
)

var discardLog = slog.New(slog.DiscardHandler)

func secretOf(s string) zoom.Secret { return zoom.NewSecret(s) }

// doctorNow is the present of these tests.
var doctorNow = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

// ailing is a patient with nothing wrong, which edit changes.
func ailing(t *testing.T, edit func(p *patient)) *patient {
	t.Helper()
	a := &app{getenv: environ(nil), log: discardLog, wall: func() time.Time { return doctorNow }, cfg: Config{
		AccountID: "a", ClientID: "c", ClientSecret: secretOf("s"), APIURL: "https://api.zoom.us/v2", OAuthURL: "https://zoom.us", Plan: "pro", App: appServerToServer,
		DB: filepath.Join(t.TempDir(), "z.duckdb"), PostureProfile: "baseline", SkipFeeds: strings.Split(slowFeeds, ","),
	}}
	p := &patient{app: a, disks: fakeDisks(5e9, nil), zoom: zoomFacts{left: 27000, perDay: 27000, connection: zoom.Connection{Status: zoom.StatusConnected}}}
	for _, ep := range zoom.Endpoints() {
		p.zoom.connection.Endpoints = append(p.zoom.connection.Endpoints, zoom.EndpointAccess{Endpoint: ep, Access: zoom.AccessOpen})
	}
	if edit != nil {
		edit(p)
	}
	return p
}

// want is the start of what a finding must say: "verdict: seen -> advice", the parts after the verdict anywhere in it.
type want struct {
	verdict      verdict
	seen, advice string
}

func compare(t *testing.T, found []finding, wants ...want) {
	t.Helper()
	if len(found) != len(wants) {
		t.Fatalf("%d findings, want %d: %+v", len(found), len(wants), found)
	}
	for i, w := range wants {
		f := found[i]
		if f.Verdict != w.verdict || !strings.Contains(f.Seen, w.seen) || !strings.Contains(f.Advice, w.advice) || f.Verdict == verdictFail && f.Advice == "" {
			t.Errorf("finding %d is %+v, want %+v", i, f, w)
		}
	}
}

type lookCase struct {
	name  string
	edit  func(p *patient)
	wants []want
}

func look(t *testing.T, f func(context.Context, *patient) []finding, cases []lookCase) {
	t.Helper()
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) { compare(t, f(t.Context(), ailing(t, tt.edit)), tt.wants...) })
	}
}

func TestLookConfig(t *testing.T) {
	dir := t.TempDir()
	file := func(mode fs.FileMode) string {
		path := filepath.Join(dir, fmt.Sprintf("%o.yaml", mode))
		if err := os.WriteFile(path, nil, mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil { // whatever the umask
			t.Fatal(err)
		}
		return path
	}
	look(t, lookConfig, []lookCase{
		{"nothing wrong", nil, []want{{verdictOK, "no file, so environment and defaults", ""}}},
		{"secret from the environment", func(p *patient) {
			p.cfg.values = []configValue{{"client_secret", "REDACTED", "environment ZOOM_CLIENT_SECRET"}}
		},
			[]want{{verdictOK, "client secret from environment ZOOM_CLIENT_SECRET", ""}}},
		{"secret from a file", func(p *patient) {
			p.cfg.values = []configValue{{"client_secret_file", "/etc/secret", "x"}, {"client_secret", "", "default"}}
		}, []want{{verdictOK, "client secret from /etc/secret", ""}}},
		{"file", func(p *patient) { p.cfg.File = file(0o644) }, []want{{verdictOK, "644.yaml", ""}}},
		{"instance", func(p *patient) { p.cfg.Instance = "emea" }, []want{{verdictOK, "instance emea", ""}}},
		{"others write the file", func(p *patient) { p.cfg.File = file(0o666) }, []want{{verdictWarn, "mode 0666: others can write it", "chmod go-w"}}},
		{"the group writes the file", func(p *patient) { p.cfg.File = file(0o660) }, []want{{verdictWarn, "mode 0660", "chmod go-w"}}},
		{"no credentials", func(p *patient) { p.cfg.ClientID, p.cfg.ClientSecret = "", secretOf("") },
			[]want{{verdictFail, "credentials missing: ZOOM_CLIENT_ID, ZOOM_CLIENT_SECRET", "server-to-server"}}},
		{"no place for the database", func(p *patient) { p.noDB = withHint(errors.New("no place"), "HOME") }, []want{{verdictFail, "no place", "HOME"}}},
	})
	p := ailing(t, func(p *patient) { p.cfg.APIURL = "http://api.zoom.us" })
	if f := lookConfig(t.Context(), p); len(f) != 1 || f[0].Verdict != verdictFail || !strings.Contains(f[0].Seen, "in the clear") {
		t.Errorf("plain http: %+v", f)
	}
	p = ailing(t, func(p *patient) { p.cfg.PostureParams = map[string]any{"no_such": 1} })
	if f := lookConfig(t.Context(), p); len(f) != 1 || f[0].Verdict != verdictFail || !strings.Contains(f[0].Seen, "no_such") {
		t.Errorf("posture: %+v", f)
	}
}

func TestLookToken(t *testing.T) {
	status := func(s string, err error) func(*patient) {
		return func(p *patient) { p.zoom.connection.Status, p.zoom.connection.Err = s, err }
	}
	look(t, lookToken, []lookCase{
		{"taken", func(p *patient) { p.zoom.connection.Scopes = []string{"a"} }, []want{{verdictOK, "Zoom takes it, with 1 scope", ""}}},
		{"a scope is missing", status(zoom.StatusMissingScope+"user:read:admin", errors.New("x")), []want{{verdictOK, "Zoom takes it", ""}}}, // the check of scopes tells
		{"rejected", status(zoom.StatusTokenRejected, errors.New("zoom answered 401")), []want{{verdictFail, "Token rejected: zoom answered 401", "ZOOM_CLIENT_SECRET"}}},
		{"unreachable", status(zoom.StatusUnreachable, errors.New("no route")), []want{{verdictFail, "Unreachable: no route", "firewall"}}},
		{"limited", status(zoom.StatusRateLimited, errors.New("too fast")), []want{{verdictWarn, "too fast", "later"}}},
		{"withdrawn", status(zoom.StatusTokenRejected, &zoom.ReconnectError{Err: errors.New("void")}), []want{{verdictFail, "void: connect again", "zoomward connect asks"}}},
		{"never consented", func(p *patient) { p.zoom.silent = &zoom.ReconnectError{Err: zoom.ErrNoTokens} }, []want{{verdictFail, "connect again", "zoomward connect asks"}}},
		{"not set up", func(p *patient) { p.zoom.silent = errNotSetUp }, []want{{verdictSkipped, "does not lead to Zoom yet", ""}}},
	})
}

func TestLookClock(t *testing.T) {
	// A call of no time at all, answered by a server so far ahead.
	ahead := func(d ...time.Duration) func(*patient) {
		return func(p *patient) {
			for _, d := range d {
				p.zoom.answers = append(p.zoom.answers, zoom.Answer{Host: "zoom.us", Sent: doctorNow, Received: doctorNow, Date: doctorNow.Add(d)})
			}
		}
	}
	look(t, lookClock, []lookCase{
		{"right", ahead(0), []want{{verdictOK, "within 1s of zoom.us", ""}}},
		{"30 seconds behind", ahead(30 * time.Second), []want{{verdictOK, "within 30s", ""}}},
		{"a little behind", ahead(31 * time.Second), []want{{verdictWarn, "31s behind zoom.us", "NTP"}}},
		{"a little ahead", ahead(-62 * time.Second), []want{{verdictWarn, "1m1s ahead of zoom.us", "NTP"}}}, // a second may have been cut off
		{"5 minutes behind", ahead(5 * time.Minute), []want{{verdictWarn, "5m0s behind", "NTP"}}},
		{"far behind", ahead(301 * time.Second), []want{{verdictFail, "5m1s behind zoom.us", "NTP"}}},
		{"a year ahead", ahead(-365 * 24 * time.Hour), []want{{verdictFail, "8759h59m59s ahead of", "NTP"}}},
		{"the last answer counts", ahead(time.Hour, 0), []want{{verdictOK, "within 1s", ""}}},
		{"not said", func(p *patient) { p.zoom.answers = []zoom.Answer{{Host: "zoom.us"}} }, []want{{verdictSkipped, "no server said", ""}}},
		{"certificate", func(p *patient) {
			expired := x509.CertificateInvalidError{Cert: &x509.Certificate{}, Reason: x509.Expired}
			p.zoom.connection.Err = &zoom.UnreachableError{Err: &tls.CertificateVerificationError{Err: expired}}
		}, []want{{verdictWarn, "by this clock (2026-03-10T12:00:00Z) the certificate", "NTP"}}},
	})
}

func TestLookScopes(t *testing.T) {
	closed := func(reason string, endpoints ...string) func(*patient) {
		return func(p *patient) {
			for i, e := range p.zoom.connection.Endpoints {
				for _, name := range endpoints {
					if e.Endpoint.Name == name {
						p.zoom.connection.Endpoints[i].Access, p.zoom.connection.Endpoints[i].Reason = zoom.AccessClosed, reason
					}
				}
			}
		}
	}
	const missing = "missing scope: whatever"
	look(t, lookScopes, []lookCase{
		{"all open", nil, []want{{verdictOK, "they open all of 15 feeds (ingest.skip: meeting_activities, ", ""}}}, // 33 feeds less the 18 of slowFeeds
		{"no sign-ins", closed(missing, zoom.EndpointActivities, zoom.EndpointOperations), []want{{verdictFail,
			"closed: activities, operations: missing scope report:read:admin, or in granular spelling report:read:user_activities:admin, report:read:operation_logs:admin", "nothing to score"}}},
		{"operations alone", closed(missing, zoom.EndpointOperations), []want{{verdictWarn, "closed: operations: missing scope report:read:admin", "ingest.skip"}}},
		{"two reasons", closed(missing, zoom.EndpointRoles, zoom.EndpointRole, zoom.EndpointApps), []want{
			{verdictWarn, "closed: roles: missing scope role:read:admin, or in granular spelling role:read:list_roles:admin, role:read:role:admin", "Marketplace"},
			{verdictWarn, "closed: apps: missing scope marketplace_app:read:admin, or", "Marketplace"}}},
		{"without a granular spelling", closed(missing, zoom.EndpointDaily), []want{{verdictWarn, "closed: daily: missing scope report:read:admin", ""}}},
		{"feeds that are skipped", closed(missing, zoom.EndpointUserSettings, zoom.EndpointDashboardMeetings), []want{{verdictOK, "15 feeds", ""}}},
		{"as the probe words it", closed("Missing scope: user:read:admin", zoom.EndpointUsers), []want{{verdictWarn, "closed: users: missing scope user:read:admin, or in granular", ""}}},
		{"plan", closed("needs plan pro", zoom.EndpointTelephone), []want{{verdictWarn, "closed: telephone: needs plan pro", "ingest.skip"}}},
		{"not said", func(p *patient) {
			for i := range p.zoom.connection.Endpoints[1:] {
				p.zoom.connection.Endpoints[i+1].Access = zoom.AccessUnknown
			}
		}, []want{{verdictSkipped, "did not say", ""}}},
		{"no token", func(p *patient) { p.zoom.connection.Status = zoom.StatusUnreachable }, []want{{verdictSkipped, "no token", ""}}},
	})
}

func TestLookPlan(t *testing.T) {
	answer := func(plan string, label zoom.Label, limit int, daily bool) func(*patient) {
		return func(p *patient) {
			p.cfg.Plan = plan
			p.zoom.answers = []zoom.Answer{{Label: label, Limit: limit, Daily: daily}, {Host: "says nothing"}}
		}
	}
	look(t, lookPlan, []lookCase{
		{"fits", answer("pro", zoom.LabelMedium, 20, false), []want{{verdictOK, "20 medium calls a second, as on plan pro", ""}}},
		{"too high", answer("business", zoom.LabelMedium, 20, false), []want{{verdictWarn, "as on plan pro; business is configured", "set plan: pro"}}},
		{"too low", answer("pro", zoom.LabelMedium, 60, false), []want{{verdictWarn, "as on plan business; pro is configured", "set plan: business"}}},
		{"free by the day", answer("pro", zoom.LabelMedium, 2000, true), []want{{verdictWarn, "2000 medium calls a day, as on plan free", "set plan: free"}}},
		{"by the minute", answer("business", zoom.LabelResourceIntensive, 20, false), []want{{verdictOK, "20 resource-intensive calls a minute", ""}}},
		{"none", answer("none", zoom.LabelMedium, 60, false), []want{{verdictOK, "none is configured", ""}}},
		{"ambiguous", answer("pro", zoom.LabelResourceIntensive, 10, false), []want{{verdictSkipped, "pro is configured", ""}}},
		{"no answer", nil, []want{{verdictSkipped, "pro is configured", ""}}},
	})
}

func TestLookQuota(t *testing.T) {
	look(t, lookQuota, []lookCase{
		{"all of it", nil, []want{{verdictOK, "27000 of 27000 heavy calls left today", ""}}},
		{"a tenth", func(p *patient) { p.zoom.left = 2700 }, []want{{verdictOK, "2700 of 27000", ""}}},
		{"less", func(p *patient) { p.zoom.left = 2699 }, []want{{verdictWarn, "2699 of 27000", "00:00 UTC"}}},
		{"nothing", func(p *patient) { p.zoom.left = 0 }, []want{{verdictWarn, "0 of 27000", "00:00 UTC"}}},
		{"no quota", func(p *patient) { p.zoom.left, p.zoom.perDay, p.cfg.Plan = 0, 0, "none" }, []want{{verdictSkipped, "plan none", ""}}},
		{"not readable", func(p *patient) { p.zoom.quotaErr = errors.New("locked") }, []want{{verdictSkipped, "locked", ""}}},
		{"not set up", func(p *patient) { p.zoom = zoomFacts{silent: errNotSetUp} }, []want{{verdictSkipped, "does not lead", ""}}},
	})
}

func TestLookDisk(t *testing.T) {
	free := func(database, temp uint64, work int64) func(*patient) {
		return func(p *patient) {
			p.getenv = environ(map[string]string{"TMPDIR": "/"})
			dir := filepath.Dir(p.cfg.DB)
			p.disks.free = func(d string) (uint64, error) {
				if d == dir {
					return database, nil
				}
				return temp, nil
			}
			if work > 0 {
				if err := os.WriteFile(workPath(p.cfg.DB), nil, 0o600); err != nil {
					t.Fatal(err)
				}
				if err := os.Truncate(workPath(p.cfg.DB), work); err != nil { // a hole
					t.Fatal(err)
				}
			}
		}
	}
	temp := want{verdictOK, "5000.0 MB free at /", ""}
	look(t, lookDisk, []lookCase{
		{"room", free(1e9, 5e9, 0), []want{{verdictOK, "1000.0 MB free at ", ""}, temp}},
		{"under 1 GB", free(1e9-1, 5e9, 0), []want{{verdictWarn, "1000.0 MB free", "1000.0 MB at least"}, temp}},
		{"three times the file", free(3e9, 5e9, 1e9), []want{{verdictOK, "3000.0 MB free", ""}, temp}},
		{"less than that", free(3e9-1, 5e9, 1e9), []want{{verdictWarn, "3000.0 MB free", "3 times the size of the working file (1000.0 MB)"}, temp}},
		{"100 MB", free(100e6, 5e9, 0), []want{{verdictWarn, "100.0 MB free", "make room"}, temp}},
		{"full", free(100e6-1, 5e9, 0), []want{{verdictFail, "100.0 MB free", "make room"}, temp}},
		{"TMPDIR is full", free(20e9, 0, 0), []want{{verdictOK, "20.0 GB free", ""}, {verdictWarn, "0.0 MB free at /", "TMPDIR"}}},
		{"no such question", func(p *patient) { p.disks.free = func(string) (uint64, error) { return 0, errors.ErrUnsupported } },
			[]want{{verdictSkipped, "cannot be asked", ""}, {verdictSkipped, "cannot be asked", ""}}},
		{"no answer", func(p *patient) { p.disks.free = func(string) (uint64, error) { return 0, errors.New("i/o error") } },
			[]want{{verdictWarn, "i/o error", ""}, {verdictWarn, "i/o error", ""}}},
	})
}

// The operating system's own answers.
func TestRealDisks(t *testing.T) {
	d, dir := realDisks(), t.TempDir()
	free, err := d.free(dir)
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip("not on this system")
	}
	if err != nil || free == 0 {
		t.Errorf("%d bytes free: %v", free, err)
	}
	if _, err := d.free(filepath.Join(dir, "none")); err == nil {
		t.Error("a folder that is not there has room")
	}
	if err := d.writable(dir); err != nil {
		t.Error(err)
	}
	if os.Getuid() == 0 {
		return // may write everywhere
	}
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	if err := d.writable(dir); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("a folder that is read-only: %v", err)
	}
}

func TestLookExport(t *testing.T) {
	look(t, lookExport, []lookCase{
		{"to be made", nil, []want{{verdictOK, "export is not there yet", ""}}},
		{"there", func(p *patient) { p.cfg.ExportDir = filepath.Dir(p.cfg.DB) }, []want{{verdictOK, "is for this user to write", ""}}},
		{"a file", func(p *patient) {
			p.cfg.ExportDir = p.cfg.DB
			if err := os.WriteFile(p.cfg.DB, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}, []want{{verdictFail, "is not a folder", "export.dir"}}},
		{"below a file", func(p *patient) {
			p.cfg.ExportDir = filepath.Join(p.cfg.DB, "x")
			if err := os.WriteFile(p.cfg.DB, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}, []want{{verdictFail, "is not a folder", "export.dir"}}},
		{"not ours", func(p *patient) { p.disks.writable = func(string) error { return fs.ErrPermission } }, []want{{verdictFail, "permission denied", "chown"}}},
		{"no such question", func(p *patient) { p.disks.writable = func(string) error { return errors.ErrUnsupported } }, []want{{verdictSkipped, "cannot be asked", ""}}},
	})
}

func TestLookDatabase(t *testing.T) {
	master := filepath.Join(t.TempDir(), "z.duckdb")
	publishEmpty(t, master)
	files := func(suffixes ...string) func(*patient) {
		return func(p *patient) {
			for _, suffix := range suffixes {
				copyFile(t, master+suffix, p.cfg.DB+suffix)
			}
		}
	}
	published := files("", ".work")
	exec := func(q string) func(*patient) {
		return func(p *patient) {
			published(p)
			db, err := store.Open(t.Context(), workPath(p.cfg.DB), store.Options{AppVersion: "test"})
			if err != nil {
				t.Fatal(err)
			}
			if _, err = db.Exec(t.Context(), q); err == nil {
				err = db.Publish(t.Context(), p.cfg.DB)
			}
			if err := errors.Join(err, db.Close()); err != nil {
				t.Fatal(err)
			}
		}
	}
	then := func(f ...func(*patient)) func(*patient) {
		return func(p *patient) {
			for _, f := range f {
				f(p)
			}
		}
	}
	chmod := func(suffix string, mode fs.FileMode) func(*patient) {
		return func(p *patient) {
			if err := os.Chmod(p.cfg.DB+suffix, mode); err != nil {
				t.Fatal(err)
			}
		}
	}
	write := func(suffix, text string) func(*patient) {
		return func(p *patient) {
			_ = os.Remove(p.cfg.DB + suffix)
			if err := os.WriteFile(p.cfg.DB+suffix, []byte(text), 0o400); err != nil {
				t.Fatal(err)
			}
		}
	}
	opens, works := want{verdictOK, fmt.Sprintf("z.duckdb opens, schema version %d", store.SchemaVersion()), ""}, want{verdictOK, "z.duckdb.work opens", ""}
	look(t, lookDatabase, []lookCase{
		{"none", nil, []want{{verdictSkipped, "holds nothing yet", "zoomward run"}}},
		{"no place", func(p *patient) { p.noDB = errors.New("x") }, []want{{verdictSkipped, "no place", ""}}},
		{"good", published, []want{opens, works}},
		{"not published", files(".work"), []want{{verdictWarn, "not published yet", "zoomward run"}, works}},
		{"published for all", then(published, chmod("", 0o444)), []want{{verdictWarn, "mode 0444", "chmod 440"}, works}},
		{"published to be written", then(published, chmod("", 0o640)), []want{{verdictWarn, "mode 0640", "chmod 440"}, works}},
		{"working file for the group", then(published, chmod(".work", 0o640)), []want{opens, {verdictWarn, "mode 0640", "chmod 600"}}},
		{"newer", exec(`INSERT INTO meta.schema_migrations VALUES (1000, 'x', 'x', current_timestamp::TIMESTAMP, 'x')`), []want{{verdictFail, "schema version 1000", "newer one"}, works}},
		{"not a database", then(published, write("", "hello")), []want{{verdictFail, "open database", "move"}, works}},
		{"not one of ours", exec(`DROP TABLE meta.schema_migrations`), []want{{verdictFail, "read schema version", "name another with db"}, works}},
		{"damaged working file", then(published, write(".work", "hello")), []want{opens, {verdictFail, "open database", ".wal away"}}},
		{"no working file", files(""), []want{opens, {verdictOK, "the next run starts it", ""}}},
		{"under way", then(published, func(p *patient) { holdLockOf(t, p.cfg.DB, "") }), []want{opens, {verdictSkipped, "while a run is under way", ""}}},
	})
}

// copyFile copies a file with its mode.
func copyFile(t *testing.T, from, to string) {
	t.Helper()
	text, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, text, info.Mode()); err != nil {
		t.Fatal(err)
	}
}

// holdLockOf holds the lock of a database, with a note, until the test ends.
func holdLockOf(t *testing.T, db, note string) {
	t.Helper()
	if err := os.WriteFile(db+".lock", []byte(note), 0o600); err != nil {
		t.Fatal(err)
	}
	l := flock.New(db + ".lock")
	if got, err := l.TryLock(); err != nil || !got {
		t.Fatal(got, err)
	}
	t.Cleanup(func() { _ = l.Unlock() })
}

func TestLookLock(t *testing.T) {
	held := func(note string) func(*patient) { return func(p *patient) { holdLockOf(t, p.cfg.DB, note) } }
	look(t, lookLock, []lookCase{
		{"no file", nil, []want{{verdictOK, "nobody", ""}}},
		{"stale", func(p *patient) {
			if err := os.WriteFile(p.cfg.DB+".lock", []byte(`{"pid":1,"command":"run","since":"2020-01-01T00:00:00Z"}`), 0o600); err != nil {
				t.Fatal(err)
			}
		}, []want{{verdictOK, "nobody", ""}}},
		{"held", held(`{"pid":4711,"command":"run","since":"2026-03-10T11:00:00Z"}`), []want{{verdictOK, "a run is under way: pid 4711, zoomward run, since 2026-03-10T11:00:00Z", ""}}},
		{"held for days", held(`{"pid":4711,"command":"run","since":"2026-03-08T11:00:00Z"}`), []want{{verdictWarn, "pid 4711", "code 5"}}},
		{"held without a note", held("?"), []want{{verdictOK, "a run is under way", ""}}},
	})
	p := ailing(t, nil)
	lookLock(t.Context(), p)
	if _, err := os.Stat(p.cfg.DB + ".lock"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("looking made a lock: %v", err)
	}
}

func TestLookGeo(t *testing.T) {
	db := func(built time.Time, holds ...string) geo.Info {
		return geo.Info{Path: "/geo/city.mmdb", Kind: geo.KindDatabase, Built: built, Holds: holds}
	}
	all := []string{"country", "coordinates", "asn"}
	day := 24 * time.Hour
	for _, tt := range []struct {
		name     string
		infos    []geo.Info
		problems []geo.Problem
		total    int
		wants    []want
	}{
		{"good", []geo.Info{db(doctorNow.Add(-90*day), all...), {Kind: geo.KindAddresses}}, nil, 0, []want{{verdictOK, "1 database, 1 list", ""}}},
		{"none", []geo.Info{{Kind: geo.KindASNs}}, nil, 0, []want{{verdictWarn, "stays silent", "geo update"}}},
		{"old", []geo.Info{db(doctorNow.Add(-90*day-time.Second), all...)}, nil, 0, []want{{verdictWarn, "city.mmdb (2025-12-10, 90 days ago)", "geo update"}}},
		{"two that are whole together", []geo.Info{db(doctorNow, "country", "coordinates"), db(doctorNow, "asn")}, nil, 0, []want{{verdictOK, "2 databases", ""}}},
		{"no networks", []geo.Info{db(doctorNow, "country", "coordinates")}, nil, 0, []want{{verdictWarn, "knows asn: new networks", "geo update"}}},
		{"bad lines", []geo.Info{db(doctorNow, all...)}, []geo.Problem{{File: "tor.txt", Line: 3, Reason: "no address"}}, 7,
			[]want{{verdictWarn, "passed over: 7 lines of lists, the first: tor.txt line 3: no address", "geo list"}}},
		{"one bad line", []geo.Info{db(doctorNow, all...)}, nil, 1, []want{{verdictWarn, "passed over: 1 line of lists", "geo list"}}},
	} {
		t.Run(tt.name, func(t *testing.T) { compare(t, geoFindings(tt.infos, tt.problems, tt.total, doctorNow), tt.wants...) })
	}
	look(t, lookGeo, []lookCase{
		{"no such file", func(p *patient) { p.cfg.GeoFiles = []string{"/nowhere/x.mmdb"} }, []want{{verdictFail, "/nowhere/x.mmdb", "geo"}}},
		{"none configured", nil, []want{{verdictWarn, "no location database", "geo.files"}}},
	})
}

func TestLookLastRun(t *testing.T) {
	look(t, lookLastRun, []lookCase{
		{"no database", nil, []want{{verdictSkipped, "none yet", "zoomward run"}}},
		{"no place", func(p *patient) { p.noDB = errors.New("x") }, []want{{verdictSkipped, "no place", ""}}},
		{"published without a run", func(p *patient) { publishEmpty(t, p.cfg.DB) }, []want{{verdictSkipped, "none yet", "zoomward run"}}},
	})
	ended := func(status, message string, ago time.Duration) *runStatus {
		at := doctorNow.Add(-ago)
		return &runStatus{"r", "run", status, at.Add(-time.Hour), &at, message}
	}
	for _, tt := range []struct {
		name string
		rep  statusReport
		want want
	}{
		{"good", statusReport{LastRun: ended("done", "", 48*time.Hour)}, want{verdictOK, "done, run, 2026-03-08T12:00:00Z", ""}},
		{"late", statusReport{LastRun: ended("done", "", 73*time.Hour)}, want{verdictWarn, "that is 3 days ago", "schedule"}},
		{"late, and the next one works", statusReport{LastRun: ended("done", "", 73*time.Hour), Running: true}, want{verdictOK, "done", ""}},
		{"partial", statusReport{LastRun: ended("partial", "activities: failed", time.Hour)}, want{verdictWarn, "activities: failed", "zoomward status"}},
		{"failed", statusReport{LastRun: ended("failed", "disk full", time.Hour)}, want{verdictFail, "disk full", "zoomward run"}},
		{"the first works", statusReport{Running: true}, want{verdictOK, "the first one is under way", ""}},
	} {
		t.Run(tt.name, func(t *testing.T) { compare(t, []finding{judgeLastRun(tt.rep, doctorNow)}, tt.want) })
	}
}
