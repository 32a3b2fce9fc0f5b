package posture

import (
	"encoding/json"
	"testing"
)

func TestUnprotected(t *testing.T) {
	admin := &User{ID: "a", Email: "a@example.com", RoleID: "1", Groups: []string{"g1"}}
	member := &User{ID: "m", Email: "m@EXAMPLE.com", RoleID: "2"}
	guest := &User{ID: "g", Email: "g@partner.example", RoleID: "2", Groups: []string{"g2"}}
	for _, tt := range []struct {
		name                 string
		settings             map[string]string
		admin, member, guest bool
	}{
		{"nothing read", nil, false, false, false},
		{"mode of an odd type", map[string]string{twoFactorMode: `true`}, false, false, false},
		{"all", map[string]string{twoFactorMode: `"all"`}, false, false, false},
		{"none", map[string]string{twoFactorMode: `"none"`}, true, true, true},
		{"role", map[string]string{twoFactorMode: `"role"`, twoFactorRoles: `["0","1"]`}, false, true, true},
		{"role without the list", map[string]string{twoFactorMode: `"role"`}, false, false, false},
		{"group", map[string]string{twoFactorMode: `"group"`, twoFactorGroups: `["g1"]`}, false, true, true},
		{"none, single sign-on for the company", map[string]string{twoFactorMode: `"none"`, ssoOn: `true`, ssoRequired: `true`, ssoDomains: `["Example.com"]`, ssoBypass: `[]`}, false, false, true},
		{"none, single sign-on with an exception", map[string]string{twoFactorMode: `"none"`, ssoOn: `true`, ssoRequired: `true`, ssoDomains: `["Example.com"]`, ssoBypass: `[{"id":"a"}]`}, true, false, true},
		{"none, single sign-on, exceptions not sent", map[string]string{twoFactorMode: `"none"`, ssoOn: `true`, ssoRequired: `true`, ssoDomains: `["Example.com"]`}, false, false, true},
		{"none, single sign-on for no domain", map[string]string{twoFactorMode: `"none"`, ssoOn: `true`, ssoRequired: `true`, ssoDomains: `[]`, ssoBypass: `[]`}, true, true, true},
		{"a group of nobody", map[string]string{twoFactorMode: `"group"`, twoFactorGroups: `[]`}, true, true, true},
		{"none, single sign-on not required", map[string]string{twoFactorMode: `"none"`, ssoOn: `true`, ssoRequired: `false`, ssoDomains: `["example.com"]`}, true, true, true},
		{"none, single sign-on off", map[string]string{twoFactorMode: `"none"`, ssoOn: `false`, ssoRequired: `true`, ssoDomains: `["example.com"]`}, true, true, true},
	} {
		settings := map[string]Setting{}
		for path, v := range tt.settings {
			settings[path] = Setting{Value: json.RawMessage(v)}
		}
		r := SignInRuleOf(settings)
		if a, m, g := r.Unprotected(admin), r.Unprotected(member), r.Unprotected(guest); a != tt.admin || m != tt.member || g != tt.guest {
			t.Errorf("%s: admin %v, member %v, guest %v; want %v, %v, %v", tt.name, a, m, g, tt.admin, tt.member, tt.guest)
		}
	}
	byRole := SignInRuleOf(map[string]Setting{twoFactorMode: {Value: json.RawMessage(`"role"`)}, twoFactorRoles: {Value: json.RawMessage(`["1"]`)}})
	if byRole.Unprotected(&User{Email: "n@example.com"}) {
		t.Error("a rule by role says of a user whose role is not known that it does not hold")
	}
	if (SignInRule{}).Unprotected(admin) {
		t.Error("the zero value knows something")
	}
}
