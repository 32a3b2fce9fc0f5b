package zoomtest

import "math"

// A city is where networks are. Coordinates are degrees (WGS 84), rounded: they only have to be the right part of the world.
type city struct {
	country, countryName, continent, name, zone string
	lat, lon                                    float64
}

// The first officeCities may hold an office; up to tripCities people travel to; the rest is where nobody of the company goes.
const (
	officeCities = 16
	tripCities   = 25
)

var cities = []city{
	{"US", "United States", "NA", "New York", "America/New_York", 40.71, -74.01},
	{"DE", "Germany", "EU", "Berlin", "Europe/Berlin", 52.52, 13.40},
	{"GB", "United Kingdom", "EU", "London", "Europe/London", 51.51, -0.13},
	{"US", "United States", "NA", "Denver", "America/Denver", 39.74, -104.99},
	{"IN", "India", "AS", "Bengaluru", "Asia/Kolkata", 12.97, 77.59},
	{"JP", "Japan", "AS", "Tokyo", "Asia/Tokyo", 35.68, 139.69},
	{"DE", "Germany", "EU", "Munich", "Europe/Berlin", 48.14, 11.58},
	{"BR", "Brazil", "SA", "Sao Paulo", "America/Sao_Paulo", -23.55, -46.63},
	{"FR", "France", "EU", "Paris", "Europe/Paris", 48.86, 2.35},
	{"SG", "Singapore", "AS", "Singapore", "Asia/Singapore", 1.35, 103.82},
	{"NL", "Netherlands", "EU", "Amsterdam", "Europe/Amsterdam", 52.37, 4.90},
	{"AU", "Australia", "OC", "Sydney", "Australia/Sydney", -33.87, 151.21},
	{"CA", "Canada", "NA", "Toronto", "America/Toronto", 43.65, -79.38},
	{"PL", "Poland", "EU", "Warsaw", "Europe/Warsaw", 52.23, 21.01},
	{"ES", "Spain", "EU", "Madrid", "Europe/Madrid", 40.42, -3.70},
	{"SA", "Saudi Arabia", "AS", "Riyadh", "Asia/Riyadh", 24.71, 46.68},

	{"US", "United States", "NA", "San Francisco", "America/Los_Angeles", 37.77, -122.42},
	{"AE", "United Arab Emirates", "AS", "Dubai", "Asia/Dubai", 25.20, 55.27},
	{"IT", "Italy", "EU", "Milan", "Europe/Rome", 45.46, 9.19},
	{"CH", "Switzerland", "EU", "Zurich", "Europe/Zurich", 47.38, 8.54},
	{"SE", "Sweden", "EU", "Stockholm", "Europe/Stockholm", 59.33, 18.07},
	{"KR", "South Korea", "AS", "Seoul", "Asia/Seoul", 37.57, 126.98},
	{"MX", "Mexico", "NA", "Mexico City", "America/Mexico_City", 19.43, -99.13},
	{"AT", "Austria", "EU", "Vienna", "Europe/Vienna", 48.21, 16.37},
	{"IE", "Ireland", "EU", "Dublin", "Europe/Dublin", 53.35, -6.26},

	{"RO", "Romania", "EU", "Bucharest", "Europe/Bucharest", 44.43, 26.10},
	{"VN", "Vietnam", "AS", "Hanoi", "Asia/Ho_Chi_Minh", 21.03, 105.85},
	{"ZA", "South Africa", "AF", "Johannesburg", "Africa/Johannesburg", -26.20, 28.05},
	{"ID", "Indonesia", "AS", "Jakarta", "Asia/Jakarta", -6.21, 106.85},
	{"AR", "Argentina", "SA", "Buenos Aires", "America/Argentina/Buenos_Aires", -34.60, -58.38},
	{"TR", "Turkey", "AS", "Istanbul", "Europe/Istanbul", 41.01, 28.98},
	{"KE", "Kenya", "AF", "Nairobi", "Africa/Nairobi", -1.29, 36.82},
}

var continentNames = map[string]string{
	"AF": "Africa", "AS": "Asia", "EU": "Europe", "NA": "North America", "OC": "Oceania", "SA": "South America",
}

// kilometres is the great-circle distance between two cities (haversine, mean Earth radius 6371 km).
func kilometres(a, b int) float64 {
	const rad = math.Pi / 180
	p, q := cities[a], cities[b]
	sLat, sLon := math.Sin((q.lat-p.lat)*rad/2), math.Sin((q.lon-p.lon)*rad/2)
	h := sLat*sLat + math.Cos(p.lat*rad)*math.Cos(q.lat*rad)*sLon*sLon
	return 2 * 6371 * math.Asin(math.Sqrt(min(1, h)))
}
