package models

// An Indicator is a named sign of risk. A finding names those that hold in its evidence, under details.indicators, with their values; the view risk_indicators lists them.
type Indicator struct {
	ID    string // R01 to R56, stable
	Name  string // key in the evidence
	Group string // risk factor group
	About string
}

// Indicators is every indicator, in the eight risk factor groups that Microsoft Defender for Cloud Apps judges users by.
var Indicators = []Indicator{
	{"R01", "ip_is_tor", "Risky address", "the address was an exit of the Tor network by the list that held at the time"},
	{"R02", "ip_is_anonymous_proxy", "Risky address", "the address belongs to an open, residential or commercial proxy or VPN"},
	{"R03", "ip_in_threat_list", "Risky address", "the address stands on a list of threats"},
	{"R04", "ip_is_hosting_asn", "Risky address", "the network is a data centre or cloud"},
	{"R05", "ip_is_private_relay_or_satellite", "Risky address", "a privacy relay or satellite network: its place says little"},
	{"R06", "ip_user_fanout", "Risky address", "different users to whom the address (a /64 of IPv6) signed in within a day"},
	{"R07", "ip_tag_category", "Risky address", "what the network is used for, by databases and lists"},
	{"R08", "failed_signin_count_5m", "Login failures", "most failed sign-ins of the user within five minutes"},
	{"R09", "failed_users_per_ip", "Login failures", "different users whose sign-ins from the address failed"},
	{"R10", "fail_then_success", "Login failures", "a sign-in succeeded within six hours of a burst of failures"},
	{"R11", "lockout_reset_ops", "Login failures", "operations that lock, unlock or reset an account"},
	{"R12", "registration_denials", "Login failures", "registrations of one person that hosts denied; never named, as registrants are no feed (see ZW-LGF-07)"},
	{"R13", "admin_op_rate", "Admin activity", "administrative operations of a day, with their tail probability in the finding"},
	{"R14", "admin_action_rarity", "Admin activity", "how rare the action is for the operator, the peers and the organisation"},
	{"R15", "operator_first_seen", "Admin activity", "the operator never administrated before"},
	{"R16", "privilege_gain", "Admin activity", "somebody was put into a privileged role"},
	{"R17", "self_or_new_operator_grant", "Admin activity", "a role granted to oneself, or by somebody who is new to granting"},
	{"R18", "admin_op_on_noncorporate_ip", "Admin activity", "administration in a session from outside the organisation's own networks"},
	{"R19", "user_removal_rate", "Admin activity", "most users deleted or deactivated within an hour"},
	{"R20", "security_setting_weakened", "Admin activity", "settings changed in their risky direction"},
	{"R21", "setting_drift_unattributed", "Admin activity", "a setting changed without a row of the operation log"},
	{"R22", "user_is_privileged", "Admin activity", "the account is an owner's, an administrator's, or of another role than Member"},
	{"R23", "days_since_last_activity", "Inactive accounts", "days without a sign-in, an operation or a meeting before this one"},
	{"R24", "account_status_inactive", "Inactive accounts", "the account was deactivated or deleted, or its owner is on a list of leavers or people on leave: by which source"},
	{"R25", "recently_reactivated", "Inactive accounts", "the account was activated again within the seven days before"},
	{"R26", "account_age_days", "Inactive accounts", "age of the account, in days"},
	{"R27", "active_day_share", "Inactive accounts", "share of the last 90 days with activity"},
	{"R28", "country_rarity_user", "Location", "probability of the country by the user's own past, backed off to the organisation's"},
	{"R29", "country_rarity_tenant", "Location", "probability of the country by the organisation's past; half a user-day for what was never seen"},
	{"R30", "country_rarity_peers", "Location", "probability of the country among the user's peers, by how many of them were ever there"},
	{"R31", "region_city_novelty", "Location", "kilometres from the nearest place of the user's past"},
	{"R32", "asn_rarity_user", "Location", "probability of the network operator by the user's own past, backed off to the organisation's"},
	{"R33", "prefix_novelty", "Location", "the network prefix is new to the user"},
	{"R34", "timezone_mismatch", "Location", "hours between the address's clock and the user's"},
	{"R35", "distinct_countries_24h", "Location", "different countries of a day"},
	{"R36", "geo_confidence", "Location", "how sure the place is, 0 to 1: by its radius of accuracy, less where no city is named, not at all for relays, satellites and exits of VPNs"},
	{"R37", "required_speed_kmh", "Impossible travel", "speed needed between two sign-ins, net of the accuracy of both places"},
	{"R38", "session_overlap_minutes", "Impossible travel", "minutes for which sessions in different countries overlapped"},
	{"R39", "endpoint_trust", "Impossible travel", "which ends of a journey are networks of the user or the organisation"},
	{"R40", "cross_channel_conflict", "Impossible travel", "a sign-in and a presence in a meeting that one person cannot have"},
	{"R41", "client_type_rarity", "Device", "probability of the kind of client by the user's own past, backed off to the organisation's"},
	{"R42", "client_outdated", "Device", "the client is far behind the organisation's"},
	{"R43", "client_version_regression", "Device", "an older version than the user had with that kind of client"},
	{"R44", "client_new_in_tenant", "Device", "a kind of client that nobody in the organisation used"},
	{"R45", "os_family_flip", "Device", "two families of operating systems from one address within minutes"},
	{"R46", "signin_rate_user", "Activity rate", "sign-ins of the user in a day"},
	{"R47", "signin_rate_tenant", "Activity rate", "sign-ins of the organisation against the same hour of other weeks"},
	{"R48", "hour_rarity", "Activity rate", "probability of the hour of the week by the user's own past"},
	{"R49", "recording_access_rate", "Activity rate", "most recordings downloaded, shared or exported in a session"},
	{"R50", "deletion_rate", "Activity rate", "most recordings deleted in a session"},
	{"R51", "share_rate", "Activity rate", "recordings newly open to others in a day"},
	{"R52", "meeting_creation_rate", "Activity rate", "meetings or webinars of a host in a day"},
	{"R53", "external_participant_share", "Activity rate", "share of outsiders in a meeting against the host's others"},
	{"R54", "outsider_meeting_fanout", "Activity rate", "different hosts whom one outsider met in a day"},
	{"R55", "channel_change_rate", "Activity rate", "channels made or opened, external members added"},
	{"R56", "session_length_z", "Activity rate", "length of a session against the user's others"},
}

// nameIndicators adds what every finding on a user can say of itself: whether the account is privileged.
func (f *Finding) nameIndicators(people *Directory) {
	more := map[string]any{}
	if p, ok := people.Of(f.Email); ok && p.Role != "" && p.Role != "Member" {
		more["user_is_privileged"] = p.Role
	}
	if len(more) == 0 {
		return
	}
	if f.Evidence.Details == nil {
		f.Evidence.Details = map[string]any{}
	}
	if have, ok := f.Evidence.Details["indicators"].(map[string]any); ok {
		for name, v := range have {
			more[name] = v
		}
	}
	f.Evidence.Details["indicators"] = more
}
