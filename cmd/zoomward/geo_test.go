package main

import (
	"regexp"
	"strings"
	"testing"
)

// The lists in the README are such as the program takes.
func TestReadmeGeoConfig(t *testing.T) {
	n := 0
	for _, block := range regexp.MustCompile("(?s)\n```yaml\n(geo:.*?)```").FindAllStringSubmatch(readme(t), -1) {
		n++
		path := writeFile(t, block[1], 0o600)
		c, err := loadConfig(map[string]string{keyConfig: path}, environ(nil))
		if err != nil {
			t.Fatal(err)
		}
		if len(c.GeoLists) != 2 || len(c.GeoASNs) != 1 || len(c.GeoCorporate) != 2 || len(c.GeoVPN) != 1 {
			t.Errorf("read %v %v %v %v", c.GeoLists, c.GeoASNs, c.GeoCorporate, c.GeoVPN)
		}
		for _, l := range append(c.GeoLists, c.GeoASNs...) {
			if !strings.HasPrefix(l.File, "/var/lib/zoomward/") {
				t.Errorf("list %+v", l)
			}
		}
	}
	if n != 1 {
		t.Errorf("%d blocks: the test does not see the lists", n)
	}
}
