package models_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"go.yaml.in/yaml/v4"
)

// What people complain of to the makers of other systems, in public threads: alerts that were false. Each is a scenario here, run by TestScenarios, in which nothing is raised
// that it complains of.
var complaints = []struct {
	about, scenario string
	quiet           string // the detection that must stay quiet
}{
	{"impossible travel between two addresses that are both corporate", "ZW-TRV-01/quiet-both-corporate", "ZW-TRV-01"},
	{"a network can be of one category only, so that one's own VPN is a proxy", "ZW-RIP-02/quiet-own-vpn", "ZW-RIP-02"},
	{"a web gateway leaves from another address and country every time", "ZW-TRV-01/quiet-egress-hopping", "ZW-TRV-01"},
	{"telephones abroad come out at their carrier's at home", "ZW-TRV-01/quiet-roaming", "ZW-TRV-01"},
	{"a privacy relay is taken for a journey", "ZW-TRV-01/quiet-relay", "ZW-TRV-01"},
	{"a privacy relay is taken for a proxy", "ZW-RIP-02/quiet-relay", "ZW-RIP-02"},
	{"a bought VPN is taken for a journey", "ZW-TRV-01/quiet-commercial-vpn", "ZW-TRV-01"},
	{"the company's VPN, named nowhere, is taken for a journey", "ZW-TRV-01/quiet-vpn-of-two", "ZW-TRV-01"},
	{"one address on both ends, moved by a new location database", "ZW-TRV-01/quiet-same-address", "ZW-TRV-01"},
	{"addresses that no database places", "ZW-TRV-01/quiet-no-place", "ZW-TRV-01"},
	{"clients that keep their session alive", "ZW-RTE-01/quiet-keep-alive", "ZW-RTE-01"},
	{"a VPN within one country", "ZW-TRV-01/quiet-same-country-vpn", "ZW-TRV-01"},
	{"places known to hundreds of kilometres", "ZW-TRV-01/quiet-vague-places", "ZW-TRV-01"},
	{"data centres in the middle of the United States", "ZW-TRV-01/quiet-cloud-centroid", "ZW-TRV-01"},
	{"a country's middle instead of a city", "ZW-TRV-02/quiet", "ZW-TRV-02"},
	{"shops whose network is at the headquarters of the chain", "ZW-TRV-02/quiet-chain-store", "ZW-TRV-02"},
	{"mobile networks and private VPNs in a meeting", "ZW-TRV-04/quiet-exit-of-colleagues", "ZW-TRV-04"},
}

func TestComplaintsAboutOthersStayQuiet(t *testing.T) {
	for _, c := range complaints {
		text, err := os.ReadFile(filepath.Join(scenarioDir, c.scenario+".yaml"))
		if err != nil {
			t.Errorf("%s: %v", c.about, err)
			continue
		}
		var s scenario
		if err := yaml.Load(text, &s, yaml.WithKnownFields()); err != nil {
			t.Errorf("%s: %v", c.about, err)
		} else if !slices.Contains(s.Quiet, c.quiet) {
			t.Errorf("%s: %s does not hold %s quiet", c.about, c.scenario, c.quiet)
		}
	}
	// And the alert whose absence was complained of: sign-ins alone are scored, so that somebody in a meeting elsewhere is missed.
	if _, err := os.Stat(filepath.Join(scenarioDir, "ZW-TRV-04/firing.yaml")); err != nil {
		t.Error(err)
	}
}
