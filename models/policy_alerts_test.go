package models

import (
	"context"
	"testing"
	"time"

	"github.com/zoomward/zoomward/store"
)

// What policies of the account's own raised is no matter of the fold: scoring anew leaves it alone, does not count it, and triage of it scores nothing anew.
func TestFoldLeavesPolicyAlertsAlone(t *testing.T) {
	ctx := context.Background()
	db, err := store.Open(ctx, "", store.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	now := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	fold := func(c Config) FoldSummary {
		t.Helper()
		s, err := Fold(ctx, db, FoldOptions{Config: c, Now: now, RunID: "r"})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for _, q := range []string{
		`INSERT INTO ingest.activities BY NAME SELECT 'a' || range AS activity_id, 'a@example.com' AS user_email, TIMESTAMP '2026-03-01 09:00:00' + to_days(range::INTEGER) AS occurred_at, 'sign_in' AS kind,
			nextval('ingest.batch') AS batch, 'r' AS run_id FROM range(9)`,
		`INSERT INTO models.policy_findings BY NAME SELECT 'p1' AS finding_id, 'ACME-1' AS policy_id, 'alert' AS class, 'T' AS title, 'high' AS severity, 'a@example.com' AS user_email, '{}' AS "key",
			TIMESTAMP '2026-03-03' AS window_start, TIMESTAMP '2026-03-03' AS window_end, 1.0 AS observed, 'rows' AS unit, 's' AS summary, '{}' AS evidence,
			TIMESTAMP '2026-03-03' AS first_seen_at, TIMESTAMP '2026-03-03' AS last_seen_at, TIMESTAMP '2026-03-03' AS raised_at, 'r' AS run_id`,
	} {
		if _, err := db.Exec(ctx, q); err != nil {
			t.Fatal(err)
		}
	}
	if s := fold(DefaultConfig()); s.Alerts != 0 || s.Realised != 0 {
		t.Errorf("%+v", s)
	}
	if err := db.Tx(ctx, func(tx *store.Tx) error { return SetTriage(ctx, tx, "p1", StatusFalsePositive, "known", now) }); err != nil {
		t.Fatal(err)
	}
	if s := fold(DefaultConfig()); s.Rescored != "" {
		t.Errorf("triage of a policy's alert has days scored anew: %+v", s)
	}
	other := DefaultConfig()
	other.FDR = 0.1
	if s := fold(other); s.Rescored != "settings" {
		t.Errorf("nothing was scored anew, so the test proves nothing: %+v", s)
	}
	var status, note string
	if err := db.Row(ctx, `SELECT status, note FROM alerts WHERE alert_id = 'p1' AND detection_id = 'ACME-1' AND severity = 'high'`).Scan(&status, &note); err != nil || status != StatusFalsePositive || note != "known" {
		t.Errorf("%s %s, %v", status, note, err)
	}
	var points float64
	if _, err := db.Exec(ctx, `UPDATE models.policy_findings SET last_seen_at = TIMESTAMP '2026-03-09 08:00:00'`); err != nil {
		t.Fatal(err)
	}
	if err := db.Tx(ctx, func(tx *store.Tx) error { return WriteUserRisk(ctx, tx, now) }); err != nil {
		t.Fatal(err)
	}
	risk := `SELECT coalesce(sum(score), 0) FROM user_risk WHERE user_email = 'a@example.com'`
	if err := db.Row(ctx, risk).Scan(&points); err != nil || points >= 60 { // what was dismissed weighs nothing
		t.Errorf("risk %g, %v", points, err)
	}
	for _, status := range []string{StatusTruePositive, StatusFalsePositive} {
		err := db.Tx(ctx, func(tx *store.Tx) error {
			if err := SetTriage(ctx, tx, "p1", status, "", now.Add(time.Minute)); err != nil {
				return err
			}
			return WriteUserRisk(ctx, tx, now)
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Row(ctx, risk).Scan(&points); err != nil || (points >= 60) != (status == StatusTruePositive) { // high counts 60
			t.Errorf("%s: risk %g, %v", status, points, err)
		}
	}
	var suppressing string
	if err := db.Row(ctx, `SELECT detection_id FROM suppressions`).Scan(&suppressing); err != nil || suppressing != "ACME-1" {
		t.Errorf("%s, %v", suppressing, err)
	}
}
