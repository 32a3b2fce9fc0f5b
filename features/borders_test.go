package features

import "testing"

// The numbers of neighbours are those that atlases give: https://en.wikipedia.org/wiki/List_of_countries_and_territories_by_number_of_land_borders, with crossings added.
func TestBordering(t *testing.T) {
	neighbours := map[string]int{}
	for pair := range borders {
		if !borders[[2]string{pair[1], pair[0]}] {
			t.Errorf("%v one way only", pair)
		}
		neighbours[pair[0]]++
	}
	// Hong Kong and Macao count for China; France in Europe has eight and the tunnel; Denmark and Saudi Arabia one more each by a bridge.
	for code, want := range map[string]int{"CN": 16, "RU": 14, "BR": 10, "DE": 9, "FR": 9, "CD": 9, "AT": 8, "SA": 8, "TR": 8, "US": 2, "PT": 1, "DK": 2, "GB": 2, "LS": 1, "ZM": 8} {
		if neighbours[code] != want {
			t.Errorf("%s has %d neighbours, want %d", code, neighbours[code], want)
		}
	}
	for _, tt := range []struct {
		a, b string
		want bool
	}{{"DE", "NL", true}, {"NL", "DE", true}, {"US", "US", true}, {"US", "GB", false}, {"JP", "KR", false}, {"AU", "NZ", false}, {"", "DE", false}} {
		if got := Bordering(tt.a, tt.b); got != tt.want {
			t.Errorf("Bordering(%q, %q) = %v", tt.a, tt.b, got)
		}
	}
}
