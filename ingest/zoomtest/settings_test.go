package zoomtest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// leaves lists every path of a body with its values; lists of objects get [] as in the key list.
func leaves(at any, path string, out map[string][]any) {
	switch v := at.(type) {
	case map[string]any:
		for k, x := range v {
			leaves(x, strings.TrimPrefix(path+"."+k, "."), out)
		}
	case []any:
		if len(v) > 0 {
			if _, ok := v[0].(map[string]any); ok {
				for _, x := range v {
					leaves(x, path+"[]", out)
				}
				return
			}
		}
		out[path] = append(out[path], v)
	default:
		out[path] = append(out[path], v)
	}
}

// fits says whether a decoded JSON value is of a key list's type.
func fits(kind string, v any) bool {
	if base, ok := strings.CutSuffix(kind, "[]"); ok {
		l, ok := v.([]any)
		return ok && !slices.ContainsFunc(l, func(x any) bool { return !fits(base, x) })
	}
	switch kind {
	case "boolean":
		_, ok := v.(bool)
		return ok
	case "number":
		_, ok := v.(float64)
		return ok
	case "string":
		_, ok := v.(string)
		return ok
	}
	b, _ := json.Marshal(v)
	return slices.Contains(strings.Split(kind, "|"), string(b))
}

func TestSettingsFollowTheKeyList(t *testing.T) {
	keys, locks := parseKeys(settingKeys), parseKeys(lockKeys)
	for seed := range uint64(20) {
		c := newCompany(t, Options{Seed: seed, Users: 60, Days: 60, Attacks: true})
		for _, tt := range []struct {
			what, option string
			body         map[string]any
			list         []settingKey
			atLeast      float64 // share of the list that is there
		}{
			{"settings", "", c.Settings(""), keys[allSections], 0.94},
			{"settings", "security", c.Settings("security"), keys[allSections], 0.02},
			{"settings", "meeting_security", c.Settings("meeting_security"), keys["meeting_security"], 1},
			{"settings", "meeting_authentication", c.Settings("meeting_authentication"), keys["meeting_authentication"], 1},
			{"settings", "recording_authentication", c.Settings("recording_authentication"), keys["recording_authentication"], 1},
			{"locks", "", c.LockSettings(""), locks[allSections], 1},
			{"locks", "meeting_security", c.LockSettings("meeting_security"), locks["meeting_security"], 1},
		} {
			name := fmt.Sprintf("seed %d %s option %q", seed, tt.what, tt.option)
			b, err := json.Marshal(tt.body)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			var decoded map[string]any
			if err := json.Unmarshal(b, &decoded); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			kinds, got := map[string]string{}, map[string][]any{}
			for _, k := range tt.list {
				kinds[k.path] = k.kind
			}
			leaves(decoded, "", got)
			for path, values := range got {
				kind, ok := kinds[path]
				if !ok {
					t.Errorf("%s: %s is not in the key list", name, path)
				}
				for _, v := range values {
					if ok && !fits(kind, v) {
						t.Errorf("%s: %s is %v, want %s", name, path, v, kind)
					}
				}
			}
			if share := float64(len(got)) / float64(len(kinds)); share < tt.atLeast {
				t.Errorf("%s: %.2f of the keys are there, want %.2f", name, share, tt.atLeast)
			}
		}
	}
}

func TestSettingsOptions(t *testing.T) {
	c := newCompany(t, Options{Seed: 1, Users: 300, Days: 180})
	if c.Settings("nonsense") != nil || c.LockSettings("security") != nil {
		t.Error("an unknown option has a body")
	}
	all := c.Settings("")
	if all["meeting_security"] != nil || all["meeting_authentication"] != nil {
		t.Error("keys of an option come without it")
	}
	for option, want := range map[string]int{"security": 1, "meeting_security": 1, "meeting_authentication": 3, "recording_authentication": 2} {
		if got := c.Settings(option); len(got) != want {
			t.Errorf("option %s has %d keys on top, want %d", option, len(got), want)
		}
	}
	if _, ok := all["security"].(map[string]any)["sign_in_with_two_factor_auth_groups"]; ok {
		t.Error("group list without the value group")
	}
	archive := all["chat"].(map[string]any)["send_data_to_third_party_archiving_service"].(map[string]any)
	if archive["passcode"] != ArchivePasscode || archive["authorized_channel_token"] != ArchiveToken {
		t.Errorf("secrets are missing: %v", archive)
	}
	// a body belongs to its caller
	all["in_meeting"].(map[string]any)["data_center_regions"].([]any)[0] = "XX"
	if got := c.Settings("")["in_meeting"].(map[string]any)["data_center_regions"].([]any)[0]; got == "XX" {
		t.Error("callers share a body")
	}
}

func TestRogueAdminShowsInSettings(t *testing.T) {
	quiet, attacked := newCompany(t, Options{Seed: 1, Users: 300, Days: 180}), newCompany(t, Options{Seed: 1, Users: 300, Days: 180, Attacks: true})
	mode := func(c *Company) any {
		return c.Settings("security")["security"].(map[string]any)["sign_in_with_two_factor_auth"]
	}
	if mode(quiet) != "all" || mode(attacked) != "none" {
		t.Errorf("two-factor sign-in is %v without and %v with a rogue administrator, want all and none", mode(quiet), mode(attacked))
	}
}
