package ingest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zoomward/zoomward/ingest/zoom"
	"github.com/zoomward/zoomward/store"
)

// settingsNow returns the settings as analysts see them: path -> value|locked|source.
func settingsNow(t testing.TB, db *store.DB) map[string]string {
	t.Helper()
	var rows struct {
		Path []string `col:"path"`
		Text []string `col:"text"`
	}
	if err := db.Read(t.Context(), &rows, `SELECT path, concat(coalesce(value, '-'), '|', coalesce(locked::VARCHAR, '-'), '|', source) AS text FROM main.settings`); err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for i, p := range rows.Path {
		out[p] = rows.Text[i]
	}
	return out
}

func TestSettingsLand(t *testing.T) {
	db := openStore(t)
	mustRun(t, db, smallAccount(), testNow)
	want := map[string]string{
		"in_meeting.chat":             "true|true|settings",
		"in_meeting.entry_exit_chime": `"host"|-|settings`, // text in the place of a lock says nothing
		"chat.send_data_to_third_party_archiving_service.enable": "true|-|settings",
		"chat.share_files":                          "-|true|lock_settings",
		"recording.auto_delete_cmr_days":            "30|-|settings",
		"security.sign_in_with_two_factor_auth":     `"all"|-|security`,
		"security.signin_with_sso.sso_bypass_users": `[{"id":"idA"}]|-|security`,
		"security.signin_with_sso.domains":          `["example.com"]|-|security`,
		"meeting_security.waiting_room":             "true|false|meeting_security",
		"meeting_security.pmi_password":             `{"other_kind":"text that may be a passcode"}|-|meeting_security`,
		"meeting_security.encryption_type":          `"e2ee"|true|meeting_security`,
		"meeting_authentication":                    "true|-|meeting_authentication",
		"allow_authentication_exception":            "false|-|meeting_authentication",
		"meeting_authentication_options":            `[{"default_option":true,"domains":"example.com","type":"enforce_login","visible":true}]|-|meeting_authentication`,
		"recording_authentication":                  "false|-|recording_authentication",
		"recording_authentication_options":          "[]|-|recording_authentication",
	}
	if d := cmp.Diff(want, settingsNow(t, db)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestSettingVersions(t *testing.T) {
	db, a := openStore(t), smallAccount()
	mustRun(t, db, a, testNow)
	versions := func() (n int) {
		t.Helper()
		if err := db.Row(t.Context(), `SELECT count(*) FROM ingest.setting_versions`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	step := func(name string, want int, change func()) {
		t.Helper()
		before := versions()
		change()
		testLater := testNow.Add(time.Duration(before) * time.Hour)
		rep := mustRun(t, db, a, testLater)
		if got := versions() - before; got != want || feedOf(t, rep, "settings").Landed != int64(want) {
			t.Errorf("%s: %d new versions, %d landed, want %d", name, got, feedOf(t, rep, "settings").Landed, want)
		}
		again := versions()
		mustRun(t, db, a, testLater)
		if got := versions(); got != again {
			t.Errorf("%s: reading again added %d versions", name, got-again)
		}
	}
	inMeeting := a.settings[""]["in_meeting"].(map[string]any)
	locks := a.locks[""]["in_meeting"].(map[string]any)
	security := a.settings["security"]
	step("nothing", 0, func() {})
	step("a value", 1, func() { inMeeting["chat"] = false })
	step("a lock", 1, func() { locks["chat"] = false })
	step("a value that vanishes", 1, func() { delete(inMeeting, "entry_exit_chime") })
	if got := settingsNow(t, db)["in_meeting.entry_exit_chime"]; got != "-|-|settings" {
		t.Errorf("vanished path is %s", got)
	}
	step("and comes back", 1, func() { inMeeting["entry_exit_chime"] = "none" })
	step("null", 1, func() { inMeeting["entry_exit_chime"] = nil })
	step("a lock that vanishes", 1, func() { delete(locks, "chat") })
	step("a refused view", 0, func() {
		a.fail = map[string]error{"settings security": &zoom.APIError{Status: 400, Code: 4711, Message: "does not contain scopes:[x]"}}
	})
	if got := settingsNow(t, db)["security.sign_in_with_two_factor_auth"]; got != `"all"|-|security` {
		t.Errorf("path of the refused view is %s", got)
	}
	step("others beside a refused view", 1, func() { inMeeting["chat"] = true })
	step("a refused view of locks", 0, func() {
		a.fail = map[string]error{"locks meeting_security": &zoom.APIError{Status: 503}}
	})
	if got := settingsNow(t, db)["meeting_security.waiting_room"]; got != "true|false|meeting_security" {
		t.Errorf("lock of the refused view is %s", got)
	}
	step("an empty reply", 0, func() { a.fail = nil; a.settings["security"] = map[string]any{} })
	step("the view as it was in 2021", 0, func() { a.settings["security"] = security["security"].(map[string]any) })
	step("a view that lost its values", 3, func() { a.settings["security"] = map[string]any{"security": map[string]any{"unheard_of": true}} })

	// Read as of an earlier time, a change is still the latest one, and its own reading none of before it.
	inMeeting["chat"] = "false"
	mustRun(t, db, a, testNow.Add(30*time.Minute))
	if got := settingsNow(t, db)["in_meeting.chat"]; got != `"false"|-|settings` {
		t.Errorf("after a run as of an earlier time: %s", got)
	}
	var early int
	if err := db.Row(t.Context(), `SELECT count(*) FROM ingest.setting_readings WHERE read_at = ?`, testNow.Add(30*time.Minute)).Scan(&early); err != nil || early != 0 {
		t.Errorf("%d readings noted before the version that they brought, %v", early, err)
	}
}

func TestAllRefused(t *testing.T) {
	db, a := openStore(t), smallAccount()
	mustRun(t, db, a, testNow)
	before := settingsNow(t, db)
	scope := &zoom.APIError{Status: 400, Code: 4700, Path: "/accounts/me/settings", Message: "Invalid access token, does not contain scopes:[account:read:admin]."}
	a.fail = map[string]error{"locks": scope, "locks meeting_security": scope}
	for _, o := range settingOptions {
		a.fail[strings.TrimSpace("settings "+o)] = scope
	}
	f := feedOf(t, mustRun(t, db, a, testNow.Add(day)), "settings")
	if f.State != StateNotAuthorised || !strings.Contains(f.Message, "account:read:admin") || !strings.Contains(f.Message, "account:read:settings:admin") {
		t.Errorf("%+v", f)
	}
	if d := cmp.Diff(before, settingsNow(t, db)); d != "" {
		t.Errorf("settings changed:\n%s", d)
	}
}

func TestKeptValues(t *testing.T) {
	for _, c := range []struct {
		keep keep
		json string
		want string // "" not kept
	}{
		{keepPlain, `true`, `true`},
		{keepPlain, `30`, `30`},
		{keepPlain, `1.5`, `1.5`},
		{keepPlain, `"on"`, `"on"`},
		{keepPlain, `"30"`, `"30"`},
		{keepPlain, `"s3cret"`, ``},
		{keepPlain, `"123456789"`, ``},
		{keepPlain, `"NaN"`, ``},
		{keepPlain, `["a"]`, ``},
		{keepPlain, `null`, ``},
		{keepText, `"a <b> & c"`, `"a <b> & c"`},
		{keepText, `["a","b"]`, `["a","b"]`},
		{keepText, `[]`, `[]`},
		{keepText, `["a",{"b":1}]`, ``},
		{keepText, `[["a"]]`, ``},
		{keepLock, `true`, ``},
		{keepLock, `"x"`, ``},
		{keepIDs, `[{"id":"x","email":"x@example.com"},{"email":"y@example.com"}]`, `[{"id":"x"},{}]`},
		{keepIDs, `["x@example.com"]`, ``},
		{keepIDs, `[{"id":{"email":"x@example.com"}}]`, `[{}]`},
		{keepOptions, `[{"id":"1","name":"n","type":"enforce_login","domains":"example.com","visible":false}]`, `[{"domains":"example.com","type":"enforce_login","visible":false}]`},
		{keepOptions, `"enforce_login"`, ``},
		{keepStates, `[{"id":"1","name":"n","keywords":["merger"],"regular_expression":"x+","status":"activated"},{"name":"m"}]`, `[{"status":"activated"},{}]`},
		{keepStates, `[]`, `[]`},
		{keepStates, `["merger"]`, ``},
		{"", `true`, ``},
	} {
		var v any
		if err := json.Unmarshal([]byte(c.json), &v); err != nil {
			t.Fatal(err)
		}
		got, ok := keptValue(c.keep, v)
		if ok != (c.want != "") || ok && got != c.want {
			t.Errorf("%s of %s: %s, %v; want %q", c.keep, c.json, got, ok, c.want)
		}
	}
}

// Something of another kind than documented leaves its kind behind, and nothing of itself.
func TestOtherKinds(t *testing.T) {
	var settings, locks map[string]any
	for text, into := range map[string]*map[string]any{
		`{"meeting_security":{"waiting_room":"enabled","meeting_password":482913,"pmi_password":null,"phone_password":[true],"webinar_password":{"enable":true},"auto_security":"on",
			"require_password_for_scheduled_meeting":"482913","embed_password_in_join_link":"","end_to_end_encrypted_meetings":"yes","encryption_type":{"a":"b"},"meeting_password_requirement":["x"]}}`: &settings,
		`{"meeting_security":{"waiting_room":"locked","encryption_type":"e2ee","auto_security":1,"phone_password":{"a":1},"webinar_password":null,"meeting_password_requirement":{"length":true}}}`: &locks,
	} {
		if err := json.Unmarshal([]byte(text), into); err != nil {
			t.Fatal(err)
		}
	}
	got := flattenSettings(zoom.OptionMeetingSecurity, settings)
	for path, want := range map[string]string{
		"waiting_room": "text", "meeting_password": "a number that may be a passcode", "phone_password": "a list", "webinar_password": "an object", "end_to_end_encrypted_meetings": "text",
		"require_password_for_scheduled_meeting": "text that may be a passcode", "encryption_type": "an object", "meeting_password_requirement.length": "a list in the place of meeting_security.meeting_password_requirement",
	} {
		if found, ok := store.IsOtherKind(got["meeting_security."+path]); !ok || found != want {
			t.Errorf("%s is %s, want %q", path, got["meeting_security."+path], want)
		}
	}
	for _, path := range []string{"pmi_password", "embed_password_in_join_link", "webinar_password.enable"} {
		if v, ok := got["meeting_security."+path]; ok {
			t.Errorf("%s is %s", path, v)
		}
	}
	if v := got["meeting_security.auto_security"]; v != `"on"` {
		t.Errorf("auto_security is %s", v)
	}
	want := map[string]lock{"meeting_security.waiting_room": {kind: "text"}, "meeting_security.encryption_type": {closed: true}, "meeting_security.auto_security": {kind: "a number"},
		"meeting_security.phone_password": {kind: "an object"}, "meeting_security.meeting_password_requirement.length": {closed: true}}
	if d := cmp.Diff(want, flattenLocks(zoom.OptionMeetingSecurity, locks), cmp.AllowUnexported(lock{})); d != "" {
		t.Errorf("locks (-want +got):\n%s", d)
	}
}

func TestViewsAnswerForTheirPartOnly(t *testing.T) {
	tree := func() map[string]any {
		return map[string]any{
			"security":               map[string]any{"hide_billing_info": true},
			"meeting_security":       map[string]any{"waiting_room": true},
			"in_meeting":             map[string]any{"chat": true},
			"in_meeting.chat":        false, // no path of Zoom's
			"authentication_options": []any{}, "meeting_authentication": true, "recording_authentication": true, "allow_authentication_exception": true,
		}
	}
	for option, want := range map[string][]string{
		zoom.OptionAll:                     {"in_meeting.chat", "meeting_security.waiting_room", "security.hide_billing_info"},
		zoom.OptionSecurity:                {"security.hide_billing_info"},
		zoom.OptionMeetingSecurity:         {"meeting_security.waiting_room"},
		zoom.OptionMeetingAuthentication:   {"allow_authentication_exception", "meeting_authentication", "meeting_authentication_options"},
		zoom.OptionRecordingAuthentication: {"recording_authentication", "recording_authentication_options"},
	} {
		var got []string
		for path, value := range flattenSettings(option, tree()) {
			got = append(got, path)
			if path == "in_meeting.chat" && value != "true" {
				t.Errorf("%s is %s", path, value)
			}
		}
		slices.Sort(got)
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("view %q (-want +got):\n%s", option, d)
		}
	}
}

func TestLockValues(t *testing.T) {
	for _, c := range []struct {
		path       string
		v          any
		locked, ok bool
	}{
		{"in_meeting.chat", true, true, true}, {"in_meeting.chat", false, false, true}, {"in_meeting.chat", "true", true, true}, {"in_meeting.chat", "False", false, true},
		{"in_meeting.entry_exit_chime", "host", true, false}, {"meeting_security.encryption_type", "e2ee", true, true}, {"meeting_security.encryption_type", "false", false, true},
		{"meeting_security.encryption_type", "", true, false}, {"in_meeting.chat", nil, false, false}, {"in_meeting.chat", 1.0, false, false},
	} {
		locked, ok := lockValue(c.path, c.v)
		if ok != c.ok || ok && locked != c.locked {
			t.Errorf("lock %v of %s: %v, %v; want %v, %v", c.v, c.path, locked, ok, c.locked, c.ok)
		}
	}
}

// The list is what stands between an account's secrets and the database.
func TestAllowListLeavesSecretsOut(t *testing.T) {
	allowed := allowedSettings()
	if len(allowed) < 400 {
		t.Fatalf("%d paths only", len(allowed))
	}
	for path, k := range allowed {
		if k == keepLock || k == keepPlain || k == keepStates {
			continue // hold no text of the account's own
		}
		for _, word := range []string{"pass", "token", "secret", "user_name", "email", "smtp", "instruction", "polic", "template", "file", "info", "numbers", "custom_lang", "channel_id", "key"} {
			if strings.Contains(path, word) && !strings.HasPrefix(path, "chat.share_files.") && !strings.HasPrefix(path, "profile.") && path != "security.user_modifiable_info_by_admin" &&
				path != "schedule_meeting.require_password_for_pmi_meetings" && path != "chat.chat_email_address.specific_domains" && path != "security.signin_with_sso.sso_bypass_users" {
				t.Errorf("%s keeps %s: look whether it can hold a secret or a person", path, k)
			}
		}
	}
	for _, path := range []string{"chat.send_data_to_third_party_archiving_service.passcode", "chat.send_data_to_third_party_archiving_service.authorized_channel_token",
		"chat.send_data_to_third_party_archiving_service.user_name", "chat.send_data_to_third_party_archiving_service.smtp_delivery_address",
		"chat.allow_users_to_add_contacts.user_email_addresses", "in_meeting.custom_service_instructions", "telephony.audio_conference_info"} {
		if k, ok := allowed[path]; ok {
			t.Errorf("%s is on the list as %s", path, k)
		}
	}
}

func TestParseAllowedErrors(t *testing.T) {
	for text, want := range map[string]string{"a.b plain\na.b text\n": "line 2", "# c\n\na.b plian\n": "line 3", "a.b\n": `unknown kind ""`} {
		if _, err := parseAllowed(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want one with %q", text, err, want)
		}
	}
}

// Whatever Zoom sends, only listed paths are kept, as valid JSON of the shape that their kind allows.
func FuzzFlatten(f *testing.F) {
	f.Add("", `{"in_meeting":{"chat":true,"custom_service_instructions":"x"},"chat":{"share_files":{"enable":1}}}`)
	f.Add("security", `{"security":{"signin_with_sso":{"sso_bypass_users":[{"id":"a","email":"b"}],"domains":["c"]}}}`)
	f.Add("security", `{"sign_in_with_two_factor_auth":"all"}`)
	f.Add("meeting_authentication", `{"meeting_authentication":true,"authentication_options":[{"type":"x","name":"y"}]}`)
	f.Add("meeting_security", `{"meeting_security":{"a.b":{"c":null},"encryption_type":["e2ee",{"x":1}]}}`)
	f.Fuzz(func(t *testing.T, option, text string) {
		var tree map[string]any
		if json.Unmarshal([]byte(text), &tree) != nil {
			return
		}
		for path, value := range flattenSettings(option, tree) {
			k, listed := allowedSettings()[path]
			var v any
			if err := json.Unmarshal([]byte(value), &v); !listed || err != nil {
				t.Fatalf("%s = %s: listed %v, %v", path, value, listed, err)
			}
			if found, marked := store.IsOtherKind(value); marked && k != keepLock {
				if words := strings.TrimSuffix(found, pathOf(found)); strings.ContainsFunc(words, func(r rune) bool { return r != ' ' && r != ',' && (r < 'a' || r > 'z') }) {
					t.Fatalf("%s keeps %s", path, value)
				}
				continue
			}
			switch s := fmt.Sprintf("%T", v); k {
			case keepLock:
				t.Fatalf("%s keeps a value: %s", path, value)
			case keepPlain:
				if text, ok := v.(string); s == "[]interface {}" || ok && len(text) > 8 {
					t.Fatalf("%s keeps %s", path, value)
				}
			case keepIDs, keepOptions, keepStates:
				for _, e := range v.([]any) {
					for name, field := range e.(map[string]any) {
						if _, nested := field.(map[string]any); nested || name == "email" || name == "name" {
							t.Fatalf("%s keeps %s", path, value)
						}
					}
				}
			}
		}
		for path := range flattenLocks(option, tree) {
			if _, listed := allowedSettings()[path]; !listed {
				t.Fatalf("lock of %s", path)
			}
		}
	})
}

// pathOf is the path that the words of a kind end with, "" for none; it is one of the list's.
func pathOf(found string) string {
	_, path, _ := strings.Cut(found, "in the place of ")
	if allowedBelow()[path] == nil {
		return ""
	}
	return path
}
