package posture

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
)

// paramKind says what the entries of a parameter have to look like. A value that no comparison could ever meet would turn verdicts without a word, so it is refused instead.
type paramKind struct {
	entry    func(s string) (advice string) // of a list: "" for a good entry, else what it should be
	low, top float64                        // of a number: the whole numbers that make sense
}

// paramKinds has the kind of every parameter of the catalogue.
var paramKinds = map[string]paramKind{
	"allowed_ports":              {entry: portEntry},
	"allowed_regions":            {entry: codeEntry}, // not Zoom's list of today: it opens data centres
	"approved_domains":           {entry: domainEntry(true)},
	"approved_integrations":      {entry: wordEntry("box", "dropbox", "google_calendar", "google_drive", "kubi", "microsoft_one_drive")},
	"approved_networks":          {entry: networkEntry},
	"approved_storage_countries": {entry: codeEntry},
	companyDomains:               {entry: domainEntry(false)},
	"dial_in_countries":          {entry: codeEntry},
	"trusted_domains":            {entry: domainEntry(true)},
	"allowed_role_edits":         {entry: formEntry(`^[A-Za-z0-9_]+:[A-Za-z0-9_]+$`, "write a privilege as Zoom names it, such as Billing:Edit")},
	"reviewed_apps":              {entry: func(string) string { return "" }}, // names are free
	"phone_call_recording":       {entry: wordEntry("on", "off")},
	"min_client_version":         {entry: formEntry(`^[0-9]+(\.[0-9]+)*(\([a-z ]+\))?$`, "write a version such as 6.2.0, or 6.2.0(mac) for one kind of client")},

	"max_admin_idle_days":           {low: 1, top: 3650},
	"max_admins":                    {low: 0, top: 1e6},
	"max_client_idle_minutes":       {low: 1, top: 1440}, // 0 would be never, to Zoom
	"max_first_sign_in_days":        {low: 1, top: 3650},
	"max_invitation_days":           {low: 1, top: 3650},
	"max_licensed_idle_days":        {low: 1, top: 3650},
	"max_log_days":                  {low: 1, top: 3650},
	"max_recording_days":            {low: 1, top: 3650},
	"max_settings_hours":            {low: 1, top: 8760},
	"max_sso_bypass_users":          {low: 0, top: 1e6},
	"max_web_idle_minutes":          {low: 1, top: 1440},
	"min_account_password_length":   {low: 1, top: 32},
	"min_meeting_passcode_length":   {low: 1, top: 32},
	"min_recording_passcode_length": {low: 1, top: 32},
	"min_scheduled_passcode_length": {low: 1, top: 32},
	"large_channel_members":         {low: 1, top: 1e6},
}

// checkNumber says what is wrong with a number, nil for nothing.
func (k paramKind) checkNumber(v float64) error {
	if !(k.low <= v && v <= k.top) || v != math.Trunc(v) {
		return fmt.Errorf("is %v: give a whole number from %v to %.0f", v, k.low, k.top)
	}
	return nil
}

// checkEntry says what is wrong with an entry of a list.
func (k paramKind) checkEntry(s string) error {
	if k.entry == nil {
		return nil
	}
	if advice := k.entry(s); advice != "" {
		return fmt.Errorf("has the entry %q: %s", s, advice)
	}
	return nil
}

var domainForm = regexp.MustCompile(`^[\pL\pN]([\pL\pN-]{0,61}[\pL\pN])?(\.[\pL\pN]([\pL\pN-]{0,61}[\pL\pN])?)+$`)

// domainEntry takes domains, with wildcard also those that begin with "*.", as Zoom's own lists may.
func domainEntry(wildcard bool) func(string) string {
	return func(s string) string {
		bare := s
		if wildcard {
			bare = strings.TrimPrefix(s, "*.")
		}
		if domainForm.MatchString(bare) && len(bare) <= 253 {
			return ""
		}
		// what an address or a link amounts to is most likely what was meant
		guess := s[strings.LastIndexByte(s, '@')+1:]
		if _, rest, ok := strings.Cut(guess, "://"); ok {
			guess = rest
		}
		guess, _, _ = strings.Cut(guess, "/")
		if guess = strings.TrimPrefix(guess, "*."); guess != s && domainForm.MatchString(guess) {
			return "write the domain alone: " + guess
		}
		return "write a domain such as example.com"
	}
}

func networkEntry(s string) string {
	if _, _, ok := addressSpan(s); ok {
		return ""
	}
	return "write an address, a prefix such as 192.0.2.0/24, or a range such as 192.0.2.1-192.0.2.9"
}

func portEntry(s string) string {
	if _, _, ok := portSpan(s); ok {
		return ""
	}
	return "write a port from 1 to 65535, or a range such as 8801-8810"
}

var codeForm = regexp.MustCompile(`^[A-Za-z]{2}$`)

func codeEntry(s string) string {
	if codeForm.MatchString(s) {
		return ""
	}
	return "write the two letters of Zoom's code, such as DE"
}

func wordEntry(words ...string) func(string) string {
	return func(s string) string {
		if slices.Contains(words, s) {
			return ""
		}
		return "write one of " + strings.Join(words, ", ")
	}
}

func formEntry(form, advice string) func(string) string {
	re := regexp.MustCompile(form)
	return func(s string) string {
		if re.MatchString(s) {
			return ""
		}
		return advice
	}
}
