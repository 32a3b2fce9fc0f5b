package ingest_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zoomward/zoomward/ingest"
	"github.com/zoomward/zoomward/ingest/zoom"
	"github.com/zoomward/zoomward/ingest/zoomtest"
	"github.com/zoomward/zoomward/store"
)

// Every feed with its endpoints, labels, scopes, plans and longest windows, as in Zoom's API reference and its tables of scopes and rate limits (2026).
const feedTable = `
users: /users medium free - user:read:admin user:read:list_users:admin user:write:admin
activities: /report/activities heavy pro 31d report:read:admin report:read:user_activities:admin
operations: /report/operationlogs heavy pro 31d report:read:admin report:read:operation_logs:admin
settings: /accounts/{accountId}/settings medium pro - account:read:admin account:read:settings:admin account:read:settings:master
settings: /accounts/{accountId}/lock_settings medium pro - account:read:admin account:read:lock_settings:admin account:read:lock_settings:master
roles: /roles medium pro - role:read:admin role:read:list_roles:admin
roles: /roles/{roleId} light pro - role:read:admin role:read:role:admin
groups: /groups medium pro - group:read:admin group:read:list_groups:admin group:write:admin
domains: /accounts/{accountId}/managed_domains light pro - account:read:admin account:read:managed_domains:master
domains: /accounts/{accountId}/trusted_domains light pro - account:read:admin account:read:trusted_domains:master
im_groups: /im/groups medium pro - imgroup:read:admin contact_group:read:list_groups:admin imgroup:write:admin
apps: /marketplace/apps medium free - marketplace_app:read:admin marketplace:read:list_apps:admin
public_channels: /chat/channels medium free - chat_channel:read:admin team_chat:read:list_channels:admin
channel_activities: /chat/activities/channels medium pro 31d chat_channel:read:admin team_chat:read:list_channel_activity_logs:admin
history_meetings: /report/history_meetings heavy pro 31d report:read:admin report:read:list_history_meetings:admin
remote_support: /report/remote_support heavy pro 31d report:read:admin report:read:remote_support:admin
telephone: /report/telephone heavy pro 31d report:read:admin report:read:telephone:admin
daily: /report/daily heavy pro - report:read:admin
meeting_activities: /report/meeting_activities heavy pro 31d report:read:admin report:read:meeting_activity_log:admin
phone_settings: /phone/account_settings light pro - phone:read:admin phone:read:list_account_settings:admin
role_members: /roles/{roleId}/members medium pro - role:read:admin role:read:list_members:admin
group_settings: /groups/{groupId}/settings medium pro - group:read:admin group:read:settings:admin group:write:admin
group_settings: /groups/{groupId}/lock_settings medium pro - group:read:admin group:read:lock_settings:admin group:write:admin
hosts: /report/users heavy pro 31d report:read:admin report:read:list_users:admin
dashboard_meetings: /metrics/meetings resource-intensive business 31d dashboard_meetings:read:admin dashboard:read:list_meetings:admin dashboard:read:admin
user_meetings: /report/users/{userId}/meetings heavy pro 31d report:read:admin report:read:user:admin
dashboard_participants: /metrics/meetings/{meetingId}/participants heavy business - dashboard_meetings:read:admin dashboard:read:list_meeting_participants:admin dashboard:read:admin
meeting_participants: /report/meetings/{meetingId}/participants heavy pro - report:read:admin report:read:list_meeting_participants:admin
recordings: /users/{userId}/recordings medium pro 31d recording:read:admin cloud_recording:read:list_user_recordings:admin cloud_recording:read:list_user_recordings:master
user_settings: /users/{userId}/settings medium free - user:read:admin user:read:settings:admin user:write:admin
user_channels: /chat/users/{userId}/channels medium free - chat_channel:read:admin team_chat:read:list_user_channels:admin
user_details: /users/{userId} light free - user:read:admin user:read:user:admin user:write:admin
user_assistants: /users/{userId}/assistants medium free - user:read:admin user:read:list_assistants:admin
upcoming_meetings: /users/{userId}/meetings medium free - meeting:read:admin meeting:read:list_meetings:admin
meeting_settings: /meetings/{meetingId} light free - meeting:read:admin meeting:read:meeting:admin
recording_settings: /meetings/{meetingId}/recordings/settings light pro - recording:read:admin cloud_recording:read:recording_settings:admin cloud_recording:read:recording_settings:master
channel_members: /chat/users/{userId}/channels/{channelId}/members medium free - chat_channel:read:admin team_chat:read:list_members:admin
`

func TestFeedTable(t *testing.T) {
	var b strings.Builder
	for _, f := range ingest.Feeds() {
		for _, ep := range f.Endpoints {
			window := "-"
			if ep.MaxWindow > 0 {
				window = fmt.Sprintf("%dd", ep.MaxWindow/(24*time.Hour))
			}
			fmt.Fprintf(&b, "%s: %s %s %s %s %s\n", f.Name, ep.Path, ep.Label, ep.MinPlan, window, strings.Join(ep.Scopes, " "))
		}
	}
	if d := cmp.Diff(strings.TrimSpace(feedTable), strings.TrimSpace(b.String())); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// landedRows returns how many rows each table of the feeds holds.
func landedRows(t testing.TB, db *store.DB) map[string]int64 {
	t.Helper()
	var rows struct {
		Name []string `col:"name"`
	}
	if err := db.Read(t.Context(), &rows, `SELECT table_name AS name FROM duckdb_tables() WHERE schema_name = 'ingest' AND table_name NOT IN ('loose_rows', 'rejected_rows', 'failed_sign_ins')`); err != nil {
		t.Fatal(err)
	}
	out := map[string]int64{}
	for _, name := range rows.Name {
		var n int64
		if err := db.Row(t.Context(), `SELECT count(*) FROM ingest.`+name).Scan(&n); err != nil {
			t.Fatal(err)
		}
		out[name] = n
	}
	return out
}

// rare are tables that may be empty: a small account has no remote support in a week, and the dashboard, which is open, tells of the participants.
var rare = map[string]bool{"user_assistants": true, "meeting_participants": true, "remote_support": true, "telephone_usage": true, "channel_activities": true}

// tablesOf are the tables that a feed fills.
var tablesOf = map[string][]string{
	"users": {"users"}, "activities": {"activities"}, "operations": {"operations"}, "settings": {"setting_versions"}, "roles": {"roles"}, "groups": {"groups"}, "domains": {"domains"}, "im_groups": {"im_groups"},
	"apps": {"apps"}, "public_channels": {"chat_channels"}, "channel_activities": {"channel_activities"}, "history_meetings": {"history_meetings"}, "remote_support": {"remote_support"},
	"telephone": {"telephone_usage"}, "daily": {"daily_usage"}, "meeting_activities": {"meeting_activities"}, "role_members": {"role_members"}, "group_settings": {"scoped_settings"},
	"hosts": {"hosts"}, "dashboard_meetings": {"dashboard_meetings"}, "user_meetings": {"user_meetings"}, "dashboard_participants": {"dashboard_participants"},
	"meeting_participants": {"meeting_participants"}, "recordings": {"recordings"}, "user_settings": {"scoped_settings"}, "user_channels": {"chat_channels"},
	"recording_settings": {"recording_settings"}, "channel_members": {"channel_members"}, "phone_settings": {"phone_settings"}, "user_details": {"user_details"},
	"user_assistants": {"user_assistants"}, "upcoming_meetings": {"upcoming_meetings"}, "meeting_settings": {"meeting_settings"},
}

// needs says from which other feeds' rows a feed lives, directly or not: where those are refused it has less to ask for.
var needs = map[string][]string{
	"role_members": {"roles"}, "group_settings": {"groups"}, "user_meetings": {"hosts"}, "recording_settings": {"recordings", "history_meetings", "dashboard_meetings", "user_meetings", "hosts"},
	"recordings": {"history_meetings", "dashboard_meetings", "user_meetings", "hosts"}, "channel_members": {"user_channels", "public_channels", "users"}, "user_settings": {"users"}, "user_channels": {"users"},
	"user_details": {"users"}, "user_assistants": {"users"}, "upcoming_meetings": {"users"}, "meeting_settings": {"upcoming_meetings", "users"},
	"dashboard_participants": {"history_meetings", "dashboard_meetings", "user_meetings", "hosts"},
	"meeting_participants":   {"history_meetings", "dashboard_meetings", "user_meetings", "hosts", "dashboard_participants"},
}

// Each scope refused in turn, in both spellings: the feeds that it opens are marked and named with the scope, the run is partial, and all others land what they land
// with every scope. Granted again, everything is there.
func TestEveryScopeRefusedInTurn(t *testing.T) {
	granular, classic := map[string]bool{}, map[string]bool{}
	for _, ep := range zoom.Endpoints() {
		classic[ep.Scopes[0]] = true
		if len(ep.Scopes) > 1 {
			granular[ep.Scopes[1]] = true
		} else {
			granular[ep.Scopes[0]] = true // Zoom has no granular one: it opens more than this endpoint
		}
	}
	s := simulate(t, 20, 8, zoomtest.ServerOptions{Plan: "business", Scopes: slices.Sorted(maps.Keys(classic))})
	s.days = 12
	whole := s.everything(t)
	some := []string{"report:read:admin", "user:read:admin", "role:read:list_roles:admin"} // under -short
	for _, scopes := range []map[string]bool{classic, granular} {
		for refused := range scopes {
			if testing.Short() && !slices.Contains(some, refused) {
				continue
			}
			t.Run(refused, func(t *testing.T) {
				s.fresh(t)
				granted := slices.DeleteFunc(slices.Sorted(maps.Keys(scopes)), func(x string) bool {
					return x == refused || x == "report:read:admin" && scopes[x] && len(scopes) > len(classic)
				})
				s.server.SetScopes(granted)
				s.newClient(t)
				s.feeds = nil
				if len(scopes) > len(classic) {
					s.feeds = concerned(refused) // that nothing else is stopped, the classic spelling shows
				}
				rep := s.runAll(t, companyNow)
				s.feeds = nil
				if !rep.Partial() {
					t.Errorf("not partial without %s", refused)
				}
				closed := map[string]bool{}
				for _, f := range ingest.Feeds() {
					closed[f.Name] = slices.ContainsFunc(f.Endpoints, func(ep zoom.Endpoint) bool {
						return !slices.ContainsFunc(ep.Scopes, func(x string) bool { return slices.Contains(granted, x) })
					})
				}
				got := landedRows(t, s.db)
				for _, f := range rep.Feeds {
					lacking := slices.ContainsFunc(needs[f.Feed], func(x string) bool { return closed[x] })
					switch {
					case closed[f.Feed] && f.State == ingest.StateOK && f.Visits > 0, closed[f.Feed] && !lacking && f.State == ingest.StateOK && f.Feed != "meeting_participants": // nothing to ask while the dashboard is open
						t.Errorf("%s is %s without its scope: %+v", f.Feed, f.State, f)
					case closed[f.Feed] && f.State == ingest.StateNotAuthorised:
						if !strings.Contains(f.Message, "scopes of the app") {
							t.Errorf("%s: message %q", f.Feed, f.Message)
						}
					case !closed[f.Feed] && !lacking && f.State != ingest.StateOK:
						t.Errorf("%s is %s, %s is refused: %s", f.Feed, f.State, refused, f.Message)
					}
					if !closed[f.Feed] && !lacking && f.Feed != "meeting_participants" && f.Feed != "public_channels" && f.Feed != "user_channels" && f.Feed != "group_settings" && f.Feed != "user_settings" {
						for _, table := range tablesOf[f.Feed] {
							if got[table] != whole[table] {
								t.Errorf("%s: %d rows in %s, with every scope %d", f.Feed, got[table], table, whole[table])
							}
						}
					}
				}
				if len(scopes) > len(classic) {
					return // once for each spelling would show nothing new
				}
				s.server.SetScopes(nil)
				s.newClient(t)
				if rep := s.runAll(t, companyNow); rep.Partial() {
					t.Errorf("with every scope again: %+v", rep)
				}
				after := landedRows(t, s.db)
				for _, kept := range []string{"meeting_participants", "setting_versions"} { // read while the dashboard was shut; versions, of which a path may have two now
					after[kept] = whole[kept]
				}
				if d := cmp.Diff(whole, after); d != "" {
					t.Errorf("rows with every scope again (-want +got):\n%s", d)
				}
			})
		}
	}
}

// concerned are the feeds that a scope opens, those they live from, and two of the first.
func concerned(scope string) []string {
	out := []string{"users", "operations"}
	for _, f := range ingest.Feeds() {
		if slices.ContainsFunc(f.Endpoints, func(ep zoom.Endpoint) bool { return slices.Contains(ep.Scopes, scope) }) {
			out = append(out, f.Name)
			for _, x := range needs[f.Name] {
				if x != "dashboard_participants" { // which would leave nothing to ask for
					out = append(out, x)
				}
			}
		}
	}
	return out
}

// everything reads every feed into a database of its own and returns the rows.
func (s *simulated) everything(t testing.TB) map[string]int64 {
	t.Helper()
	s.fresh(t)
	if rep := s.runAll(t, companyNow); rep.Partial() {
		t.Fatalf("%+v", rep)
	}
	rows := landedRows(t, s.db)
	for name, n := range rows {
		if n == 0 && !rare[name] {
			t.Fatalf("the account has nothing for %s", name)
		}
	}
	return rows
}

// fresh gives the account a new database.
func (s *simulated) fresh(t testing.TB) {
	t.Helper()
	db, err := store.Open(context.Background(), "", store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	s.db = db
}

// newClient makes a client that has no token yet.
func (s *simulated) newClient(t testing.TB) {
	t.Helper()
	client, err := zoom.New(zoom.Config{AccountID: "account", ClientID: "client", ClientSecret: zoom.NewSecret("secret"), APIURL: s.server.URL + "/v2", OAuthURL: s.server.URL,
		Plan: zoom.PlanNone, Sleep: func(context.Context, time.Duration) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	s.client = client
}
