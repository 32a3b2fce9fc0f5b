package geo

import (
	"math"
	"slices"
)

// Place is what is known of an address.
type Place struct {
	Country    string  // ISO 3166-1 alpha-2, upper case; "" unknown
	City       string  // English name; "" unknown
	Lat, Lon   float64 // degrees north and east; NaN unknown, both or none
	AccuracyKm float64 // radius around Lat, Lon in which the address probably is; NaN unknown
	ASN        int64   // autonomous system number; 0 unknown
	Org        string  // organisation of the autonomous system, or else the access provider; "" unknown
	Category   string  // one of the categories, never ""
	// Tags is what databases and lists say of the address, lower case, sorted, each once; nil for nothing. Shared: not to be written to.
	Tags []string
	// Source names what answered, separated by commas: databases as "name@2026-06-05" (when they were built), then lists as "name@2026-06-05T17:20Z" (when their
	// files changed last), then "config" for ranges that stand in the config itself; each in the order of the config.
	Source string
}

// unknown is the place of an address that nothing is known of.
func unknown() Place {
	return Place{Lat: math.NaN(), Lon: math.NaN(), AccuracyKm: math.NaN(), Category: CategoryUnknown}
}

// merge fills the fields that are unknown in p from what another database says, and reports whether it added anything.
//
// City and coordinates come from one database together (coordinates without a city are the middle of a country: any city is better), and never from one that sees the address in another country than the one already chosen: a country
// of one source with a city of another would be a place that neither of them means.
func (p *Place) merge(r *record) bool {
	added := false
	if p.Country == "" && r.country != "" {
		p.Country, added = r.country, true
	}
	better := p.City == "" && (r.city != "" || math.IsNaN(p.Lat) && !math.IsNaN(r.lat))
	if better && (r.country == "" || r.country == p.Country) {
		p.City, p.Lat, p.Lon, p.AccuracyKm, added = r.city, r.lat, r.lon, r.accuracy, true
	}
	if p.ASN == 0 && r.asn != 0 {
		p.ASN, p.Org, added = r.asn, r.org, true
	} else if p.Org == "" && r.org != "" && (r.asn == 0 || r.asn == p.ASN) {
		p.Org, added = r.org, true
	}
	return p.tag(r.tags) || added
}

// tag adds tags and reports whether there were any. The slice is made anew: places that were given out share the old one.
func (p *Place) tag(tags []string) bool {
	if len(tags) == 0 {
		return false
	}
	all := append(slices.Clone(p.Tags), tags...)
	slices.Sort(all)
	p.Tags = slices.Compact(all)
	return true
}
