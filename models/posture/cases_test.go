package posture

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"
)

var asOf = time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC)

// values makes settings of Go values.
func values(tb testing.TB, m map[string]any) map[string]Setting {
	tb.Helper()
	s := map[string]Setting{}
	for path, v := range m {
		raw, err := json.Marshal(v)
		if err != nil {
			tb.Fatal(err)
		}
		s[path] = Setting{Value: raw, FetchedAt: asOf}
	}
	return s
}

func lockAll(s map[string]Setting, locked bool, paths ...string) {
	for _, p := range paths {
		v := s[p]
		v.Locked = &locked
		s[p] = v
	}
}

func feedsOK() map[string]FeedState {
	return map[string]FeedState{FeedSettings: {State: FeedOK}, FeedUsers: {State: FeedOK}, FeedDomains: {State: FeedOK}, FeedIMGroups: {State: FeedOK}, FeedGroupSettings: {State: FeedOK}, FeedUserSettings: {State: FeedOK}}
}

// judge evaluates one control in a profile that selects it.
func judge(tb testing.TB, id string, in Input) Result {
	tb.Helper()
	c := catalogue(tb)
	ctl, ok := c.Control(id)
	if !ok {
		tb.Fatalf("no control %s", id)
	}
	if len(ctl.Profiles) > 0 {
		in.Profile = ctl.Profiles[0]
	}
	if in.Feeds == nil {
		in.Feeds = feedsOK()
	}
	if in.AsOf.IsZero() {
		in.AsOf = asOf
	}
	one := *c
	one.Controls = []Control{ctl}
	return Evaluate(&one, in)[0]
}

// switchedOn adds the switch that a control stands under, unless the values have it.
func switchedOn(tb testing.TB, ctl *Control, s map[string]Setting) map[string]Setting {
	tb.Helper()
	if u := ctl.Under; u != nil {
		if _, ok := s[u.Switch]; !ok {
			var on any = true
			if u.OffWord != "" {
				on = "all"
			}
			s[u.Switch] = values(tb, values_{"x": on})["x"]
		}
	}
	return s
}

// inputOf makes an account of the values: settings of the account, or of two groups or users where the control reads those. The control's locks are closed.
func inputOf(tb testing.TB, ctl *Control, m map[string]any) Input {
	tb.Helper()
	in := Input{Settings: switchedOn(tb, ctl, values(tb, m)), Scoped: map[string]Scoped{}}
	ctl.Assert.walk(func(e *Expr) {
		if v, ok := in.Settings[e.Path]; ok && e.In != "" {
			in.Scoped[scopedFeeds[e.In].scope] = Scoped{Of: 2, Values: map[string][]ScopedValue{e.Path: {{Value: v.Value, N: 2}}}}
		}
	})
	if n, ok := m[imGroups].(int); ok {
		in.IMGroups = n
	}
	if ctl.Lock != nil {
		lockAll(in.Settings, true, ctl.Lock.Paths...)
	}
	return in
}

type caseLists struct {
	Good []map[string]any `yaml:"good"`
	Bad  []map[string]any `yaml:"bad"`
}

func readCases(t *testing.T) map[string]caseLists {
	t.Helper()
	text, err := os.ReadFile("testdata/cases.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var cases map[string]caseLists
	if err := yaml.Load(text, &cases, yaml.WithKnownFields()); err != nil {
		t.Fatal(err)
	}
	return cases
}

// Every control passes on the good values, fails on the bad ones, and is unknown without any. Both are written by hand, so that a condition turned round is found.
func TestEveryControl(t *testing.T) {
	cases := readCases(t)
	elsewhere := map[string]bool{}
	for _, tc := range inputCases {
		elsewhere[tc.id] = true
	}
	someone := []User{{Email: "u00001@example.com", RoleID: roleOwner, Status: "active", Type: "licensed", LastLoginAt: asOf}}
	for _, ctl := range catalogue(t).Controls {
		if ctl.Automation == AutomationManual || ctl.onObjects() {
			continue // TestManualControls, objects_test.go
		}
		t.Run(ctl.ID, func(t *testing.T) {
			c, ok := cases[ctl.ID]
			delete(cases, ctl.ID)
			if !ok && !elsewhere[ctl.ID] {
				t.Fatal("no cases, neither in testdata/cases.yaml nor in inputCases")
			}
			if ok && (len(c.Good) == 0 || len(c.Bad) == 0) {
				t.Fatal("cases need a good and a bad value")
			}
			for _, m := range c.Good {
				r := judge(t, ctl.ID, inputOf(t, &ctl, m))
				if r.Status != Pass || r.Points != r.MaxPoints || r.Observed == "" {
					t.Errorf("%v: %s with %v points (%s), want pass", m, r.Status, r.Points, r.Reason)
				}
			}
			for _, m := range c.Bad {
				r := judge(t, ctl.ID, inputOf(t, &ctl, m))
				if r.Status != Fail || r.Points != 0 || r.Observed == "" {
					t.Errorf("%v: %s with %v points (%s), want fail", m, r.Status, r.Points, r.Reason)
				}
				for path := range m {
					if ctl.Expected == "" && len(m) == 1 && !strings.Contains(r.Reason, path) {
						t.Errorf("%v: the reason %q does not name the path", m, r.Reason)
					}
				}
			}
			if r := judge(t, ctl.ID, Input{Feeds: map[string]FeedState{}}); r.Status != Unknown || r.Points != 0 || r.Reason == "" {
				t.Errorf("without any input: %s with %v points (%s), want unknown", r.Status, r.Points, r.Reason)
			}
			if ctl.Source.Endpoint == "account_settings" || ctl.Source.Endpoint == "lock_settings" {
				if r := judge(t, ctl.ID, Input{Users: someone}); r.Status != Unknown || !strings.Contains(r.Reason, "is not among what Zoom sends") {
					t.Errorf("without a setting: %s (%s), want unknown", r.Status, r.Reason)
				}
			}
			refused := feedsOK()
			for feed := range refused {
				refused[feed] = FeedState{State: FeedPlanTooLow}
			}
			if r := judge(t, ctl.ID, Input{Feeds: refused, Users: someone}); r.Status != NotApplicable {
				t.Errorf("plan too low: %s (%s), want not_applicable", r.Status, r.Reason)
			}
		})
	}
	for id := range maps.Keys(cases) {
		t.Errorf("testdata/cases.yaml has cases for %s, which is no control", id)
	}
}

// user makes a user; idle is days since the last sign-in, negative for not known.
func user(n byte, role, status, typ string, idle int, groups ...string) User {
	u := User{ID: "id" + string('a'+n), Email: "u0000" + string('0'+n) + "@example.com", RoleID: role, Status: status, Type: typ, Groups: groups, FirstSeenAt: asOf}
	if idle >= 0 {
		u.LastLoginAt = asOf.AddDate(0, 0, -idle)
	}
	return u
}

type values_ = map[string]any

// inputCases are the cases of controls that rest on more than values: parameters, locks, users.
var inputCases = []struct {
	name     string
	id       string
	settings values_
	locked   []string
	open     []string
	users    []User
	domains  []Domain
	params   Params
	want     Status
	points   float64
	reason   string // part of the reason
}{
	{name: "sso covers the domains", id: "ZW-ID-02", settings: values_{"security.signin_with_sso.enable": true, "security.signin_with_sso.require_sso_for_domains": true,
		"security.signin_with_sso.domains": []string{"Example.com", "example.org"}}, params: Params{"company_domains": []string{"example.com"}}, want: Pass, points: 8},
	{name: "sso misses a domain", id: "ZW-ID-02", settings: values_{"security.signin_with_sso.enable": true, "security.signin_with_sso.require_sso_for_domains": true,
		"security.signin_with_sso.domains": []string{"example.com"}}, params: Params{"company_domains": []string{"example.com", "example.org"}}, want: Fail},
	{name: "sso without company domains", id: "ZW-ID-02", settings: values_{"security.signin_with_sso.enable": true, "security.signin_with_sso.require_sso_for_domains": true,
		"security.signin_with_sso.domains": []string{"example.com"}}, want: Manual, reason: "set posture.params.company_domains"},
	{name: "sso off fails whatever the domains", id: "ZW-ID-02", settings: values_{"security.signin_with_sso.enable": false, "security.signin_with_sso.require_sso_for_domains": false,
		"security.signin_with_sso.domains": []string{}}, want: Fail},
	{name: "no bypass domain", id: "ZW-MTG-09", settings: values_{"meeting_security.waiting_room_settings.whitelisted_domains_for_waiting_room": ""}, want: Pass, points: 5},
	{name: "bypass domains nobody approved", id: "ZW-MTG-09", settings: values_{"meeting_security.waiting_room_settings.whitelisted_domains_for_waiting_room": "example.org"}, want: Manual, reason: "posture.params.approved_domains"},
	{name: "approved bypass domains", id: "ZW-MTG-09", settings: values_{"meeting_security.waiting_room_settings.whitelisted_domains_for_waiting_room": "example.org, example.com"},
		params: Params{"approved_domains": []any{"example.com", "example.org"}}, want: Pass, points: 5},
	{name: "one bypass domain too many", id: "ZW-MTG-09", settings: values_{"meeting_security.waiting_room_settings.whitelisted_domains_for_waiting_room": "example.org,*"},
		params: Params{"approved_domains": []string{"example.org"}}, want: Fail},
	{name: "regions", id: "CIS-1.1.4.1.2", settings: values_{"in_meeting.custom_data_center_regions": true, "in_meeting.data_center_regions": []string{"DE", "NL"}}, params: Params{"allowed_regions": []string{"de", "nl", "ie"}}, want: Pass, points: 5},
	{name: "a region too many", id: "CIS-1.1.4.1.2", settings: values_{"in_meeting.custom_data_center_regions": true, "in_meeting.data_center_regions": []string{"DE", "US"}}, params: Params{"allowed_regions": []string{"DE"}}, want: Fail},
	{name: "regions nobody listed", id: "CIS-1.1.4.1.2", settings: values_{"in_meeting.custom_data_center_regions": true, "in_meeting.data_center_regions": []string{"DE"}}, want: Manual, reason: "posture.params.allowed_regions"},
	{name: "regions that nobody chose", id: "CIS-1.1.4.1.2", settings: values_{"in_meeting.custom_data_center_regions": false, "in_meeting.data_center_regions": []string{"DE"}},
		params: Params{"allowed_regions": []string{"DE"}}, want: Fail},
	{name: "regions, and not whether they count", id: "CIS-1.1.4.1.2", settings: values_{"in_meeting.data_center_regions": []string{"DE"}}, params: Params{"allowed_regions": []string{"DE"}}, want: Unknown,
		reason: "in_meeting.custom_data_center_regions is not among what Zoom sends"},
	{name: "no network listed", id: "CIS-1.2.9", settings: values_{"recording.ip_address_access_control.enable": true, "recording.ip_address_access_control.ip_addresses_or_ranges": ""},
		params: Params{"approved_networks": []string{"192.0.2.0/24"}}, want: Fail, reason: "recording.ip_address_access_control.ip_addresses_or_ranges is empty"},
	{name: "networks not sent", id: "CIS-1.2.9", settings: values_{"recording.ip_address_access_control.enable": true}, params: Params{"approved_networks": []string{"192.0.2.0/24"}}, want: Unknown},
	{name: "days, and not whether they count", id: "ZW-REC-02", settings: values_{"recording.auto_delete_cmr_days": 30}, want: Unknown, reason: "recording.auto_delete_cmr is not among what Zoom sends"},
	{name: "deleted, nobody knows when", id: "ZW-REC-02", settings: values_{"recording.auto_delete_cmr": true}, want: Unknown},
	{name: "nobody around what may be off", id: "ZW-ID-03", settings: values_{"security.signin_with_sso.sso_bypass_users": []any{}}, want: Unknown, reason: "security.signin_with_sso.enable"},
	{name: "no password at all", id: "ZW-ID-05", settings: values_{"security.sign_in_with_work_email": false}, users: tenUsers(), want: Pass, points: 10},
	{name: "two-factor for all", id: "ZW-ID-05", settings: values_{twoFactorMode: "all"}, users: tenUsers(), want: Pass, points: 10},
	{name: "two-factor for a group of nobody", id: "ZW-ID-05", settings: signIn("group", nil, false, nil), users: tenUsers(), want: Fail, reason: "with a password alone: 10 of 10 users"},
	{name: "two-factor for roles that nobody has", id: "ZW-ID-05", settings: signIn("role", nil, false, nil), users: tenUsers(), want: Fail},
	{name: "two-factor for a group of four", id: "ZW-ID-05", settings: signIn("group", []string{"g1"}, false, nil), users: tenUsers(), want: PartialPass, points: 4, reason: "right for 4 of 10 users"},
	{name: "single sign-on for no domain", id: "ZW-ID-05", settings: signIn("none", nil, true, []string{}), users: tenUsers(), want: Fail, reason: "with a password alone: 10 of 10 users"},
	{name: "single sign-on for the domain of seven", id: "ZW-ID-05", settings: signIn("none", nil, true, []string{"Example.com"}), users: tenUsers(), want: PartialPass, points: 7},
	{name: "one or the other for all", id: "ZW-ID-05", settings: signIn("none", nil, true, []string{"example.com", "example.org"}), users: tenUsers(), want: Pass, points: 10},
	{name: "one for some, the other for more", id: "ZW-ID-05", settings: signIn("group", []string{"g2"}, true, []string{"example.com"}), users: tenUsers(), want: PartialPass, points: 9, reason: "right for 9 of 10 users"},
	{name: "two who may go around it", id: "ZW-ID-05", settings: signIn("none", nil, true, []string{"example.com", "example.org"}, "id0", "id1"), users: tenUsers(), want: PartialPass, points: 8},
	{name: "two-factor not sent, single sign-on for all", id: "ZW-ID-05", settings: without(signIn("none", nil, true, []string{"example.com", "example.org"}), twoFactorMode), users: tenUsers(), want: Pass, points: 10},
	{name: "required, and not whether it is on", id: "ZW-ID-05", settings: without(signIn("none", nil, true, []string{"example.com", "example.org"}), ssoOn), users: tenUsers(), want: Unknown, reason: ssoOn},
	{name: "exceptions not sent", id: "ZW-ID-05", settings: without(signIn("none", nil, true, []string{"example.com", "example.org"}), ssoBypass), users: tenUsers(), want: Unknown, reason: "perhaps 10 more"},
	{name: "users who may go around it are not told", id: "ZW-ID-05", settings: without(signIn("all", nil, true, nil), ssoBypass), users: tenUsers(), want: Pass, points: 10},
	{name: "work e-mail not sent", id: "ZW-ID-05", settings: without(signIn("none", nil, false, nil), "security.sign_in_with_work_email"), users: tenUsers(), want: Unknown, reason: "security.sign_in_with_work_email"},
	{name: "groups not sent", id: "ZW-ID-05", settings: without(signIn("group", nil, false, nil), twoFactorGroups), users: tenUsers(), want: Unknown, reason: twoFactorGroups},
	{name: "a mode unheard of", id: "ZW-ID-05", settings: signIn("users", nil, false, nil), users: tenUsers(), want: Error, reason: twoFactorMode},
	{name: "networks", id: "CIS-1.2.9", settings: values_{"recording.ip_address_access_control.enable": true, "recording.ip_address_access_control.ip_addresses_or_ranges": "192.0.2.7,192.0.2.16-192.0.2.31, 2001:db8:1::/64"},
		params: Params{"approved_networks": []string{"192.0.2.0/24", "2001:db8::/32"}}, want: Pass, points: 5},
	{name: "a range that reaches out", id: "CIS-1.2.9", settings: values_{"recording.ip_address_access_control.enable": true, "recording.ip_address_access_control.ip_addresses_or_ranges": "192.0.2.250-192.0.3.1"},
		params: Params{"approved_networks": []string{"192.0.2.0/24"}}, want: Fail},
	{name: "networks off", id: "CIS-1.2.9", settings: values_{"recording.ip_address_access_control.enable": false, "recording.ip_address_access_control.ip_addresses_or_ranges": ""}, want: Fail},
	{name: "networks malformed", id: "CIS-1.2.9", settings: values_{"recording.ip_address_access_control.enable": true, "recording.ip_address_access_control.ip_addresses_or_ranges": "office"},
		params: Params{"approved_networks": []string{"192.0.2.0/24"}}, want: Error, reason: "recording.ip_address_access_control.ip_addresses_or_ranges is office"},
	{name: "storage", id: "ZW-REC-07", settings: values_{"profile.recording_storage_location.value": "DE"}, params: Params{"approved_storage_countries": []string{"DE"}}, want: Pass, points: 5},
	{name: "storage elsewhere", id: "ZW-REC-07", settings: values_{"profile.recording_storage_location.value": "US"}, params: Params{"approved_storage_countries": []string{"DE"}}, want: Fail},
	{name: "storage nobody listed", id: "ZW-REC-07", settings: values_{"profile.recording_storage_location.value": "US"}, want: Manual, reason: "approved_storage_countries"},
	{name: "no integration", id: "CIS-3.2", settings: integrations(), want: Pass, points: 5},
	{name: "approved integration", id: "CIS-3.2", settings: integrations("box"), params: Params{"approved_integrations": []string{"box"}}, want: Pass, points: 5},
	{name: "integration too many", id: "CIS-3.2", settings: integrations("box", "dropbox"), params: Params{"approved_integrations": []string{"box"}}, want: Fail, reason: "box, dropbox"},
	{name: "integrations nobody listed", id: "CIS-3.2", settings: integrations("box"), want: Manual, reason: "approved_integrations"},
	{name: "integration missing", id: "CIS-3.2", settings: values_{"integration.box": true}, params: Params{"approved_integrations": []string{"box"}}, want: Unknown, reason: "integration."},

	{name: "the verified domains are the company's unless it says otherwise", id: "ZW-ID-02", settings: values_{"security.signin_with_sso.enable": true,
		"security.signin_with_sso.require_sso_for_domains": true, "security.signin_with_sso.domains": []string{"example.com"}},
		domains: []Domain{{"managed", "example.com", "verified"}, {"managed", "example.net", "pending"}, {"trusted", "example.org", ""}}, want: Pass, points: 8},
	{name: "sso misses a verified domain", id: "ZW-ID-02", settings: values_{"security.signin_with_sso.enable": true, "security.signin_with_sso.require_sso_for_domains": true,
		"security.signin_with_sso.domains": []string{"example.com"}}, domains: []Domain{{"managed", "example.com", "verified"}, {"managed", "example.net", "verified"}}, want: Fail},
	{name: "all verified", id: "ZW-ID-06", domains: []Domain{{"managed", "example.com", "verified"}, {"trusted", "example.org", ""}}, want: Pass, points: 8},
	{name: "one unverified", id: "ZW-ID-06", domains: []Domain{{"managed", "example.com", "verified"}, {"managed", "example.net", "pending"}}, want: Fail, reason: "unverified domains: example.net"},
	{name: "no managed domain", id: "ZW-ID-06", domains: []Domain{{"trusted", "example.org", ""}}, want: NotApplicable, reason: "no managed domain"},
	{name: "no trusted domain", id: "ZW-ID-07", want: Pass, points: 5},
	{name: "trusted domains nobody approved", id: "ZW-ID-07", domains: []Domain{{"trusted", "example.org", ""}}, want: Manual, reason: "posture.params.trusted_domains"},
	{name: "approved trusted domain", id: "ZW-ID-07", domains: []Domain{{"managed", "example.com", "verified"}, {"trusted", "example.org", ""}}, params: Params{"trusted_domains": []string{"Example.org"}}, want: Pass, points: 5},
	{name: "one trusted domain too many", id: "ZW-ID-07", domains: []Domain{{"trusted", "example.org", ""}, {"trusted", "example.net", ""}}, params: Params{"trusted_domains": []string{"example.org"}}, want: Fail},
	{name: "a mail provider, approved or not", id: "ZW-ID-07", domains: []Domain{{"trusted", "GMail.com", ""}}, params: Params{"trusted_domains": []string{"gmail.com"}}, want: Fail, reason: "trusted public domains: GMail.com"},
	{name: "a wildcard", id: "ZW-ID-07", domains: []Domain{{"trusted", "*.example.org", ""}}, params: Params{"trusted_domains": []string{"*.example.org"}}, want: Fail},
	{name: "a national spelling", id: "ZW-ID-07", domains: []Domain{{"trusted", "yahoo.co.uk", ""}}, params: Params{"trusted_domains": []string{"yahoo.co.uk"}}, want: Fail},
	{name: "no range of ports", id: "CIS-1.1.4.4.2", settings: values_{"in_meeting.p2p_ports": false, "in_meeting.ports_range": ""}, want: Pass, points: 2},
	{name: "approved ports", id: "CIS-1.1.4.4.2", settings: values_{"in_meeting.p2p_ports": true, "in_meeting.ports_range": "8801,8805"}, params: Params{"allowed_ports": []string{"443", "8801-8810"}}, want: Pass, points: 2},
	{name: "ports that reach out", id: "CIS-1.1.4.4.2", settings: values_{"in_meeting.p2p_ports": true, "in_meeting.ports_range": "8801,8811"}, params: Params{"allowed_ports": []string{"8801-8810"}}, want: Fail},
	{name: "any port", id: "CIS-1.1.4.4.2", settings: values_{"in_meeting.p2p_ports": true, "in_meeting.ports_range": ""}, params: Params{"allowed_ports": []string{"8801-8810"}}, want: Fail},
	{name: "ports nobody listed", id: "CIS-1.1.4.4.2", settings: values_{"in_meeting.p2p_ports": true, "in_meeting.ports_range": "8801,8805"}, want: Manual, reason: "posture.params.allowed_ports"},
	{name: "no ports at all", id: "CIS-1.1.4.4.2", settings: values_{"in_meeting.p2p_ports": true, "in_meeting.ports_range": "high ones"}, params: Params{"allowed_ports": []string{"8801"}}, want: Error},
	{name: "ports the wrong way round", id: "CIS-1.1.4.4.2", settings: values_{"in_meeting.p2p_ports": true, "in_meeting.ports_range": "8805,8801"}, params: Params{"allowed_ports": []string{"8801-8810"}}, want: Error},
	{name: "countries", id: "CIS-1.3.3", settings: values_{"telephony.telephony_regions.selection_values": "US,DE"}, params: Params{"dial_in_countries": []string{"DE", "US", "FR"}}, want: Pass, points: 2},
	{name: "countries as a list", id: "CIS-1.3.3", settings: values_{"telephony.telephony_regions.selection_values": []string{"US", "DE"}}, params: Params{"dial_in_countries": []string{"DE"}}, want: Fail},
	{name: "countries nobody listed", id: "CIS-1.3.3", settings: values_{"telephony.telephony_regions.selection_values": "US"}, want: Manual, reason: "posture.params.dial_in_countries"},
	{name: "a file of its own for two of three views", id: "CIS-1.2.2.4", settings: values_{"recording.record_files_separately.active_speaker": true, "recording.record_files_separately.gallery_view": true,
		"recording.record_files_separately.shared_screen": false}, want: PartialPass, reason: "2 of 3 hold"},
	{name: "a policy of words, by its state alone", id: "ZW-CHAT-12", settings: values_{"chat.chat_etiquette_tool.enable": true, "chat.chat_etiquette_tool.policies": []any{values_{"status": "deactivated"}}}, want: Fail},
	{name: "policies without a state", id: "ZW-CHAT-12", settings: values_{"chat.chat_etiquette_tool.enable": true, "chat.chat_etiquette_tool.policies": []any{values_{}}}, want: Unknown, reason: "without status"},

	{name: "all locked", id: "ZW-MTG-18", locked: []string{"chat.allow_users_to_add_contacts", "chat.allow_users_to_chat_with_others", "chat.share_files"}, want: Pass, points: 5},
	{name: "none locked", id: "ZW-MTG-18", open: []string{"chat.allow_users_to_add_contacts", "chat.allow_users_to_chat_with_others", "chat.share_files"}, want: Fail},
	{name: "two of three locked", id: "ZW-MTG-18", locked: []string{"chat.allow_users_to_add_contacts", "chat.share_files"}, open: []string{"chat.allow_users_to_chat_with_others"},
		want: PartialPass, points: 10. / 3, reason: "2 of 3 hold"},
	{name: "one open, one missing", id: "ZW-MTG-18", locked: []string{"chat.share_files"}, open: []string{"chat.allow_users_to_add_contacts"}, want: Fail, reason: "not every part is known"},
	{name: "a lock missing", id: "ZW-MTG-18", locked: []string{"chat.allow_users_to_add_contacts", "chat.share_files"}, want: Unknown, reason: "the lock of chat.allow_users_to_chat_with_others"},
	{name: "all locked", id: "ZW-MTG-15", locked: []string{"meeting_security.waiting_room", "meeting_security.meeting_password", "meeting_security.pmi_password", "meeting_security.phone_password",
		"meeting_security.end_to_end_encrypted_meetings", "meeting_security.only_authenticated_can_join_from_webclient"}, want: Pass, points: 8},
	{name: "one open", id: "ZW-MTG-15", open: []string{"meeting_security.waiting_room"}, want: Fail},
	{name: "all locked", id: "ZW-MTG-16", locked: []string{"schedule_meeting.meeting_authentication", "schedule_meeting.join_before_host", "schedule_meeting.use_pmi_for_scheduled_meetings",
		"schedule_meeting.use_pmi_for_instant_meetings"}, want: Pass, points: 5},
	{name: "one open", id: "ZW-MTG-16", open: []string{"schedule_meeting.join_before_host"}, want: Fail},
	{name: "all locked", id: "ZW-MTG-17", locked: []string{"recording.cloud_recording_download", "recording.recording_authentication", "recording.auto_delete_cmr",
		"recording.account_user_access_recording", "recording.ip_address_access_control"}, want: Pass, points: 5},
	{name: "one open", id: "ZW-MTG-17", open: []string{"recording.auto_delete_cmr"}, want: Fail},

	{name: "right but open", id: "MS-ZOOM-03", settings: values_{"meeting_security.end_to_end_encrypted_meetings": true, "meeting_security.encryption_type": "e2ee"},
		locked: []string{"meeting_security.encryption_type"}, open: []string{"meeting_security.end_to_end_encrypted_meetings"}, want: PartialPass, points: 4, reason: "not locked"},
	{name: "right, lock unknown", id: "MS-ZOOM-03", settings: values_{"meeting_security.end_to_end_encrypted_meetings": true, "meeting_security.encryption_type": "e2ee"},
		want: Unknown, reason: "whether it is locked is not known"},
	{name: "wrong but locked", id: "MS-ZOOM-03", settings: values_{"meeting_security.end_to_end_encrypted_meetings": true, "meeting_security.encryption_type": "enhanced_encryption"},
		locked: []string{"meeting_security.encryption_type", "meeting_security.end_to_end_encrypted_meetings"}, want: Fail},
	{name: "right but open", id: "CIS-1.1.2.4", settings: values_{"schedule_meeting.join_before_host": false}, open: []string{"schedule_meeting.join_before_host"}, want: PartialPass, points: 4},
	{name: "a recommended lock costs nothing", id: "CIS-1.1.1.2", settings: values_{"meeting_security.waiting_room": true}, open: []string{"meeting_security.waiting_room"}, want: Pass, points: 8, reason: "not locked"},

	{name: "groups cover three of four", id: "MS-ZOOM-01", settings: values_{twoFactorMode: "group", twoFactorGroups: []string{"g1", "g2"}}, users: []User{
		user(1, "0", "active", "licensed", 1, "g1"), user(2, "2", "active", "basic", 1, "g2", "g3"), user(3, "2", "active", "basic", 1, "g1"), user(4, "2", "active", "basic", 1, "g3"),
		user(5, "2", "inactive", "basic", 1), user(6, "2", "pending", "basic", -1)}, want: PartialPass, points: 7.5, reason: "right for 3 of 4 users"},
	{name: "roles cover one of two", id: "MS-ZOOM-01", settings: values_{twoFactorMode: "role", twoFactorRoles: []string{"0", "1"}},
		users: []User{user(1, "0", "active", "licensed", 1), user(2, "2", "active", "basic", 1)}, want: PartialPass, points: 5},
	{name: "roles cover nobody", id: "MS-ZOOM-01", settings: values_{twoFactorMode: "role", twoFactorRoles: []string{}}, users: []User{user(1, "0", "active", "licensed", 1)}, want: Fail},
	{name: "no users to share by", id: "MS-ZOOM-01", settings: values_{twoFactorMode: "role", twoFactorRoles: []string{"0"}}, want: Unknown, reason: "no share of the points"},
	{name: "mode unheard of", id: "ZW-ID-04", settings: values_{twoFactorMode: "some"}, users: []User{user(1, "0", "active", "licensed", 1)}, want: Error, reason: twoFactorMode + " is some"},
	{name: "all", id: "ZW-ID-04", settings: values_{twoFactorMode: "all"}, users: []User{user(1, "0", "active", "licensed", 1)}, want: Pass, points: 10},
	{name: "none", id: "ZW-ID-04", settings: values_{twoFactorMode: "none"}, users: []User{user(1, "0", "active", "licensed", 1), user(2, "2", "active", "basic", 1)}, want: Fail},
	{name: "both roles", id: "ZW-ID-04", settings: values_{twoFactorMode: "role", twoFactorRoles: []string{"0", "1"}}, users: []User{user(1, "0", "active", "licensed", 1), user(2, "1", "active", "basic", 1), user(3, "2", "active", "basic", 1)}, want: Pass, points: 10},
	{name: "an admin in no group", id: "ZW-ID-04", settings: values_{twoFactorMode: "group", twoFactorGroups: []string{"g1"}}, users: []User{user(1, "0", "active", "licensed", 1, "g1"), user(2, "1", "active", "basic", 1)}, want: PartialPass, points: 5},

	{name: "few admins", id: "ZW-USR-04", users: []User{user(1, "0", "active", "licensed", 1), user(2, "1", "active", "basic", 1)}, want: Pass, points: 8},
	{name: "two owners", id: "ZW-USR-04", users: []User{user(1, "0", "active", "licensed", 1), user(2, "0", "active", "basic", 1)}, want: Fail},
	{name: "too many admins", id: "ZW-USR-04", users: []User{user(1, "0", "active", "licensed", 1), user(2, "1", "active", "basic", 1)}, params: Params{"max_admins": 0}, want: Fail},
	{name: "48 days are within 45 and Zoom's delay", id: "ZW-USR-05", users: []User{user(1, "0", "active", "licensed", 48), user(2, "2", "active", "basic", 200)}, want: Pass, points: 5},
	{name: "an idle admin", id: "ZW-USR-05", users: []User{user(1, "0", "active", "licensed", 1), user(2, "1", "active", "basic", 49)}, want: PartialPass, points: 2.5, reason: "right for 1 of 2 users"},
	{name: "an admin of whom nothing is known", id: "ZW-USR-05", users: []User{user(1, "0", "active", "licensed", -1)}, want: Unknown},
	{name: "an idle admin, and one of whom nothing is known", id: "ZW-USR-05", users: []User{user(1, "0", "active", "licensed", -1), user(2, "1", "active", "basic", 60)}, want: Fail},
	{name: "licences in use", id: "ZW-USR-03", users: []User{user(1, "0", "active", "licensed", 93), user(2, "2", "active", "basic", 300)}, want: Pass, points: 5},
	{name: "a licence unused", id: "ZW-USR-03", users: []User{user(1, "0", "active", "licensed", 1), user(2, "2", "active", "licensed", 94)}, want: PartialPass, points: 2.5},
	{name: "fresh invitation", id: "ZW-USR-06", users: []User{{Email: "u00001@example.com", Status: "pending", FirstSeenAt: asOf.AddDate(0, 0, -14)}}, want: Pass, points: 5},
	{name: "stale invitation", id: "ZW-USR-06", users: []User{{Email: "u00001@example.com", Status: "pending", FirstSeenAt: asOf.AddDate(0, 0, -15)}}, want: Fail},
	{name: "deactivated with licence", id: "ZW-USR-07", users: []User{user(1, "2", "inactive", "licensed", 1)}, want: Fail},
	{name: "deactivated without licence", id: "ZW-USR-07", users: []User{user(1, "2", "inactive", "basic", 1), user(2, "2", "active", "licensed", 1)}, want: Pass, points: 2},

	{name: "text for a switch", id: "CIS-1.1.1.2", settings: values_{"meeting_security.waiting_room": "TRUE"}, want: Pass, points: 8},
	{name: "a word for a switch", id: "CIS-1.1.1.2", settings: values_{"meeting_security.waiting_room": "maybe"}, want: Error, reason: "meeting_security.waiting_room is maybe, which is no switch"},
	{name: "an object for a switch", id: "CIS-1.1.1.2", settings: values_{"meeting_security.waiting_room": values_{"enable": true}}, want: Error, reason: "an object"},
	{name: "a switch for a word", id: "MS-ZOOM-03", settings: values_{"meeting_security.end_to_end_encrypted_meetings": true, "meeting_security.encryption_type": true}, want: Error, reason: "meeting_security.encryption_type is on, which is no word"},
	{name: "a word for a number", id: "MS-ZOOM-02", settings: values_{"security.sign_again_period_for_inactivity_on_web": "never"}, want: Error},
	{name: "null is nothing", id: "CIS-1.1.1.2", settings: values_{"meeting_security.waiting_room": nil}, want: Unknown},
	{name: "no default option", id: "ZW-MTG-03", settings: values_{"meeting_authentication_options": []any{}}, want: Unknown, reason: "no entry that is default_option"},
	{name: "options of another shape", id: "ZW-MTG-03", settings: values_{"meeting_authentication_options": []any{1, 2}}, want: Error},
}

// tenUsers are one owner and nine members: four in group g1, three of example.org, of whom two are in group g2.
func tenUsers() []User {
	users := make([]User, 10)
	for i := range users {
		users[i] = User{ID: fmt.Sprintf("id%d", i), Email: fmt.Sprintf("u%05d@example.com", i), RoleID: roleMember, Status: "active"}
		if i < 4 {
			users[i].Groups = []string{"g1"}
		}
		if i > 6 {
			users[i].Email = fmt.Sprintf("u%05d@example.org", i)
		}
		if i > 7 {
			users[i].Groups = []string{"g2"}
		}
	}
	users[0].RoleID = roleOwner
	return users
}

// signIn are the settings of who signs in how, by work e-mail too. sso says whether single sign-on is on and required.
func signIn(mode string, of []string, sso bool, domains []string, around ...string) values_ {
	m := values_{"security.sign_in_with_work_email": true, twoFactorMode: mode, twoFactorGroups: []string{}, twoFactorRoles: []string{}, ssoOn: sso, ssoRequired: sso,
		ssoDomains: append([]string{}, domains...), ssoBypass: append([]string{}, around...)}
	if mode == "group" {
		m[twoFactorGroups] = append([]string{}, of...)
	}
	return m
}

func without(m values_, path string) values_ {
	delete(m, path)
	return m
}

func integrations(on ...string) values_ {
	m := values_{}
	for _, name := range []string{"box", "dropbox", "google_calendar", "google_drive", "kubi", "microsoft_one_drive"} {
		m["integration."+name] = false
	}
	for _, name := range on {
		m["integration."+name] = true
	}
	return m
}

func TestInputCases(t *testing.T) {
	for _, tc := range inputCases {
		t.Run(tc.id+" "+tc.name, func(t *testing.T) {
			if err := catalogue(t).CheckParams(tc.params); err != nil {
				t.Fatal(err)
			}
			ctl, _ := catalogue(t).Control(tc.id)
			s := switchedOn(t, &ctl, values(t, tc.settings))
			lockAll(s, true, tc.locked...)
			lockAll(s, false, tc.open...)
			r := judge(t, tc.id, Input{Settings: s, Users: tc.users, Domains: tc.domains, Params: tc.params})
			if r.Status != tc.want || math.Abs(r.Points-tc.points) > 1e-9 {
				t.Errorf("%s with %v points (%s), want %s with %v", r.Status, r.Points, r.Reason, tc.want, tc.points)
			}
			if !strings.Contains(r.Reason, tc.reason) {
				t.Errorf("reason %q, want one with %q", r.Reason, tc.reason)
			}
		})
	}
}

// mutants returns copies of a condition in each of which one comparison, or the whole, is turned round.
func mutants(e Expr) []Expr {
	whole := e
	list := []Expr{{Not: &whole}}
	for i := range e.All {
		for _, m := range mutants(e.All[i]) {
			c := e
			c.All = slices.Clone(e.All)
			c.All[i] = m
			list = append(list, c)
		}
	}
	for i := range e.Any {
		for _, m := range mutants(e.Any[i]) {
			c := e
			c.Any = slices.Clone(e.Any)
			c.Any[i] = m
			list = append(list, c)
		}
	}
	return list
}

// The cases are worth something: turning round any comparison of any control breaks one of them.
func TestCasesFindEveryComparisonTurnedRound(t *testing.T) {
	cases := readCases(t)
	c := catalogue(t)
	for _, ctl := range c.Controls {
		if ctl.Automation == AutomationManual || ctl.onObjects() {
			continue // TestManualControls, objects_test.go
		}
		caught := func(m Expr) bool {
			one := *c
			changed := ctl
			changed.Assert = m
			changed.Partial = nil // its share may rest on the form of the assertion; cases of status partial are left out
			one.Controls = []Control{changed}
			status := func(in Input) Status {
				in.Feeds, in.AsOf = feedsOK(), asOf
				if len(ctl.Profiles) > 0 {
					in.Profile = ctl.Profiles[0]
				}
				return Evaluate(&one, in)[0].Status
			}
			for want, list := range map[Status][]map[string]any{Pass: cases[ctl.ID].Good, Fail: cases[ctl.ID].Bad} {
				for _, v := range list {
					if status(inputOf(t, &ctl, v)) != want {
						return true
					}
				}
			}
			for _, tc := range inputCases {
				if tc.id != ctl.ID || tc.want == PartialPass {
					continue
				}
				s := switchedOn(t, &ctl, values(t, tc.settings))
				lockAll(s, true, tc.locked...)
				lockAll(s, false, tc.open...)
				if status(Input{Settings: s, Users: tc.users, Domains: tc.domains, Params: tc.params}) != tc.want {
					return true
				}
			}
			return false
		}
		for i, m := range mutants(ctl.Assert) {
			if !caught(m) {
				t.Errorf("%s: comparison %d turned round goes unnoticed", ctl.ID, i)
			}
		}
	}
}
