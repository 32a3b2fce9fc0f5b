package models

import (
	"testing"
	"time"

	"github.com/zoomward/zoomward/models/posture"
)

func TestPreventedDetections(t *testing.T) {
	for control, list := range posture.Prevents() {
		for _, id := range list {
			if detectionOf(id) == nil {
				t.Errorf("%s prevents %s, which is no detection", control, id)
			}
		}
	}
}

func TestExposureBefore(t *testing.T) {
	db := memory(t)
	at := func(day, hour int) time.Time { return time.Date(2026, 3, day, hour, 0, 0, 0, time.UTC) }
	for _, v := range []struct {
		path, value string
		at          time.Time
	}{
		{"security.sign_in_with_two_factor_auth", `"role"`, at(2, 6)}, {"security.sign_in_with_two_factor_auth_roles", `["0","1"]`, at(2, 6)},
		{"security.sign_in_with_two_factor_auth_roles", `["0"]`, at(5, 6)},
		{"security.sign_in_with_two_factor_auth", `"all"`, at(8, 6)},
	} {
		if _, err := db.Exec(t.Context(), `INSERT INTO ingest.setting_versions (path, value, locked, source, fetched_at, run_id) VALUES (?, ?, NULL, 'settings', ?, 'r')`, v.path, v.value, v.at); err != nil {
			t.Fatal(err)
		}
	}
	e, err := readExposure(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	admin := &posture.User{Email: "a@example.com", RoleID: "1"}
	for _, tt := range []struct {
		at   time.Time
		want bool
	}{{at(2, 0), false}, {at(2, 6), false}, {at(3, 0), false}, {at(5, 0), false}, {at(6, 0), true}, {at(8, 0), true}, {at(8, 6), true}, {at(9, 0), false}} {
		if got := e.before(tt.at).Unprotected(admin); got != tt.want {
			t.Errorf("at %s: unprotected %v, want %v", tt.at.Format(time.RFC3339), got, tt.want)
		}
	}
	var none *exposure
	if none.before(at(9, 0)).Unprotected(admin) {
		t.Error("nothing read, and yet known")
	}
}
