package ingest

import "github.com/zoomward/zoomward/ingest/geo"

// placeRows are the columns that say where addresses are, as pinned when their rows land: what a database says tomorrow is no news of yesterday.
type placeRows struct {
	Prefix   []string  `col:"ip_prefix,null"`
	Country  []string  `col:"country_code,null"`
	City     []string  `col:"city,null"`
	Lat      []float64 `col:"latitude"`
	Lon      []float64 `col:"longitude"`
	Accuracy []float64 `col:"accuracy_km"`
	ASN      []int64   `col:"asn,null"`
	Org      []string  `col:"as_org,null"`
	Category []string  `col:"network_category,null"`
	Source   []string  `col:"geo_source,null"`
}

func (f *placeRows) addPlace(ip string, place geo.Place) {
	f.Prefix = append(f.Prefix, geo.Prefix(ip))
	f.Country = append(f.Country, place.Country)
	f.City = append(f.City, place.City)
	f.Lat = append(f.Lat, place.Lat)
	f.Lon = append(f.Lon, place.Lon)
	f.Accuracy = append(f.Accuracy, place.AccuracyKm)
	f.ASN = append(f.ASN, place.ASN)
	f.Org = append(f.Org, place.Org)
	f.Category = append(f.Category, place.Category)
	f.Source = append(f.Source, place.Source)
}
