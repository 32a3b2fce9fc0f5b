package geo

import (
	"bytes"
	"math"
	"slices"
	"testing"
	"unicode/utf8"

	"github.com/oschwald/maxminddb-golang/v2"
	"github.com/oschwald/maxminddb-golang/v2/mmdbdata"
)

// dataOf returns the data section of an encoded database: what records are read from.
func dataOf(t testing.TB, b []byte) []byte {
	t.Helper()
	r, err := maxminddb.OpenBytes(b)
	if err != nil {
		t.Fatal(err)
	}
	const separator = 16 // zero bytes between tree and data
	start := int(r.Metadata.NodeCount*r.Metadata.RecordSize*2/8) + separator
	return b[start:bytes.LastIndex(b, metadataMark)]
}

// Any bytes read as a record end without a panic, and in values that can be.
func FuzzRecord(f *testing.F) {
	for _, r := range []entry{
		{"192.0.2.0/24", nested("GB", "London", 51.5, -0.125, 20)}, {"192.0.2.0/24", flat("FR", "Paris", 1, 2)}, {"192.0.2.0/24", asn(64500, "Example Net")},
		{"192.0.2.0/24", m("vpn", "true", "is_tor_exit_node", true, "asn", "AS1", "name", "x", "lat", "1", "lng", "2", "radius", "3", "user_type", "hosting", "mcc", "310")},
		{"192.0.2.0/24", m("traits", m("is_anonymous", true, "isp", "x", "organization", "y", "connection_type", "Cellular"))},
	} {
		f.Add(dataOf(f, encode(f, 6, r)))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r := newRecord()
		if _, err := r.UnmarshalMaxMindDBCursor(mmdbdata.NewDecoder(b, 0).Cursor()); err != nil {
			return
		}
		texts := append([]string{r.country, r.city, r.org}, r.tags...)
		for _, s := range texts {
			if !utf8.ValidString(s) || len(s) > 3*maxText {
				t.Errorf("text %q", s)
			}
		}
		if math.IsNaN(r.lat) != math.IsNaN(r.lon) || math.Abs(r.lat) > 90 || math.Abs(r.lon) > 180 || r.accuracy < 0 || r.asn < 0 || r.asn > math.MaxUint32 {
			t.Errorf("record %+v", r)
		}
		if !slices.IsSorted(r.tags) || len(slices.Compact(slices.Clone(r.tags))) != len(r.tags) || len(r.tags) > len(flagTags) {
			t.Errorf("tags %v", r.tags)
		}
	})
}
