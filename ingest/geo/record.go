package geo

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/oschwald/maxminddb-golang/v2/mmdbdata"
)

const (
	// maxText bounds one text of a record, in bytes; the longest organisation names are near 100.
	maxText = 1024
	// maxEntries bounds the map entries read of one record: the files are not ours, and a damaged one may point in circles. MaxMind's richest records have
	// a few hundred, most of them names in languages that are skipped.
	maxEntries = 4096
)

// record is what one database says of one address, whichever layout it has.
type record struct {
	country, city, org string
	lat, lon, accuracy float64 // NaN unknown
	asn                int64   // 0 unknown
	isp                string  // who sells the access, where that is told apart from the organisation of the autonomous system
	asName             string  // "name" of files about autonomous systems, where that key means no other thing
	tags               []string
	left               int // map entries that may still be read
}

func newRecord() record {
	return record{lat: math.NaN(), lon: math.NaN(), accuracy: math.NaN(), left: maxEntries}
}

// UnmarshalMaxMindDBCursor implements mmdbdata.CursorUnmarshaler. Values of unexpected kinds are passed over: the same key is text in one file and a map in
// the next, and one odd field is no reason to lose the others.
func (r *record) UnmarshalMaxMindDBCursor(c mmdbdata.Cursor) (mmdbdata.Cursor, error) {
	next, err := r.each(c, func(key string, v mmdbdata.Cursor, kind mmdbdata.Kind) (mmdbdata.Cursor, error) {
		isMap := kind == mmdbdata.KindMap
		switch {
		case key == "country" && isMap:
			return r.each(v, func(key string, v mmdbdata.Cursor, kind mmdbdata.Kind) (mmdbdata.Cursor, error) {
				if key == "iso_code" {
					return readText(v, kind, &r.country)
				}
				return v.Skip()
			})
		case key == "city" && isMap:
			return r.each(v, func(key string, v mmdbdata.Cursor, kind mmdbdata.Kind) (mmdbdata.Cursor, error) {
				if key == "names" && kind == mmdbdata.KindMap {
					return r.each(v, func(key string, v mmdbdata.Cursor, kind mmdbdata.Kind) (mmdbdata.Cursor, error) {
						if key == "en" {
							return readText(v, kind, &r.city)
						}
						return v.Skip()
					})
				}
				return v.Skip()
			})
		case key == "location" && isMap, key == "traits" && isMap:
			return r.each(v, r.scalar)
		}
		return r.scalar(key, v, kind)
	})
	if err != nil {
		return next, mmdbdata.NormalizeUnmarshalError[record](err)
	}
	r.tidy()
	return next, nil
}

// scalar reads the fields that hold one value.
func (r *record) scalar(key string, v mmdbdata.Cursor, kind mmdbdata.Kind) (mmdbdata.Cursor, error) {
	switch key {
	case "country_code":
		return readText(v, kind, &r.country)
	case "country":
		if r.country == "" { // some files have the code here, some the name; tidy drops the name
			return readText(v, kind, &r.country)
		}
	case "city":
		return readText(v, kind, &r.city)
	case "latitude", "lat":
		return readNumber(v, kind, &r.lat)
	case "longitude", "lng":
		return readNumber(v, kind, &r.lon)
	case "accuracy_radius", "radius":
		return readNumber(v, kind, &r.accuracy)
	case "autonomous_system_number", "asn", "as_number":
		n := math.NaN()
		next, err := readNumber(v, kind, &n)
		if n > 0 && n <= math.MaxUint32 { // false for NaN
			r.asn = int64(n)
		}
		return next, err
	case "autonomous_system_organization", "as_organization", "as_name":
		return readText(v, kind, &r.org)
	case "isp":
		return readText(v, kind, &r.isp)
	case "organization":
		if r.isp == "" { // the customer; who carries the traffic says more about a network
			return readText(v, kind, &r.isp)
		}
	case "name":
		return readText(v, kind, &r.asName)
	case "user_type", "connection_type", "as_type":
		var s string
		next, err := readText(v, kind, &s)
		if tag := kindTags[strings.ToLower(s)]; err == nil && tag != "" {
			r.tags = append(r.tags, tag)
		}
		return next, err
	case "mobile_country_code", "mcc":
		var s string
		next, err := readText(v, kind, &s)
		if err == nil && s != "" {
			r.tags = append(r.tags, TagMobile)
		}
		return next, err
	}
	if tags, ok := flagTags[key]; ok {
		set := false
		next, err := readFlag(v, kind, &set)
		if set {
			r.tags = append(r.tags, tags...)
		}
		return next, err
	}
	return v.Skip()
}

// tidy drops what cannot be true.
func (r *record) tidy() {
	r.country = strings.ToUpper(r.country)
	if len(r.country) != 2 || r.country[0] < 'A' || r.country[0] > 'Z' || r.country[1] < 'A' || r.country[1] > 'Z' {
		r.country = ""
	}
	if !(math.Abs(r.lat) <= 90 && math.Abs(r.lon) <= 180) {
		r.lat, r.lon = math.NaN(), math.NaN()
	}
	if !(r.accuracy >= 0 && r.accuracy <= 20_040) || math.IsNaN(r.lat) { // half the way around the earth
		r.accuracy = math.NaN()
	}
	if r.org == "" && r.asn != 0 {
		r.org = r.asName
	}
	if r.org == "" {
		r.org = r.isp
	}
	slices.Sort(r.tags)
	r.tags = slices.Compact(r.tags)
}

func (r *record) empty() bool {
	return r.country == "" && r.city == "" && r.org == "" && r.asn == 0 && math.IsNaN(r.lat) && len(r.tags) == 0
}

// each calls f for every entry of a map.
func (r *record) each(c mmdbdata.Cursor, f func(key string, v mmdbdata.Cursor, kind mmdbdata.Kind) (mmdbdata.Cursor, error)) (mmdbdata.Cursor, error) {
	m, err := c.Map()
	if err != nil {
		return mmdbdata.Cursor{}, err
	}
	var at mmdbdata.Cursor
	for {
		key, v, ok := m.Next(at)
		if !ok {
			return m.End()
		}
		if r.left--; r.left < 0 {
			return mmdbdata.Cursor{}, mmdbdata.NewInvalidDatabaseError("a record has more than %d entries", maxEntries)
		}
		kind, err := v.Kind()
		if err != nil {
			return mmdbdata.Cursor{}, err
		}
		if at, err = f(string(key), v, kind); err != nil {
			return mmdbdata.Cursor{}, err
		}
	}
}

func readText(v mmdbdata.Cursor, kind mmdbdata.Kind, into *string) (mmdbdata.Cursor, error) {
	if kind != mmdbdata.KindString {
		return v.Skip()
	}
	s, next, err := v.ReadStringMaxSize(maxText)
	if err == nil {
		*into = strings.ToValidUTF8(s, "\uFFFD")
	}
	return next, err
}

// readFlag reads a truth value, or one written as text or number ("true", "1").
func readFlag(v mmdbdata.Cursor, kind mmdbdata.Kind, into *bool) (mmdbdata.Cursor, error) {
	switch kind {
	case mmdbdata.KindBool:
		b, next, err := v.ReadBool()
		*into = b && err == nil
		return next, err
	case mmdbdata.KindString:
		var s string
		next, err := readText(v, kind, &s)
		*into = err == nil && (s == "1" || strings.EqualFold(s, "true"))
		return next, err
	}
	n := 0.0
	next, err := readNumber(v, kind, &n)
	*into = err == nil && n == 1
	return next, err
}

// readNumber reads a number of any kind, or one written as text ("AS15169" counts as 15169).
func readNumber(v mmdbdata.Cursor, kind mmdbdata.Kind, into *float64) (mmdbdata.Cursor, error) {
	switch kind {
	case mmdbdata.KindFloat64, mmdbdata.KindFloat32:
		f, next, err := v.ReadFloat()
		if err == nil {
			*into = f
		}
		return next, err
	case mmdbdata.KindUint16, mmdbdata.KindUint32, mmdbdata.KindUint64, mmdbdata.KindInt32:
		n, _, next, err := v.ReadInteger()
		if err == nil {
			*into = float64(int64(n)) // negative numbers come as their bit pattern
		}
		return next, err
	case mmdbdata.KindString:
		var s string
		next, err := readText(v, kind, &s)
		if f, perr := strconv.ParseFloat(strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(s)), "AS"), 64); err == nil && perr == nil {
			*into = f
		}
		return next, err
	}
	return v.Skip()
}
