package zoom

import "time"

// Endpoint describes one Zoom API endpoint: what it needs and how much it gives at a time.
type Endpoint struct {
	// Name is the endpoint's short name, stable, snake_case.
	Name string
	// Path is below the API's base URL; {accountId} is filled with "me".
	Path string
	// Label is Zoom's rate limit label.
	Label Label
	// Scopes open the endpoint, any one of them; the classic spelling first, then the granular one, then others that do.
	Scopes []string
	// MinPlan is the cheapest plan on which Zoom answers.
	MinPlan Plan
	// MaxWindow is the longest span from the first to the last date of one call, 0 for an endpoint without dates. Zoom documents one
	// month and not how it counts; a window inside one calendar month is right however it does.
	MaxWindow time.Duration
	// MaxPageSize is the page size to ask for, 0 for an endpoint without pages.
	MaxPageSize int
	// rows is the key of the rows in a page.
	rows string
}

const day = 24 * time.Hour

// Endpoints lists every endpoint this client calls (scopes, labels and sizes as in Zoom's API reference and its scope tables, 2026).
// Zoom documents 2,000 users a page today and 300 in older editions; 300 is right under both.
func Endpoints() []Endpoint {
	return []Endpoint{endpointUsers(), endpointActivities(), endpointOperations(), endpointSettings(), endpointLocks()}
}

func endpointUsers() Endpoint {
	return Endpoint{Name: "users", Path: "/users", Label: LabelMedium, MinPlan: PlanFree, MaxPageSize: 300, rows: "users",
		Scopes: []string{"user:read:admin", "user:read:list_users:admin", "user:write:admin"}}
}

func endpointActivities() Endpoint {
	return Endpoint{Name: "activities", Path: "/report/activities", Label: LabelHeavy, MinPlan: PlanPro, MaxPageSize: 300, MaxWindow: 31 * day,
		rows: "activity_logs", Scopes: []string{"report:read:admin", "report:read:user_activities:admin"}}
}

func endpointOperations() Endpoint {
	return Endpoint{Name: "operations", Path: "/report/operationlogs", Label: LabelHeavy, MinPlan: PlanPro, MaxPageSize: 300, MaxWindow: 31 * day,
		rows: "operation_logs", Scopes: []string{"report:read:admin", "report:read:operation_logs:admin"}}
}

func endpointSettings() Endpoint {
	return Endpoint{Name: "account_settings", Path: "/accounts/{accountId}/settings", Label: LabelMedium, MinPlan: PlanPro,
		Scopes: []string{"account:read:admin", "account:read:settings:admin", "account:read:settings:master"}}
}

// Zoom's documents disagree on the granular scope of lock settings (:admin or :master), so both are accepted.
func endpointLocks() Endpoint {
	return Endpoint{Name: "lock_settings", Path: "/accounts/{accountId}/lock_settings", Label: LabelMedium, MinPlan: PlanPro,
		Scopes: []string{"account:read:admin", "account:read:lock_settings:admin", "account:read:lock_settings:master"}}
}
