package models

import (
	"testing"
	"time"
)

func TestAdministrates(t *testing.T) {
	for _, tt := range []struct {
		area, value string
		want        bool
	}{
		{"User", "Edit", true}, {"User", "Read", false}, {"AccountSetting", "Edit", true}, {"RecordingManagement", "Edit", true}, {"SecurityControl", "Edit", true}, {"Integration", "Edit", true},
		{"Dashboard", "Edit", false}, {"Report", "Read", false}, {"Billing", "Edit", false},
		{"Role Management", "Edit", true}, {"Account Settings", "View and Edit", true}, {"Account Settings", "View", false}, {"User Management", "None", false}, {"Users - Delete", "On", true},
		{"User Activity Reports - View", "On", false}, {"Phone Settings", "Edit", false}, {"", "Edit", false},
	} {
		if got := administrates(tt.area, tt.value); got != tt.want {
			t.Errorf("%q at %q: %v, want %v", tt.area, tt.value, got, tt.want)
		}
	}
}

// Roles are what they were at the time: readings and the log in their order, and the first reading for what lies before.
func TestRoleBook(t *testing.T) {
	db := memory(t)
	for _, q := range []string{
		`INSERT INTO ingest.versions VALUES ('role', 'r1', '{"name": "Helpdesk", "privileges": ["User:Read"]}', '2026-03-01', 'r'), ('role', 'r1', '{"name": "Helpdesk", "privileges": ["User:Edit"]}', '2026-03-10', 'r'),
			('role', 'r2', '{"name": "Webinar Admin", "privileges": ["Webinar:Edit"]}', '2026-03-01', 'r'),
			('user_role', 'a@example.com', '{"role": "Member", "role_id": "2"}', '2026-03-01', 'r'), ('user_role', 'a@example.com', '{"role": "r1", "role_id": "r1"}', '2026-03-20', 'r')`,
		`INSERT INTO ingest.operations BY NAME SELECT 'o1' AS operation_id, TIMESTAMP '2026-03-05' AS occurred_at, 'Role' AS category, 'Edit Role Helpdesk' AS subject, '[{"setting":"Role Management","old":"None","new":"Edit"}]' AS changes, 1 AS batch, 'r' AS run_id`,
		`INSERT INTO ingest.operations BY NAME SELECT 'o2' AS operation_id, TIMESTAMP '2026-03-15' AS occurred_at, 'User' AS category, 'Change Role  - a@example.com: from Member to Helpdesk' AS detail, 'a@example.com' AS subject,
			'[{"setting":"a@example.com","old":"Member","new":"Helpdesk"}]' AS changes, 1 AS batch, 'r' AS run_id`,
	} {
		if _, err := db.Exec(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	b, err := readRoleBook(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	day := func(n int) time.Time { return time.Date(2026, 3, n, 12, 0, 0, 0, time.UTC) }
	for _, tt := range []struct {
		role string
		day  int
		want bool
	}{{"Helpdesk", 2, false}, {"Helpdesk", 6, true}, {"helpdesk", 12, true}, {"r1", 2, false}, {"r1", 12, true}, {"Helpdesk", -20, false}, {"Webinar Admin", 2, false}, {"Super Admin", 2, true}, {"Owner", 2, true},
		{"Developer", 2, false}} {
		if got := b.privileged(tt.role, day(tt.day)); got != tt.want {
			t.Errorf("%s on day %d: privileged %v, want %v", tt.role, tt.day, got, tt.want)
		}
	}
	for _, tt := range []struct {
		day  int
		want string
	}{{-20, "Member"}, {2, "Member"}, {16, "Helpdesk"}, {21, "r1"}} {
		if got, _, ok := b.roleOf("a@example.com", day(tt.day)); !ok || got != tt.want {
			t.Errorf("role on day %d: %q, want %q", tt.day, got, tt.want)
		}
	}
	if _, _, ok := b.roleOf("nobody@example.com", day(2)); ok {
		t.Error("a role of somebody who was never seen")
	}
}
