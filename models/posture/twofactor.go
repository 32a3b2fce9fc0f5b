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
)

// SignInSettings lists the settings that SignInRuleOf reads.
func SignInSettings() []string {
	return []string{twoFactorMode, twoFactorRoles, twoFactorGroups, ssoOn, ssoRequired, ssoDomains}
}

// A SignInRule says what the account's settings ask of who signs in. The zero value knows nothing.
type SignInRule struct {
	covered userTest // nil: not known
	domains []string // whose users have to sign in through the organisation's identity provider, in lower case
}

// SignInRuleOf reads the rule from the settings.
func SignInRuleOf(settings map[string]Setting) SignInRule {
	ev := &evaluation{in: &Input{Settings: settings}}
	var r SignInRule
	r.covered, _ = ev.twoFactorCover()
	on := func(path string) bool {
		v, present, err := decodeJSON(settings[path].Value)
		return err == nil && present && v == true
	}
	if on(ssoOn) && on(ssoRequired) {
		domains, _ := ev.list(ssoDomains)
		for _, d := range domains {
			r.domains = append(r.domains, strings.ToLower(d))
		}
	}
	return r
}

// Unprotected says whether a user is known to need a password alone: two-factor sign-in does not cover the user, nor do the settings send the user to an identity provider,
// which may ask for a second factor of its own.
func (r SignInRule) Unprotected(u *User) bool {
	if r.covered == nil || r.covered(u) != no {
		return false
	}
	_, domain, _ := strings.Cut(strings.ToLower(u.Email), "@")
	return !slices.Contains(r.domains, domain)
}
