package posture

import (
	"slices"
	"strings"
)

// Settings of single sign-on.
const (
	ssoOn       = "security.signin_with_sso.enable"
	ssoRequired = "security.signin_with_sso.require_sso_for_domains"
	ssoDomains  = "security.signin_with_sso.domains"
	ssoBypass   = "security.signin_with_sso.sso_bypass_users"
)

// SignInSettings lists the settings that SignInRuleOf reads.
func SignInSettings() []string {
	return []string{twoFactorMode, twoFactorRoles, twoFactorGroups, ssoOn, ssoRequired, ssoDomains, ssoBypass}
}

// A SignInRule says what the account's settings ask of who signs in. The zero value knows nothing.
type SignInRule struct {
	covered userTest // by two-factor sign-in; nil: not known
	sent    userTest // to an identity provider; nil: not known of anybody
}

// SignInRuleOf reads the rule from the settings.
func SignInRuleOf(settings map[string]Setting) SignInRule {
	ev := &evaluation{in: &Input{Settings: settings}}
	var r SignInRule
	r.covered, _ = ev.twoFactorCover()
	r.sent, _ = ev.ssoCover()
	return r
}

// Unprotected says whether a user is known to need a password alone: two-factor sign-in does not cover the user, nor do the settings send the user to an identity provider,
// which may ask for a second factor of its own.
func (r SignInRule) Unprotected(u *User) bool {
	return r.covered != nil && r.covered(u) == no && (r.sent == nil || r.sent(u) == no)
}

// ssoCover returns the test for users who have to sign in through the organisation's identity provider: those of the domains that single sign-on is required for, but for
// whom the list of exceptions names. Without a test the outcome says why.
func (ev *evaluation) ssoCover() (userTest, outcome) {
	if o, no := ev.refused(FeedSettings); no {
		return nil, o
	}
	on := combine([]outcome{ev.setting(&Expr{Path: ssoOn, Op: OpEq, Value: true}), ev.setting(&Expr{Path: ssoRequired, Op: OpEq, Value: true})}, no)
	switch on.truth {
	case no:
		return func(*User) truth { return no }, outcome{}
	case unknown:
		return nil, on
	}
	domains, o := ev.list(ssoDomains)
	if domains == nil {
		return nil, o
	}
	around, known := ev.ssoExceptions()
	return func(u *User) truth {
		_, domain, _ := strings.Cut(u.Email, "@")
		switch {
		case !containsFold(domains, domain) || u.ID != "" && slices.Contains(around, u.ID):
			return no
		case !known || u.ID == "" && len(around) > 0:
			return unknown
		}
		return yes
	}, outcome{}
}

// ssoExceptions returns the ids of those who may go around single sign-on, and whether Zoom says so.
func (ev *evaluation) ssoExceptions() (ids []string, known bool) {
	v, present, err := decodeJSON(ev.in.Settings[ssoBypass].Value)
	list, ok := v.([]any)
	if err != nil || !present || !ok {
		return nil, false
	}
	for _, e := range list {
		switch e := e.(type) {
		case string:
			ids = append(ids, e)
		case map[string]any:
			id, _ := e["id"].(string)
			ids = append(ids, id)
		default:
			return nil, false
		}
	}
	return ids, !slices.Contains(ids, "") // of an exception without an id it is not known whose it is
}

// passwordAlone counts the active users whom neither two-factor sign-in nor single sign-on is required of.
func (ev *evaluation) passwordAlone() figure {
	unsaid := func(*User) truth { return unknown }
	covered, why := ev.twoFactorCover()
	if covered == nil {
		covered = unsaid
	}
	sent, whyNot := ev.ssoCover()
	if sent == nil {
		sent = unsaid
	}
	f := ev.count(anyRole, func(u *User) truth {
		switch a, b := covered(u), sent(u); {
		case a == yes || b == yes:
			return no
		case a == no && b == no:
			return yes
		}
		return unknown
	})
	if missing := append(why.reasons, whyNot.reasons...); f.low < f.high && len(missing) > 0 {
		// Nothing can be said of a part of them for want of settings, which is more to the point than how many they are.
		return figure{unknown: outcome{truth: unknown, cause: max(why.cause, whyNot.cause), reasons: missing}}
	}
	return f
}
