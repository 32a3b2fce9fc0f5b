package policy

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// Every policy of the folder of examples fires on what it is for, and stays quiet on what is like it and harmless.
func TestExamples(t *testing.T) {
	at := func(hours int) string {
		return "TIMESTAMP '" + start.Add(time.Duration(hours)*time.Hour).Format(time.DateTime) + "'"
	}
	operation := func(hours int, operator, category, action, detail, subject, setting, old, now string) string {
		return fmt.Sprintf(`INSERT INTO ingest.operations BY NAME SELECT '%s%d%s' AS operation_id, '%[1]s' AS operator, %[4]s AS occurred_at, '%[5]s' AS category, '%[6]s' AS action, '%[7]s' AS detail, '%[8]s' AS subject,
			'%[3]s' AS setting, '%[9]s' AS old_value, '%[10]s' AS new_value, 1 AS batch, 'r' AS run_id`, operator, hours, setting, at(hours), category, action, detail, subject, old, now)
	}
	promote := func(hours int) string {
		return operation(hours, "boss@example.com", "User", "Batch Update", "Change Role  - new@example.com: from User to Admin", "new@example.com", "new@example.com", "User", "Admin")
	}
	weaken := func(hours int, who, setting string) string {
		return operation(hours, who, "Account", "Update", "Security  - "+setting+": from On to Off", "Security", setting, "On", "Off")
	}
	share := operation(1, "owner@example.com", "Recording", "Update", "Share Recording  - Meeting ID: 81 - Share this recording: from Off to On", "Share Recording", "Meeting ID", "", "81")
	download := func(hours int, who, meeting string) string {
		return operation(hours, who, "Recording", "Download", "Download Recording  - Meeting ID: "+meeting+" - File Type: MP4", "Download Recording", "Meeting ID", "", meeting)
	}
	recording := func(id, shared string, password, signedIn bool) string {
		return fmt.Sprintf(`INSERT INTO ingest.users BY NAME SELECT 'u%s' AS user_id, 'host%[1]s@example.com' AS email, 'active' AS status, '' AS row_hash, %s AS first_seen_at, 'r' AS run_id;
			INSERT INTO ingest.recordings BY NAME SELECT '%[1]s' AS recording_key, '%[1]s' AS meeting_uuid, 'u%[1]s' AS user_id, %[2]s AS started_at, '' AS row_hash, 1 AS batch, 'r' AS run_id;
			INSERT INTO ingest.recording_settings BY NAME SELECT '%[1]s' AS meeting_uuid, '%[3]s' AS share_recording, %[4]t AS has_password, %[5]t AS recording_authentication, '' AS row_hash, 1 AS batch, 'r' AS run_id`,
			id, at(1), shared, password, signedIn)
	}
	members := func(n int, external bool) string {
		return fmt.Sprintf(`INSERT INTO ingest.channel_members BY NAME SELECT 'm' || range AS member_key, 'c1' AS channel_id, 'p' || range || '@partner.example.org' AS email, %t AS is_external, '' AS row_hash,
			%s AS first_seen_at, 'r' AS run_id FROM range(%d)`, external, at(1), n)
	}
	signIn := func(who, prefix, version string) string {
		return fmt.Sprintf(`INSERT INTO ingest.activities BY NAME SELECT 'a' AS activity_id, '%s' AS user_email, %s AS occurred_at, 'sign_in' AS kind, '203.0.113.9' AS ip_address, '%s' AS ip_prefix,
			'Windows' AS client_type, '%s' AS client_version, 1 AS batch, 'r' AS run_id`, who, at(5), prefix, version)
	}
	cases := map[string]struct {
		fires, quiet []string
		email        string // of what it raises
	}{
		"ACME-ADM-01": {
			[]string{promote(1), weaken(2, "new@example.com", "Two factors"), weaken(3, "new@example.com", "Passcode")},
			[]string{promote(1), weaken(2, "new@example.com", "Two factors"), weaken(30, "new@example.com", "Passcode"), weaken(3, "boss@example.com", "A"), weaken(3, "boss@example.com", "B")}, "new@example.com",
		},
		"ACME-REC-01": {[]string{share, download(20, "other@example.com", "81")}, []string{share, download(20, "owner@example.com", "81"), download(21, "other@example.com", "82")}, "other@example.com"},
		"ACME-REC-02": {[]string{recording("1", "publicly", false, false)}, []string{recording("1", "publicly", true, false), recording("2", "publicly", false, true), recording("3", "internally", false, false)}, "host1@example.com"},
		"ACME-CHT-01": {[]string{members(5, true)}, []string{members(4, true), "DELETE FROM ingest.channel_members WHERE member_key = 'm9'"}, ""},
		"ACME-CLI-01": {[]string{signIn("a@example.com", "", "6.8.10.16960")}, []string{signIn("a@example.com", "", "6.10.0.19404"), signIn("b@example.com", "", "unknown")}, "a@example.com"},
		"ACME-SVC-01": {
			[]string{signIn("recorder@example.com", "198.51.100.0/24", "")}, []string{signIn("recorder@example.com", "203.0.113.0/24", ""), signIn("a@example.com", "198.51.100.0/24", "")}, "recorder@example.com",
		},
	}
	files, err := ReadFolder(filepath.Join("..", "..", "testdata", "policies"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != len(cases) {
		t.Errorf("%d examples, %d cases", len(files), len(cases))
	}
	checker, b := newChecker(t), newBench(t)
	for _, f := range files {
		t.Run(f.ID, func(t *testing.T) {
			if f.Err != nil {
				t.Fatal(f.Err)
			}
			c, err := checker.Check(t.Context(), f.Policy)
			if err != nil {
				t.Fatal(err)
			}
			s, ok := cases[f.ID]
			if !ok {
				t.Fatal("has no case")
			}
			for _, side := range []struct {
				name string
				rows []string
				want int
			}{{"fires", s.fires, 1}, {"quiet", s.quiet, 0}} {
				for _, table := range []string{"activities", "operations", "users", "recordings", "recording_settings", "channel_members"} {
					b.exec("DELETE FROM ingest." + table)
				}
				for _, q := range side.rows {
					b.exec(q)
				}
				got, err := Try(t.Context(), b.db, c, start.Add(-day), start.Add(3*day), time.Minute)
				if err != nil {
					t.Fatal(err)
				}
				if len(got.Findings) != side.want || side.want == 1 && (got.Findings[0].Email != s.email || got.Findings[0].Class != f.Class) {
					t.Errorf("%s: %+v", side.name, got.Findings)
				}
				if i := slices.IndexFunc(got.Findings, func(f Finding) bool { return len(f.Techniques) == 0 }); i >= 0 {
					t.Errorf("%s: no technique", side.name)
				}
			}
		})
	}
}
