package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zoomward/zoomward/ingest/zoomtest"
	"github.com/zoomward/zoomward/store"
)

// weakened are the settings that the simulated attack on the posture weakens, and the one that it hides from the log.
var weakened = []string{
	"in_meeting.file_transfer", "meeting_security.auto_security", "meeting_security.only_authenticated_can_join_from_webclient", "meeting_security.waiting_room",
	"recording.account_user_access_recording", "recording.required_password_for_shared_cloud_recordings", "schedule_meeting.join_before_host",
	"security.password_requirement.minimum_password_length", "security.sign_again_period_for_inactivity_on_web", "security.sign_in_with_two_factor_auth",
}

const hiddenChange = "meeting_security.phone_password"

// A company before and after an administrator's account is taken over, weakens ten settings and one more behind the log's back.
func TestSettingsWeakenedByAnAdministrator(t *testing.T) {
	t.Parallel()
	end := time.Date(2026, 3, 10, 21, 0, 0, 0, time.UTC)
	attackAt := end.Add(-13 * time.Hour)
	s := simulateCompany(t, zoomtest.Options{Seed: 5, Users: 60, Days: 60, End: end, PostureAttack: &zoomtest.PostureAttack{At: attackAt, Hidden: true}})
	attack := s.source.Attacks()[0]
	dir := t.TempDir()
	run := func(at time.Time) string {
		t.Helper()
		s.options.AsOf = at
		s.grant(t, nil)
		code, said := finish(t, s.runCommand(t, dir, at))
		if code != exitDone {
			t.Fatalf("run as of %s: exit code %d\n%s", at.Format(time.RFC3339), code, said)
		}
		return strings.Join(sentences(said), "\n")
	}
	show := func(want int, args ...string) string {
		t.Helper()
		var out strings.Builder
		cmd := s.command(t, dir, append([]string{"posture", "diff", "--as-of", end.Format(time.RFC3339)}, args...)...)
		cmd.Stdout = &out
		if code, said := finish(t, cmd); code != want {
			t.Fatalf("posture diff %v: exit code %d, want %d\n%s%s", args, code, want, out.String(), said)
		}
		return out.String()
	}

	if said := run(end.Add(-14 * time.Hour)); said != "" {
		t.Errorf("the first run says %q", said)
	}
	if out := show(exitDone); !strings.Contains(out, "judged once so far") {
		t.Errorf("after one run: %s", out)
	}
	if out := show(exitDone, "--since", "2026-03-01", "--format", "ndjson"); out != "" {
		t.Errorf("after one run: %s", out)
	}

	said := run(end.Add(-7 * time.Hour))
	if !strings.Contains(said, "controls regressed") || strings.Contains(said, "no explanation") {
		t.Errorf("the run after the attack says %q", said)
	}
	c := readChanges(t, dir)
	if got := c.settings("yes", attack.Operator); !slices.Equal(got, weakened) {
		t.Errorf("explained are\n%v, want\n%v", got, weakened)
	}
	// Rows of the log may come hours late: before it was read beyond them nothing is said to be missing.
	if got := c.settings("log_not_readable", ""); !slices.Equal(got, []string{hiddenChange}) {
		t.Errorf("waiting for the log: %v", got)
	}
	for i := range c.Change {
		if c.Explained[i] == "yes" && (c.IP[i] == "" || !c.Unusual[i] || !c.Session[i].Equal(attackAt) || c.By[i].Before(attackAt) || c.By[i].After(attack.End)) {
			t.Errorf("%s: session %s from %q, unusual %v, changed %s", c.Setting[i]+c.Control[i], c.Session[i], c.IP[i], c.Unusual[i], c.By[i])
		}
	}
	for _, path := range append(slices.Clone(weakened), hiddenChange) {
		if !slices.ContainsFunc(c.Settings, func(list []string) bool { return slices.Contains(list, path) }) {
			t.Errorf("no control regressed by %s", path)
		}
	}
	regressed := 0
	for i, change := range c.Change {
		if change == "regressed" {
			regressed++
		} else if c.Control[i] != "" {
			t.Errorf("%s: %s", c.Control[i], change)
		}
	}
	if regressed < len(weakened)+1 || !strings.Contains(said, fmt.Sprintf("posture: %d controls regressed", regressed)) {
		t.Errorf("%d controls regressed; the run says %q", regressed, said)
	}
	alerts := alertsOn(t, dir, attack.Operator)
	if len(alerts) != 1 || !strings.HasPrefix(alerts[0], "ZW-COR-03 "+attack.Operator) {
		t.Errorf("alerts: %q, want one correlated alert", alerts)
	}
	out := show(exitFindings, "--fail-on", "high")
	for _, want := range []string{fmt.Sprintf("%d controls regressed, 0 improved, 11 settings changed.", regressed), "Regressed", "Settings", attack.Operator, "yes: ", "meeting_security.waiting_room"} {
		if !strings.Contains(out, want) {
			t.Errorf("the list lacks %q:\n%s", want, out)
		}
	}

	// To judge alone says nothing of it and takes nothing from the run after it.
	code, alone := finish(t, s.command(t, dir, "posture", "--as-of", end.Add(-45*time.Minute).Format(time.RFC3339)))
	if code != exitDone || strings.Contains(alone, "no explanation") {
		t.Errorf("judging alone: exit code %d, %q", code, alone)
	}
	said = run(end.Add(-30 * time.Minute))
	if !strings.Contains(said, "posture: 1 setting changed with no explanation") {
		t.Errorf("the run that knows the log says %q", said)
	}
	if code, again := finish(t, s.command(t, dir, "posture", "--as-of", end.Format(time.RFC3339))); code != exitDone || strings.Contains(again, "no explanation") {
		t.Errorf("judging alone again: exit code %d, %q", code, again)
	}
	c = readChanges(t, dir)
	if got := c.settings("no", ""); !slices.Equal(got, []string{hiddenChange}) {
		t.Errorf("unexplained: %v", got)
	}
	alerts = alertsOn(t, dir, attack.Operator)
	if len(alerts) != 2 || !strings.HasPrefix(alerts[0], "ZW-CFG-17 ") || !strings.Contains(alerts[0], hiddenChange) || !strings.HasPrefix(alerts[1], "ZW-COR-03 "+attack.Operator) {
		t.Errorf("alerts: %q, want the correlated one and the drift", alerts)
	}
	if out := show(exitDone); !strings.Contains(out, "Nothing changed since") {
		t.Errorf("after a run without changes: %s", out)
	}
	if out := show(exitFindings, "--since", "1d", "--fail-on", "critical"); !strings.Contains(out, "11 settings changed, 1 of them with no explanation") {
		t.Errorf("since a day: %s", out)
	}
}

type changes struct {
	Control   []string    `col:"control_id,null"`
	Setting   []string    `col:"setting,null"`
	Change    []string    `col:"change"`
	Settings  [][]string  `col:"settings"`
	Operator  []string    `col:"operator,null"`
	By        []time.Time `col:"changed_by_at"`
	Session   []time.Time `col:"session_at"`
	IP        []string    `col:"session_ip,null"`
	Unusual   []bool      `col:"session_unusual"`
	Explained []string    `col:"explained,null"`
}

func readChanges(t *testing.T, dir string) (c changes) {
	t.Helper()
	db, err := store.Open(t.Context(), dbIn(dir), store.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Read(t.Context(), &c, `SELECT control_id, setting, change, settings, operator, changed_by_at, session_at, session_ip, coalesce(session_unusual, false) AS session_unusual, explained
		FROM posture_changes ORDER BY setting, control_id`); err != nil {
		t.Fatal(err)
	}
	return c
}

// settings lists those that changed, by how they are explained and who did it.
func (c changes) settings(explained, operator string) (out []string) {
	for i := range c.Change {
		if c.Setting[i] != "" && c.Explained[i] == explained && c.Operator[i] == operator {
			out = append(out, c.Setting[i])
		}
	}
	return out
}

// alertsOn lists the alerts of the attack's day on an account or on nobody.
func alertsOn(t *testing.T, dir, email string) []string {
	t.Helper()
	db, err := store.Open(t.Context(), dbIn(dir), store.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var rows struct {
		Text []string `col:"text"`
	}
	if err := db.Read(t.Context(), &rows, `SELECT concat_ws(' ', detection_id, user_email, summary) AS text FROM alerts WHERE last_seen_at >= TIMESTAMP '2026-03-10' AND coalesce(user_email, ?) = ? ORDER BY 1`, email, email); err != nil {
		t.Fatal(err)
	}
	return rows.Text
}
