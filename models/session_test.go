package models

import (
	"testing"
	"time"

	"github.com/zoomward/zoomward/features"
	"github.com/zoomward/zoomward/store"
)

// An operation is taken to belong to the operator's last sign-in, of that day or of the evening before, but to none of more than a day ago.
func TestSessionOfAnOperation(t *testing.T) {
	db := memory(t)
	day := func(n int, clock time.Duration) time.Time { return epoch.AddDate(0, 0, n).Add(clock) }
	var signs landedActivities
	var categories []string
	sign := func(at time.Time, kind, ip, client, category string) {
		a := &signs
		a.ID, a.Email, a.At, a.Kind = append(a.ID, "s"+at.Format(time.RFC3339)+client), append(a.Email, "a@example.com"), append(a.At, at), append(a.Kind, kind)
		a.IP, a.Prefix, a.Country, a.ASN = append(a.IP, ip), append(a.Prefix, "192.0.2.0/24"), append(a.Country, "DE"), append(a.ASN, 64500)
		a.Client, a.Version, a.Batch, a.Run = append(a.Client, client), append(a.Version, "6.3.0"), append(a.Batch, 1), append(a.Run, "r")
		categories = append(categories, category)
	}
	sign(day(0, 20*time.Hour), "sign_in", "192.0.2.1", "Windows", "isp")
	sign(day(0, 22*time.Hour), "sign_in", "192.0.2.2", "Browser", "tor")
	sign(day(0, 23*time.Hour), "sign_out", "192.0.2.9", "Windows", "isp")
	sign(day(1, 9*time.Hour), "sign_in", "192.0.2.3", "iOS", "mobile")
	var ops landedOperations
	for _, at := range []time.Time{day(1, 8*time.Hour), day(1, 10*time.Hour), day(2, 12*time.Hour)} {
		ops.ID, ops.Email, ops.At = append(ops.ID, "o"+at.Format(time.RFC3339)), append(ops.Email, "a@example.com"), append(ops.At, at)
		ops.Category, ops.Action, ops.Detail = append(ops.Category, "User"), append(ops.Action, "Update"), append(ops.Detail, "x")
		ops.Batch, ops.Run = append(ops.Batch, 1), append(ops.Run, "r")
	}
	err := db.Tx(t.Context(), func(tx *store.Tx) error {
		for table, rows := range map[string]any{"ingest.activities": signs, "ingest.operations": ops} {
			if _, err := tx.Append(t.Context(), table, rows); err != nil {
				return err
			}
		}
		for i, id := range signs.ID {
			if _, err := tx.Exec(t.Context(), `UPDATE ingest.activities SET network_category = ? WHERE activity_id = ?`, categories[i], id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	st := features.NewState()
	got := map[string]string{}
	first := features.DayNumber(epoch)
	for d, err := range features.Days(t.Context(), db, st.Dictionary(), first, first+2) {
		if err != nil {
			t.Fatal(err)
		}
		st.Tokenise(d.Users)
		s := &scene{day: d, state: st}
		for i := range d.Users {
			u := &d.Users[i]
			for row := u.Lo; row < u.Hi; row++ {
				if !d.Rows.Has(row, features.Operation) {
					continue
				}
				got[d.Rows.ID(row)] = "none"
				if x, ok := s.sessionOf(u, row); ok {
					got[d.Rows.ID(row)] = x.IP + " " + x.Category + " " + x.Client
					if details := x.details(); details["inferred"] != true || details["ip"] != x.IP {
						t.Errorf("details %v", details)
					}
				}
			}
		}
		priors := st.Priors(func(string) string { return "" })
		st.Learn(d, st.Predictions(d, priors), priors, func(int) bool { return true }) // sessions are known also of days that are not learnt
	}
	want := map[string]string{"o2026-01-06T08:00:00Z": "192.0.2.2 tor Browser", "o2026-01-06T10:00:00Z": "192.0.2.3 mobile iOS", "o2026-01-07T12:00:00Z": "none"}
	for id, w := range want {
		if got[id] != w {
			t.Errorf("%s: %q, want %q", id, got[id], w)
		}
	}
}
