package models

import (
	"encoding/json"
	"testing"
)

// Whoever dismisses one grant, one change or one removal says nothing of another; the same again, or a part of it, is dismissed.
func TestAlike(t *testing.T) {
	find := func(detection string, details string) *Finding {
		f := &Finding{Detection: detectionOf(detection), Email: "admin@example.com"}
		if err := json.Unmarshal([]byte(details), &f.Evidence.Details); err != nil {
			t.Fatal(err)
		}
		return f
	}
	combined := func(ids ...string) *Finding {
		f := find("ZW-COR-02", `{}`)
		for _, id := range ids {
			f.Evidence.Contributions = append(f.Evidence.Contributions, Contribution{Name: id})
		}
		return f
	}
	const off = "Two-Factor Authentication: from On to Off"
	for _, tt := range []struct {
		name           string
		dismissed, now *Finding
		want           bool
	}{
		{"the same grant", find("ZW-ADM-04", `{"grants":["a from Member to Admin"]}`), find("ZW-ADM-04", `{"grants":["a from Member to Admin"]}`), true},
		{"another grant", find("ZW-ADM-04", `{"grants":["a from Member to Admin"]}`), find("ZW-ADM-04", `{"grants":["evil from Member to Owner"]}`), false},
		{"one of two grants", find("ZW-ADM-04", `{"grants":["a from Member to Admin","b from Member to Admin"]}`), find("ZW-ADM-04", `{"grants":["b from Member to Admin"]}`), true},
		{"one more grant", find("ZW-ADM-04", `{"grants":["a from Member to Admin"]}`), find("ZW-ADM-04", `{"grants":["a from Member to Admin","b from Member to Admin"]}`), false},
		{"the same change", find("ZW-CFG-01", `{"scope":["account"],"changes":["`+off+`"]}`), find("ZW-CFG-01", `{"scope":["account"],"changes":["`+off+`"]}`), true},
		{"of the account after a group", find("ZW-CFG-01", `{"scope":["Test Lab"],"changes":["`+off+`"]}`), find("ZW-CFG-01", `{"scope":["account"],"changes":["`+off+`"]}`), false},
		{"the same removal", find("ZW-INA-02", `{"removed_at":"2026-01-21T10:00:00Z"}`), find("ZW-INA-02", `{"removed_at":"2026-01-21T10:00:00Z"}`), true},
		{"a later removal", find("ZW-INA-02", `{"removed_at":"2026-01-21T10:00:00Z"}`), find("ZW-INA-02", `{"removed_at":"2026-03-02T10:00:00Z"}`), false},
		{"fewer findings together", combined("ZW-LOC-01", "ZW-ADM-03", "ZW-DEV-01"), combined("ZW-LOC-01", "ZW-ADM-03"), true},
		{"other findings together", combined("ZW-LOC-01", "ZW-ADM-03", "ZW-DEV-01"), combined("ZW-LOC-01", "ZW-ADM-03", "ZW-CFG-12"), false},
		{"about how much alone", find("ZW-RTE-05", `{}`), find("ZW-RTE-05", `{}`), true},
	} {
		if got := (triaged{key: likeness(tt.dismissed)}).alike(tt.now); got != tt.want {
			t.Errorf("%s: %t, want %t (%q, %q)", tt.name, got, tt.want, likeness(tt.dismissed), likeness(tt.now))
		}
	}
}
