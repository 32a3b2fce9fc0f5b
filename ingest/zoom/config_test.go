package zoom

import (
	"strings"
	"testing"
)

func TestConfig(t *testing.T) {
	good := Config{AccountID: "a", ClientID: "b", ClientSecret: NewSecret("c")}
	for _, tt := range []struct {
		name string
		edit func(*Config)
		want []string // parts of the error, none for a good one
	}{
		{"defaults", func(*Config) {}, nil},
		{"nothing", func(c *Config) { *c = Config{} }, []string{EnvAccountID, EnvClientID, EnvClientSecret}},
		{"no secret", func(c *Config) { c.ClientSecret = Secret{} }, []string{EnvClientSecret}},
		{"plain http", func(c *Config) { c.APIURL = "http://api.zoom.us/v2" }, []string{"API URL", "https"}},
		{"plain http oauth", func(c *Config) { c.OAuthURL = "http://198.51.100.7" }, []string{"OAuth URL", "https"}},
		{"localhost lookalike", func(c *Config) { c.APIURL = "http://localhost.example.com" }, []string{"https"}},
		{"loopback", func(c *Config) { c.APIURL, c.OAuthURL = "http://127.0.0.1:9/v2/", "http://[::1]:9" }, nil},
		{"other scheme", func(c *Config) { c.APIURL = "file:///etc/passwd" }, []string{"absolute URL"}},
		{"empty query", func(c *Config) { c.APIURL = "https://api.zoom.us/v2?" }, []string{"query"}},
		{"userinfo", func(c *Config) { c.APIURL = "https://me:hunter2@api.zoom.us" }, []string{"credentials"}},
		{"plan none on zoom", func(c *Config) { c.Plan = PlanNone }, []string{"loopback"}},
		{"plan none on loopback", func(c *Config) { c.Plan, c.APIURL = PlanNone, "http://localhost:9" }, nil},
		{"unknown plan", func(c *Config) { c.Plan = "gold" }, []string{"gold", "business"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg := good
			tt.edit(&cfg)
			_, err := New(cfg)
			if (err != nil) != (tt.want != nil) {
				t.Fatalf("got %v", err)
			}
			for _, w := range tt.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%q does not say %q", err, w)
				}
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("password in %q", err)
			}
		})
	}
}
