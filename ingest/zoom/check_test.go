package zoom

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCheck(t *testing.T) {
	grants := func(scope string) reply {
		return body(200, `{"access_token":"x","token_type":"Bearer","expires_in":3600,"scope":"`+scope+`"}`)
	}
	const all = "user:read:admin report:read:admin account:read:admin"
	for _, tt := range []struct {
		name   string
		token  reply
		api    reply
		edit   func(*Config)
		status string
		access string // o, c or ? per endpoint
	}{
		{"classic", grants(all), onePage, nil, StatusConnected, "ooooo"},
		{"granular", grants("user:read:list_users:admin report:read:user_activities:admin account:read:settings:admin"), onePage, nil, StatusConnected, "oococ"},
		{"lock settings by master scope", grants("user:read:admin account:read:lock_settings:master"), onePage, nil, StatusConnected, "occco"},
		{"the scopes of the card", grants("account:read:admin chat_channel:read:admin user:read:admin"), onePage, nil, StatusConnected, "occoo"},
		{"scopes not said", grants(""), onePage, nil, StatusConnected, "o????"},
		{"free plan", grants(all), onePage, func(c *Config) { c.Plan = PlanFree }, StatusConnected, "occcc"},
		{"token rejected", body(401, `{"reason":"Invalid client_id or client_secret","error":"invalid_client"}`), onePage, nil, StatusTokenRejected, "?????"},
		{"rate limit on tokens", body(429, perSecond), onePage, nil, StatusRateLimited, "?????"},
		{"revoked", grants(all), body(401, `{"code":124,"message":"Invalid access token."}`), nil, StatusTokenRejected, "ooooo"},
		{"scope", grants("report:read:admin"), body(400, `{"code":4711,"message":"Invalid access token, does not contain scopes:[user:read:admin, user:read:list_users:admin]."}`),
			nil, StatusMissingScope + "user:read:admin", "coocc"},
		{"scope of a granular app", grants("report:read:admin"), body(400, `{"code":4711,"message":"does not contain scopes:[user:read:list_users, user:read:list_users:admin]."}`),
			nil, StatusMissingScope + "user:read:list_users:admin", "coocc"},
		{"plan", grants(all), body(400, `{"code":200,"message":"Only available for Paid account: x"}`), nil, StatusPlanTooLow + "users", "coooo"},
		{"gone", cutOff, onePage, nil, StatusUnreachable, "?????"},
		{"server errors", grants(all), body(502, ""), nil, StatusUnreachable, "ooooo"},
		{"quota", grants(all), body(429, daily), nil, StatusRateLimited, "ooooo"},
		{"other", grants(all), body(404, `{"code":2001,"message":"Account does not exist"}`), nil, StatusRefused, "ooooo"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t, tt.api)
			for range maxTries {
				f.token = append(f.token, tt.token)
			}
			cfg := f.config()
			if tt.edit != nil {
				tt.edit(&cfg)
			}
			c, err := New(cfg)
			if err != nil {
				t.Fatal(err)
			}
			k := c.Check(context.Background())
			access := ""
			for _, e := range k.Endpoints[:5] { // users, the two reports, settings and locks
				access += map[Access]string{AccessOpen: "o", AccessClosed: "c", AccessUnknown: "?"}[e.Access]
				if (e.Reason == "") != (e.Access == AccessOpen) {
					t.Errorf("%s is %s for reason %q", e.Endpoint.Name, e.Access, e.Reason)
				}
			}
			if d := cmp.Diff([]string{tt.status, tt.access}, []string{k.Status, access}); d != "" {
				t.Errorf("(-want +got):\n%s\n%v", d, k.Err)
			}
			if (k.Err == nil) != (tt.status == StatusConnected) {
				t.Errorf("status %q with error %v", k.Status, k.Err)
			}
		})
	}
}

func TestEndpoints(t *testing.T) {
	names := map[string]bool{}
	for _, e := range Endpoints() {
		if names[e.Name] || e.Path[0] != '/' || len(e.Scopes) == 0 || documentedRate(PlanPro, e.Label) == 0 || e.MaxPageSize > 0 && e.rows == "" {
			t.Errorf("incomplete or double: %+v", e)
		}
		names[e.Name] = true
	}
}
