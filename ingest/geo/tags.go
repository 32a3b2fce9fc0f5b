package geo

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Tags that databases give. Lists give whatever tags their user names.
const (
	TagAnonymizer       = "anonymizer" // any service that hides who its users are
	TagTor              = "tor"
	TagProxy            = "proxy"
	TagResidentialProxy = "residential_proxy"
	TagAnonymousVPN     = "anonymous_vpn" // a VPN service that anybody can buy, unlike the category vpn
	TagRelay            = "relay"         // hides the address, keeps the region: a privacy relay of a browser or system vendor
	TagHosting          = "hosting"
	TagMobile           = "mobile"
	TagSatellite        = "satellite"
	TagISP              = "isp"
	TagBusiness         = "business"
	TagEducation        = "education"
	TagGovernment       = "government"
)

const maxTags = 16 // of one list

var tagSyntax = regexp.MustCompile(`^[a-z0-9][a-z0-9_.-]{0,39}$`)

// cleanTags returns tags in lower case, sorted, each once.
func cleanTags(tags []string) ([]string, error) {
	out := make([]string, 0, len(tags))
	for _, t := range tags {
		t = strings.ToLower(strings.TrimSpace(t))
		if !tagSyntax.MatchString(t) {
			return nil, fmt.Errorf("tag %q: a tag has 1 to 40 of a-z, 0-9, _ . and -, the first a letter or digit", t)
		}
		out = append(out, t)
	}
	slices.Sort(out)
	if out = slices.Compact(out); len(out) > maxTags {
		return nil, fmt.Errorf("%d tags: a list has at most %d", len(out), maxTags)
	}
	return out, nil
}

// flagTags says what a flag of a record means: MaxMind's Anonymous-IP and Enterprise names, IPinfo's with and without is_. Flags of single services imply the
// general tag.
var flagTags = map[string][]string{
	"is_anonymous":          {TagAnonymizer},
	"is_anonymous_vpn":      {TagAnonymousVPN, TagAnonymizer},
	"is_vpn":                {TagAnonymousVPN, TagAnonymizer},
	"vpn":                   {TagAnonymousVPN, TagAnonymizer},
	"is_public_proxy":       {TagProxy, TagAnonymizer},
	"is_anonymous_proxy":    {TagProxy, TagAnonymizer}, // older Enterprise files
	"is_proxy":              {TagProxy, TagAnonymizer},
	"proxy":                 {TagProxy, TagAnonymizer},
	"is_residential_proxy":  {TagResidentialProxy, TagAnonymizer},
	"is_tor_exit_node":      {TagTor, TagAnonymizer},
	"is_tor":                {TagTor, TagAnonymizer},
	"tor":                   {TagTor, TagAnonymizer},
	"is_relay":              {TagRelay, TagAnonymizer},
	"relay":                 {TagRelay, TagAnonymizer},
	"is_hosting_provider":   {TagHosting},
	"is_hosting":            {TagHosting},
	"hosting":               {TagHosting},
	"is_mobile":             {TagMobile},
	"is_satellite":          {TagSatellite},
	"is_satellite_provider": {TagSatellite}, // older Enterprise files
}

// kindTags says what the text of user_type, connection_type (MaxMind, DB-IP) or as_type (IPinfo) means, in lower case. "Corporate" is left out: it says that some
// company is there, and the category corporate that it is one's own.
var kindTags = map[string]string{
	"hosting": TagHosting, "content_delivery_network": TagHosting,
	"cellular": TagMobile, "satellite": TagSatellite,
	"isp": TagISP, "residential": TagISP, "dialup": TagISP, "cable/dsl": TagISP,
	"consumer_privacy_network": TagRelay,
	"business":                 TagBusiness,
	"education":                TagEducation, "college": TagEducation, "school": TagEducation, "library": TagEducation,
	"government": TagGovernment, "military": TagGovernment,
}
