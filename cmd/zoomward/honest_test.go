package main

import (
	"fmt"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zoomward/zoomward/ingest/zoomtest"
	"github.com/zoomward/zoomward/models"
	"github.com/zoomward/zoomward/store"
)

// Honest people whose addresses and clients look strange to a simple rule raise nothing: those who work through the company's VPN, who travel, who share an address of the
// office, whose browser goes through a privacy relay, and whose clients are upgraded. Nothing tells zoomward which networks are which.
func TestHonestPeopleRaiseNothing(t *testing.T) {
	const users, days, seed = 80, 50, 11
	end := time.Date(2026, 6, 15, 18, 30, 0, 0, time.UTC)
	company, err := zoomtest.NewCompany(zoomtest.Options{Seed: seed, Users: users, Days: days, End: end})
	if err != nil {
		t.Fatal(err)
	}
	kinds := honestKinds(company)
	for _, kind := range []string{"vpn", "traveller", "shared office", "relay", "upgrade"} {
		if n := len(kinds[kind]); n < 3 {
			t.Fatalf("%d people of kind %s: the company shows too little", n, kind)
		}
	}
	dir := t.TempDir()
	var out, logs strings.Builder
	args := []string{"demo", "--dir", dir, "--users", fmt.Sprint(users), "--days", fmt.Sprint(days), "--seed", fmt.Sprint(seed), "--as-of", end.Format(time.RFC3339), "--attacks=false", "--full"}
	if err := run(t.Context(), args, func(string) string { return "" }, strings.NewReader(""), &out, &logs); err != nil {
		t.Fatalf("%v\n%s", err, logs.String())
	}
	db, err := store.Open(t.Context(), filepath.Join(dir, "zoomward.duckdb"), store.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var rows alertRows
	if err := db.Read(t.Context(), &rows, fmt.Sprintf(readAlerts, "true")); err != nil {
		t.Fatal(err)
	}
	group := map[string]string{}
	for i := range models.Catalogue {
		group[models.Catalogue[i].ID] = models.Catalogue[i].Group
	}
	for i, id := range rows.Detection {
		if group[id] == "Admin activity" || group[id] == "Configuration" { // what administrators do is not the matter here
			continue
		}
		var of []string
		for kind, people := range kinds {
			if people[rows.User[i]] {
				of = append(of, kind)
			}
		}
		slices.Sort(of)
		t.Errorf("%s on %s (%s): %s", id, rows.User[i], strings.Join(of, ", "), rows.Summary[i])
	}
}

// honestKinds says who of a company is honest in which way, by what the account shows.
func honestKinds(c *zoomtest.Company) map[string]map[string]bool {
	networks := c.Networks()
	find := func(a netip.Addr) zoomtest.Network {
		i := slices.IndexFunc(networks, func(n zoomtest.Network) bool { return n.Prefix.Contains(a) })
		return networks[i]
	}
	out := map[string]map[string]bool{}
	note := func(kind, who string) {
		if out[kind] == nil {
			out[kind] = map[string]bool{}
		}
		out[kind][who] = true
	}
	country, version, office := map[string]string{}, map[string]string{}, map[string]string{}
	for day := c.Start(); !day.After(c.End()); day = day.AddDate(0, 0, 1) {
		for _, r := range c.Activities(day) {
			if client := r.Email + " " + r.ClientType; r.Version != "" {
				if was := version[client]; was != "" && was != r.Version {
					note("upgrade", r.Email)
				}
				version[client] = r.Version
			}
			if r.IPAddress == "" {
				continue
			}
			switch n := find(netip.MustParseAddr(r.IPAddress)); n.Kind {
			case zoomtest.NetworkVPN:
				note("vpn", r.Email)
			case zoomtest.NetworkRelay:
				note("relay", r.Email)
			default:
				if n.Kind == zoomtest.NetworkOffice {
					if first, ok := office[r.IPAddress]; !ok {
						office[r.IPAddress] = r.Email
					} else if first != r.Email {
						note("shared office", r.Email)
					}
				}
				if was := country[r.Email]; was != "" && was != n.Country {
					note("traveller", r.Email)
				}
				country[r.Email] = n.Country
			}
		}
	}
	return out
}
