package models_test

import (
	"encoding/json"
	"math"
	"testing"
)

// indicatorUse is which indicators every finding of a detection names, and between which numbers their values lie; a yes counts as 1. Probabilities are above 0, as never is not
// impossible, and small, as the findings are about what is rare.
var indicatorUse = []struct {
	name       string
	detections []string
	least      float64
	most       float64
}{
	{"ip_is_tor", []string{"ZW-RIP-01"}, 1, 1},
	{"ip_is_anonymous_proxy", []string{"ZW-RIP-02"}, 1, 1},
	{"ip_in_threat_list", []string{"ZW-RIP-03"}, 1, 1},
	{"ip_is_hosting_asn", []string{"ZW-RIP-04"}, 1, 1},
	{"ip_user_fanout", []string{"ZW-RIP-07"}, 5, 100},
	{"failed_signin_count_5m", []string{"ZW-LGF-01"}, 1, 1000},
	{"failed_users_per_ip", []string{"ZW-LGF-02"}, 2, 1000},
	{"fail_then_success", []string{"ZW-LGF-04"}, 1, 1},
	{"lockout_reset_ops", []string{"ZW-LGF-06"}, 2, 1000},
	{"admin_op_rate", []string{"ZW-ADM-01"}, 10, 1000},
	{"admin_action_rarity", []string{"ZW-ADM-02"}, 0, 0.05},
	{"operator_first_seen", []string{"ZW-ADM-03"}, 1, 1},
	{"privilege_gain", []string{"ZW-ADM-04", "ZW-ADM-05"}, 1, 100},
	{"self_or_new_operator_grant", []string{"ZW-ADM-05"}, 1, 1},
	{"admin_op_on_noncorporate_ip", []string{"ZW-ADM-06"}, 1, 1},
	{"user_removal_rate", []string{"ZW-ADM-08"}, 1, 1000},
	{"setting_drift_unattributed", []string{"ZW-CFG-17"}, 1, 100},
	{"days_since_last_activity", []string{"ZW-INA-01"}, 90, 1000},
	{"days_since_last_activity", []string{"ZW-INA-06"}, 31, 89},
	{"account_status_inactive", []string{"ZW-INA-02"}, 1, 1},
	{"recently_reactivated", []string{"ZW-INA-04"}, 1, 1},
	{"account_age_days", []string{"ZW-INA-05"}, 0, 30},
	{"active_day_share", []string{"ZW-INA-06"}, 0, 0.5},
	{"country_rarity_user", []string{"ZW-LOC-01"}, 1e-9, 0.5},
	{"country_rarity_tenant", []string{"ZW-LOC-02"}, 1e-9, 0.05},
	{"country_rarity_peers", []string{"ZW-LOC-03"}, 1e-9, 0.1},
	{"region_city_novelty", []string{"ZW-LOC-04"}, 100, 20_000},
	{"asn_rarity_user", []string{"ZW-LOC-05"}, 1e-9, 0.5},
	{"prefix_novelty", []string{"ZW-LOC-06"}, 1, 1},
	{"timezone_mismatch", []string{"ZW-LOC-07"}, 3, 12},
	{"distinct_countries_24h", []string{"ZW-LOC-08"}, 3, 50},
	{"required_speed_kmh", []string{"ZW-TRV-01", "ZW-TRV-02"}, 900, 1e7},
	{"endpoint_trust", []string{"ZW-TRV-01", "ZW-TRV-02"}, 1, 1},
	{"cross_channel_conflict", []string{"ZW-TRV-04"}, 1, 1},
	{"client_type_rarity", []string{"ZW-DEV-01"}, 1e-9, 0.5},
	{"client_outdated", []string{"ZW-DEV-02"}, 3, 100},
	{"client_version_regression", []string{"ZW-DEV-03"}, 1, 1},
	{"client_new_in_tenant", []string{"ZW-DEV-04"}, 1, 1},
	{"os_family_flip", []string{"ZW-DEV-05"}, 1, 1},
	{"signin_rate_user", []string{"ZW-RTE-01"}, 10, 1000},
	{"signin_rate_tenant", []string{"ZW-RTE-02"}, 6, 10_000},
	{"hour_rarity", []string{"ZW-RTE-03"}, 0, 0.01},
	{"recording_access_rate", []string{"ZW-RTE-04"}, 1, 1000},
	{"deletion_rate", []string{"ZW-RTE-05"}, 1, 1000},
	{"share_rate", []string{"ZW-RTE-06"}, 1, 1000},
	{"meeting_creation_rate", []string{"ZW-RTE-08"}, 1, 1000},
	{"external_participant_share", []string{"ZW-RTE-09"}, 0, 1},
	{"outsider_meeting_fanout", []string{"ZW-RTE-10"}, 2, 1000},
	{"channel_change_rate", []string{"ZW-RTE-12"}, 1, 1000},
	{"session_length_z", []string{"ZW-RTE-13"}, 5, 1000},
}

// checkIndicators makes sure that a finding names the indicators of its detection, with values that they can have.
func (f finding) checkIndicators(t *testing.T) {
	t.Helper()
	var evidence struct {
		Details struct {
			Indicators map[string]any `json:"indicators"`
		} `json:"details"`
	}
	if err := json.Unmarshal([]byte(f.evidence), &evidence); err != nil {
		t.Errorf("%s\n%v", f, err)
	}
	named := evidence.Details.Indicators
	for _, x := range indicatorUse {
		for _, id := range x.detections {
			if v := indicatorNumber(named[x.name]); id == f.detection && !(v >= x.least && v <= x.most) {
				t.Errorf("%s\n%s is %v, want %g to %g", f, x.name, named[x.name], x.least, x.most)
			}
		}
	}
	if v, ok := named["geo_confidence"]; ok && !(indicatorNumber(v) >= 0 && indicatorNumber(v) <= 1) {
		t.Errorf("%s\ngeo_confidence is %v", f, v)
	}
	for name, v := range named {
		if v == "" {
			t.Errorf("%s\n%s is empty", f, name)
		}
	}
}

// indicatorNumber reads a value: a yes or a text is 1, what is not there NaN.
func indicatorNumber(v any) float64 {
	switch v := v.(type) {
	case float64:
		return v
	case string:
		return 1
	case bool:
		if v {
			return 1
		}
		return 0
	}
	return math.NaN()
}
