package models

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/zoomward/zoomward/models/posture"
	"github.com/zoomward/zoomward/store"
)

// exposure knows what the account's settings asked of who signs in, over time. The nil pointer knows nothing.
type exposure struct {
	since []time.Time // when each rule was first read, ascending
	rules []posture.SignInRule
}

// readExposure reads the versions of the settings of sign-in.
func readExposure(ctx context.Context, q store.Querier) (*exposure, error) {
	var f struct {
		Path  []string    `col:"path"`
		Value []string    `col:"value"`
		At    []time.Time `col:"fetched_at"`
	}
	paths := posture.SignInSettings()
	args := make([]any, len(paths))
	marks := ""
	for i, p := range paths {
		args[i] = p
		marks += ", ?"
	}
	if err := q.Read(ctx, &f, `SELECT path, value, fetched_at FROM ingest.setting_versions WHERE path IN (`+marks[2:]+`) ORDER BY fetched_at, rowid`, args...); err != nil {
		return nil, fmt.Errorf("read settings of sign-in: %w", err)
	}
	e := &exposure{}
	now := map[string]posture.Setting{}
	for i, at := range f.At {
		now[f.Path[i]] = posture.Setting{Value: json.RawMessage(f.Value[i])}
		if i+1 == len(f.At) || !f.At[i+1].Equal(at) {
			e.since, e.rules = append(e.since, at), append(e.rules, posture.SignInRuleOf(now))
		}
	}
	return e, nil
}

// before returns the rule as it was read before a time.
func (e *exposure) before(t time.Time) posture.SignInRule {
	if e == nil {
		return posture.SignInRule{}
	}
	n, _ := slices.BinarySearchFunc(e.since, t, func(at, t time.Time) int { return at.Compare(t) })
	if n == 0 {
		return posture.SignInRule{}
	}
	return e.rules[n-1]
}

// aboutSignIn tells whether a finding is about who signed in, or begins with it.
func aboutSignIn(d *Detection) bool {
	switch d.Group {
	case "Location", "Impossible travel", "Risky address", "Device", "Login failures", "Inactive account", "Identity":
		return true
	}
	return d.ID == "ZW-COR-03" || d.ID == "ZW-COR-04"
}

// expose makes an alert about a sign-in one step graver where the settings of the evening before are known to ask the account for a password alone: what a stolen password
// opens is more than where a second factor or an identity provider stands behind it. A severity that the config gives to the detection stays.
func (c *decision) expose(f *Finding) {
	if f.Email == "" || !aboutSignIn(f.Detection) || c.e.config.Detections[f.Detection.ID].Severity != "" {
		return
	}
	p, listed := c.r.scene.people.Of(f.Email)
	if !listed || !c.e.exposure.before(c.r.scene.day.Start()).Unprotected(&posture.User{Email: f.Email, RoleID: p.RoleID, Groups: p.GroupIDs}) {
		return
	}
	was := f.severity()
	rank := severityRank(was)
	if rank < 0 || rank+1 >= len(severityRanks) {
		return
	}
	f.Severity = severityRanks[rank+1]
	f.Evidence.Details = maps.Clone(f.Evidence.Details) // the finding itself stays what it is
	if f.Evidence.Details == nil {
		f.Evidence.Details = map[string]any{}
	}
	f.Evidence.Details["two_factor"], f.Evidence.Details["severity_otherwise"] = "not_covered", was
	f.Summary += fmt.Sprintf(" Two-factor sign-in does not cover this account: %s instead of %s.", f.Severity, was)
}
