package zoomtest

import "slices"

// An appPlan is an app with the listings it is in.
type appPlan struct {
	App
	listings []string
}

// appListings are the documented values of type.
var appListings = []string{"active_requests", "past_requests", "public", "account_created", "approved_apps", "restricted_apps", "account_added"}

var appPlans = []appPlan{
	{App{Name: "Example Calendar Sync", Description: "Puts meetings into calendars.", Type: "OAuthApp", Usage: 1, Status: "PUBLISHED", Developer: "THIRD_PARTY",
		Scopes: []string{"meeting:read:meeting", "user:read:user"}, ApprovedFor: "forAllUser"}, []string{"public", "approved_apps", "account_added"}},
	{App{Name: "Example Notes", Description: "Takes notes in meetings.", Type: "ZoomApp", Usage: 1, Status: "PUBLISHED", Developer: "THIRD_PARTY",
		Scopes: []string{"meeting:read:meeting", "cloud_recording:read:list_user_recordings", "zoomapp:inmeeting"}, ApprovedFor: "forSpecificUser"},
		[]string{"public", "approved_apps", "account_added"}},
	{App{Name: "Example Provisioning", Description: "Creates and removes users.", Type: "GeneralApp", Usage: 2, Status: "UNPUBLISHED", Developer: "INTERNAL",
		Scopes: []string{"user:write:user:admin", "user:delete:user:admin", "group:write:group:admin"}, ApprovedFor: "forAllUser"},
		[]string{"account_created", "approved_apps", "account_added"}},
	{App{Name: "Example Audit Reader", Description: "Reads audit reports.", Type: "GeneralApp", Usage: 2, Status: "UNPUBLISHED", Developer: "INTERNAL",
		Scopes: []string{"report:read:admin", "user:read:admin", "account:read:admin"}, ApprovedFor: "forAllUser"}, []string{"account_created", "approved_apps", "account_added"}},
	{App{Name: "Example Polls", Description: "Asks questions in chat.", Type: "ChatBotApp", Usage: 2, Status: "PUBLISHED", Developer: "THIRD_PARTY",
		Scopes: []string{"imchat:bot", "team_chat:read:user_channel"}, ApprovedFor: "forAllUser"}, []string{"public", "approved_apps", "account_added"}},
	{App{Name: "Example Recording Export", Description: "Copies recordings elsewhere.", Type: "OAuthApp", Usage: 2, Status: "PUBLISHED", Developer: "THIRD_PARTY",
		Scopes: []string{"cloud_recording:read:list_account_recordings:admin", "cloud_recording:delete:meeting_recording:admin", "account:write:settings:admin"}},
		[]string{"public", "account_added"}},
	{App{Name: "Example Whiteboard", Description: "Draws.", Type: "ZoomApp", Usage: 1, Status: "PUBLISHED", Developer: "ZOOM",
		Scopes: []string{"whiteboard:read:whiteboard"}, ApprovedFor: "forAllUser"}, []string{"public", "approved_apps"}},
	{App{Name: "Example Transcriber", Description: "Writes down what is said.", Type: "ZoomApp", Usage: 1, Status: "PUBLISHED", Developer: "THIRD_PARTY",
		Scopes: []string{"meeting:read:meeting", "meeting:read:participant_audio"}}, []string{"public", "active_requests"}},
	{App{Name: "Example Dialer", Description: "Calls people.", Type: "OAuthApp", Usage: 1, Status: "PUBLISHED", Developer: "THIRD_PARTY",
		Scopes: []string{"phone:write:call"}}, []string{"public", "restricted_apps", "past_requests"}},
}

// Apps implements AppStore. What the account added came within its history.
func (c *Company) Apps(listing string) []App {
	var out []App
	for i, plan := range appPlans {
		if !slices.Contains(plan.listings, listing) {
			continue
		}
		a := plan.App
		h := hash(c.opt.Seed, forApps, i, 0)
		a.ID, a.Scopes = opaque(h, 16), slices.Clone(a.Scopes)
		if a.ApprovedFor != "" {
			by := c.admins[h%uint64(len(c.admins))]
			a.ApproverID, a.ApprovedAt = by.id, timeAt(int64(c.first)*secondsPerDay-int64(h>>20%(200*secondsPerDay)))
		}
		out = append(out, a)
	}
	return out
}
