package zoomtest

import (
	"net/http"
	"strings"
)

// closedPaths are endpoints that Zoom has and this account holds nothing for. They refuse as Zoom refuses an app: for want of a scope, else
// for want of a permission. Collectors that read more than is served here go on after either, and take "no such endpoint" for a fault.
var closedPaths = [...]struct {
	path   string
	label  rateLabel
	scopes []string
	paid   bool
}{
	{"users/{}/settings", medium, []string{"user:read:admin", "user:read:settings:admin"}, false},
	{"users/{}/recordings", medium, []string{"recording:read:admin", "cloud_recording:read:list_user_recordings:admin"}, false},
	{"groups", medium, []string{"group:read:admin", "group:read:list_groups:admin"}, false},
	{"groups/{}", light, []string{"group:read:admin", "group:read:group:admin"}, false},
	{"groups/{}/members", medium, []string{"group:read:admin", "group:read:list_members:admin"}, false},
	{"roles", medium, []string{"role:read:admin", "role:read:list_roles:admin"}, true},
	{"roles/{}", light, []string{"role:read:admin"}, true},
	{"roles/{}/members", medium, []string{"role:read:admin"}, true},
	{"accounts/{}/managed_domains", light, []string{"account:read:admin", "account:read:managed_domains:master"}, true},
	{"accounts/{}/trusted_domains", light, []string{"account:read:admin", "account:read:trusted_domains:master"}, true},
	{"chat/users/{}/channels", medium, []string{"chat_channel:read:admin", "team_chat:read:list_user_channels:admin"}, false},
	{"report/daily", heavy, []string{"report:read:admin"}, true},
	{"report/users", heavy, []string{"report:read:admin", "report:read:list_users:admin"}, true},
	{"report/users/{}/meetings", heavy, []string{"report:read:admin", "report:read:user:admin"}, true},
	{"report/meeting_activities", heavy, []string{"report:read:admin", "report:read:meeting_activity_log:admin"}, true},
	{"report/cloud_recording", heavy, []string{"report:read:admin"}, true},
	{"report/telephone", heavy, []string{"report:read:admin", "report:read:telephone:admin"}, true},
	{"report/upcoming_events", heavy, []string{"report:read:admin", "report:read:upcoming_meetings_webinars:admin"}, true},
	{"metrics/meetings", resourceIntensive, []string{"dashboard_meetings:read:admin", "dashboard:read:list_meetings:admin"}, true},
}

func closedEndpoints() []endpoint {
	var out []endpoint
	for _, c := range closedPaths {
		out = append(out, endpoint{strings.Split(c.path, "/"), c.label, c.scopes, c.paid, noPermission})
	}
	return out
}

func noPermission(*http.Request, string) (any, *apiError) {
	return nil, &apiError{status: http.StatusBadRequest, Code: codeNoPermission, Message: "No permission."}
}
