package geo

import "math"

// Categories of networks.
const (
	// CategoryUnknown says that no list tells what the network is used for.
	CategoryUnknown = "unknown"
	// CategoryPrivate is an address that is not routed on the internet and that no database knows.
	CategoryPrivate = "private"
)

// Place is what is known of an address.
type Place struct {
	Country    string  // ISO 3166-1 alpha-2, upper case; "" unknown
	City       string  // English name; "" unknown
	Lat, Lon   float64 // degrees north and east; NaN unknown, both or none
	AccuracyKm float64 // radius around Lat, Lon in which the address probably is; NaN unknown
	ASN        int64   // autonomous system number; 0 unknown
	Org        string  // organisation of the autonomous system; "" unknown
	Category   string  // one of the categories, never ""
	Source     string  // databases that answered, "name@2026-06-05", in the order of the files, separated by commas
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
	return added
}
