package features

// A Behaviour is one thing that is counted per user and day.
type Behaviour struct {
	ID    string // stable name, as in observations.behaviour
	Unit  string // what a count of one is, in the plural
	Count string // SQL aggregate over the rows of table day_events; see events.sql
}

// Behaviours is the catalogue, in a fixed order: the state of the fold follows it.
var Behaviours = []Behaviour{
	{"sign_ins", "sign-ins", `count(*) FILTER (kind = 'sign_in')`},
	{"further_prefixes", "network prefixes beyond the first", `greatest(count(DISTINCT ip_prefix) - 1, 0)`},
	{"further_networks", "networks (ASN) beyond the first", `greatest(count(DISTINCT asn) - 1, 0)`},
	{"further_countries", "countries beyond the first", `greatest(count(DISTINCT country_code) - 1, 0)`},
	{"further_clients", "kinds of client beyond the first", `greatest(count(DISTINCT client_type) - 1, 0)`},
	{"operations", "operations", `count(*) FILTER (kind = 'operation')`},
	{"admin_operations", "admin operations", `count(*) FILTER (is_admin)`},
	{"off_hours_admin_operations", "admin operations at night", `count(*) FILTER (is_admin AND is_off_hours)`},
	{"setting_changes", "account setting changes", `count(*) FILTER (category = 'account' AND setting IS NOT NULL)`},
	{"role_changes", "role changes", `count(*) FILTER (detail LIKE 'change role%')`},
	{"user_removals", "users deleted or deactivated", `count(*) FILTER (category = 'user' AND (op_action LIKE '%delete%' OR detail LIKE 'deactivate user%' OR detail LIKE 'delete user%'))`},
	{"user_additions", "users added", `count(*) FILTER (category = 'user' AND (op_action LIKE '%add%' OR op_action LIKE '%create%'))`},
	{"recording_deletions", "recordings deleted", `count(*) FILTER (category = 'recording' AND (op_action LIKE '%delete%' OR op_action LIKE '%trash%'))`},
	{"recording_accesses", "recordings downloaded, shared or exported", `count(*) FILTER (category = 'recording' AND (op_action LIKE '%download%' OR op_action LIKE '%share%' OR op_action LIKE '%export%'))`},
}

// behaviourIndex finds a behaviour by its id.
var behaviourIndex = func() map[string]int {
	m := make(map[string]int, len(Behaviours))
	for i, b := range Behaviours {
		m[b.ID] = i
	}
	return m
}()

// BehaviourIndex returns the place of a behaviour in Behaviours; it panics on an id that is not there.
func BehaviourIndex(id string) int {
	i, ok := behaviourIndex[id]
	if !ok {
		panic("features: no behaviour " + id)
	}
	return i
}
