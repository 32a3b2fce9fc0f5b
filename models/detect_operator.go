package models

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/zoomward/zoomward/features"
)

// operatorDetections are about who administrates, and from where.
func operatorDetections() []Detection {
	return []Detection{
		{ID: "ZW-ADM-05", Title: "Privileged role granted by a doubtful operator", Class: Alert, Severity: "high", Group: "Admin activity", Kind: "rule", Data: []string{oplog, signins},
			Techniques: []string{"T1098.003"},
			About: "Somebody raises the role of his own account or widens the role that he has, or a privileged role is granted by an operator who never administrated before, was first seen within the last 30 days, " +
				"signed in that day from a place that is new to him, or whose day looks like another person's.",
			find: findDoubtfulGrant},
		{ID: "ZW-CFG-11", Title: "Single sign-on or provisioning changed", Class: Alert, Severity: "high", Group: "Configuration", Kind: "rule", Data: []string{oplog},
			Techniques: []string{"T1484.002", "T1556"},
			About:      "A setting of single sign-on, SAML, the identity provider or SCIM provisioning changes for the account. What provisioning itself does to users is no change of it.",
			find:       findIdentityProvider},
		{ID: "ZW-INA-03", Title: "Activity of a user on leave or on a watch list", Class: Alert, Severity: "medium", Group: "Inactive account", Kind: "rule", Data: []string{signins, oplog, users},
			Techniques: []string{"T1078.004"},
			About:      "Sign-ins or operations of people whom the config names as on leave (watch.leave) or as watched (watch.list). A behavior in the last 30 days of leavers (watch.leavers).",
			find:       findWatched},
	}
}

const (
	// newOperatorDays is how long somebody is new: an operator first seen since then has no history to vouch for him. Source: the risk indicator self_or_new_operator_grant.
	newOperatorDays = 30
	// doubtfulDay is how rare an operator's day must be to cast doubt on what he grants: 1 in 500 past user-days, as for strange days.
	doubtfulDay = strangeP
)

// roleRank orders the roles that the operation log names: higher is more powerful. A role of the account's own that administrates is taken for an admin's.
func (s *scene) roleRank(role string, row int) int {
	if rank := 1 + slices.Index([]string{"billing admin", "admin", "co-owner", "owner"}, folded(role)); rank > 0 {
		return rank
	}
	if s.privileged(role, row) {
		return 2
	}
	return 0
}

// findDoubtfulGrant reports privileged roles that somebody gave himself, or that come from an operator whom little vouches for.
func findDoubtfulGrant(s *scene) []Finding {
	r := s.day.Rows
	return s.users(func(n int, u *features.UserDay, a *features.Account) []Finding {
		var rows []int
		var grants []string
		self, ownRole := false, false
		for _, i := range s.changed[n] {
			for _, c := range s.changes[i] {
				if !isRoleChange(r, i, c) || s.roleRank(c.New, i) <= s.roleRank(c.Old, i) {
					continue
				}
				who := subjectOf(r, i, c)
				own := strings.EqualFold(who, u.Email)
				if !own && s.privileged(c.Old, i) {
					continue
				}
				self = self || own
				rows = once(rows, i)
				grants = append(grants, fmt.Sprintf("%s from %s to %s", who, c.Old, c.New))
			}
			if role, wider := s.widened(i); len(wider) > 0 {
				ownRole = ownRole || s.holds(u.Email, role, i)
				rows = once(rows, i)
				grants = append(grants, s.widening(role, wider))
			}
		}
		if len(rows) == 0 {
			return nil
		}
		var reasons []string
		if self {
			reasons = append(reasons, "it is the operator's own account")
		}
		if ownRole {
			reasons = append(reasons, "it is the operator's own role")
		}
		reasons = append(reasons, s.doubts(n, u, a)...)
		if len(reasons) == 0 {
			return nil
		}
		f := s.finding(u)
		f.span(r, rows)
		f.Observed, f.Unit, f.Score, f.Alert = float64(len(grants)), "privileged roles granted", float64(len(grants)), true
		f.Evidence.Details = map[string]any{"operator": u.Email, "grants": grants, "to_himself": self || ownRole, "reasons": reasons,
			"indicators": map[string]any{"privilege_gain": len(grants), "self_or_new_operator_grant": true}}
		s.addSession(&f, u, rows)
		f.Evidence.Events = s.notes(rows)
		f.Summary = fmt.Sprintf("%s granted a privileged role: %s. Doubtful because %s. Judged from %s.",
			u.Email, strings.Join(grants[:min(len(grants), 3)], "; "), strings.Join(reasons, ", and "), history(a))
		return []Finding{f}
	})
}

// doubts says why an operator's acts of a day deserve a second look.
func (s *scene) doubts(n int, u *features.UserDay, a *features.Account) []string {
	var out []string
	switch {
	case s.watched() >= minTenantDays && a.Volumes[adminBehaviour].Max == 0:
		out = append(out, "the operator never administrated before")
	case s.watched() >= newOperatorDays && s.day.Number-a.FirstDay < newOperatorDays:
		out = append(out, "the operator was first seen on "+features.DayTime(a.FirstDay).Format(time.DateOnly))
	}
	if !s.judged[n].learning {
		for _, x := range u.Contexts {
			known, ok := s.state.Familiarity(a, x)
			if ok && (known.Place() >= features.TenantPlace || known.Place() == features.OwnCountry && known.Device() == features.NewClient) {
				out = append(out, "the operator signed in that day from a "+known.String())
				break
			}
		}
		if p := s.judged[n].identityP; p <= doubtfulDay {
			out = append(out, fmt.Sprintf("the operator's day looks like another person's (1 in %.0f)", 1/p))
		}
	}
	return out
}

// identityProviderWords are how Zoom's portal speaks of single sign-on and of provisioning; as whole words, for "sso" is part of others.
var identityProviderWords = regexp.MustCompile(`(?i)\b(sso|saml|scim|idp|single sign-on|identity provider|vanity url)\b`)

// findIdentityProvider reports changes of single sign-on and provisioning.
func findIdentityProvider(s *scene) []Finding {
	r := s.day.Rows
	return s.users(func(_ int, u *features.UserDay, a *features.Account) []Finding {
		rows := s.rows(u, func(r *features.Rows, i int) bool {
			category := r.Category(i)
			if r.Kind(i) != "operation" || category != "account" && !identityProviderWords.MatchString(category) {
				return false
			}
			if c := s.changes[i]; len(c) > 0 {
				return slices.ContainsFunc(c, func(c change) bool {
					words := r.Subject(i) + " " + c.Setting
					opened := strings.Contains(strings.ToLower(c.Setting), "allow users to sign in with") && whenOn.weaker(c.Old, c.New) // a sign-in method: ZW-CFG-07
					return c.Old != c.New && !opened && (category != "account" || identityProviderWords.MatchString(words))
				})
			}
			return category != "account" || identityProviderWords.MatchString(r.Detail(i))
		})
		if len(rows) == 0 {
			return nil
		}
		var what []string
		for _, i := range rows {
			what = append(what, r.Detail(i))
		}
		f := s.finding(u)
		f.span(r, rows)
		f.Observed, f.Unit, f.Score, f.Alert = float64(len(rows)), "changes of single sign-on or provisioning", float64(len(rows)), true
		f.Evidence.Details = map[string]any{"operator": u.Email, "changes": what[:min(len(what), maxEvents)], "operator_is_new_to_it": s.watched() >= minTenantDays && a.Volumes[settingBehaviour].Max == 0,
			"indicators": map[string]any{"security_setting_weakened": len(rows)}}
		s.addSession(&f, u, rows)
		f.Evidence.Events = s.notes(rows)
		f.Summary = fmt.Sprintf("%s changed single sign-on or provisioning: %s. Judged from %s.", u.Email, strings.Join(what[:min(len(what), 3)], "; "), history(a))
		return []Finding{f}
	})
}

// addSession notes from where the first of a finding's operations was made, as far as that can be inferred.
func (s *scene) addSession(f *Finding, u *features.UserDay, rows []int) {
	if len(rows) == 0 {
		return
	}
	if x, ok := s.sessionOf(u, rows[0]); ok {
		f.Evidence.Details["session"] = x.details()
	}
}
