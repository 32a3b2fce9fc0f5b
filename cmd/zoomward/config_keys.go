package main

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/zoomward/zoomward/ingest"
	"github.com/zoomward/zoomward/ingest/zoom"
	"github.com/zoomward/zoomward/models"
	"github.com/zoomward/zoomward/models/posture"
)

// Keys that flags set too.
const (
	keyConfig    = "config"
	keyInstance  = "instance"
	keyDB        = "db"
	keyExportDir = "export.dir"
	keyLogLevel  = "log_level"
	keyLogFormat = "log_format"
	keyAsOf      = "as_of"
	keyPolicies  = "policies"
)

// configKey is one setting: its dotted name in the file, its variable in the environment, its flag, its default, and how text becomes a value. Lists and maps
// take the fileValue when the text is empty.
type configKey struct {
	name, env, flag, def string
	secret               bool
	noFile               bool // not a key of the file
	isList, isMap        bool
	isExceptions         bool
	isGeoLists           bool
	read                 func(n *yaml.Node, v *fileValue) error // of a key with a form of its own
	set                  func(c *Config, text string, v fileValue) error
}

// memorySize is what DuckDB takes for memory_limit, but for its words "none" and "unlimited": a number with a unit.
var memorySize = regexp.MustCompile(`(?i)^[0-9]+(\.[0-9]+)? *(B|[KMGT]i?B)$`)

// configKeys lists every setting once; loading, strictness and printing all go by it.
func configKeys(getenv func(string) string) []configKey {
	text := func(p func(*Config) *string) func(*Config, string, fileValue) error {
		return func(c *Config, s string, _ fileValue) error { *p(c) = s; return nil }
	}
	path := func(p func(*Config) *string) func(*Config, string, fileValue) error {
		return func(c *Config, s string, _ fileValue) error { *p(c) = s; return checkPath(s) }
	}
	oneOf := func(p func(*Config) *string, allowed ...string) func(*Config, string, fileValue) error {
		return func(c *Config, s string, _ fileValue) error {
			s = strings.ToLower(s)
			if !slices.Contains(allowed, s) {
				return fmt.Errorf("%q is not one of %s", s, strings.Join(allowed, ", "))
			}
			*p(c) = s
			return nil
		}
	}
	paths := func(p func(*Config) *[]string, sep string) func(*Config, string, fileValue) error {
		return func(c *Config, s string, v fileValue) error {
			if v.list != nil {
				*p(c) = v.list
			} else if s != "" {
				*p(c) = strings.Split(s, sep)
			}
			for _, file := range *p(c) {
				if err := checkPath(file); err != nil {
					return err
				}
			}
			return nil
		}
	}
	return []configKey{
		{name: keyDB, env: "ZOOMWARD_DB", flag: "db", def: defaultDB(getenv), set: func(c *Config, s string, _ fileValue) error {
			if strings.ContainsAny(s, "?%#") {
				return fmt.Errorf("%q: the characters ? %% # cannot be part of it", s)
			}
			c.DB = s
			return checkPath(s)
		}},
		{name: "plan", env: "ZOOMWARD_PLAN", def: "pro", set: oneOf(func(c *Config) *string { return &c.Plan }, "free", "pro", "business", "none")},
		{name: "api_url", env: "ZOOMWARD_API_URL", def: "https://api.zoom.us/v2", set: text(func(c *Config) *string { return &c.APIURL })},
		{name: "oauth_url", env: "ZOOMWARD_OAUTH_URL", def: "https://zoom.us", set: text(func(c *Config) *string { return &c.OAuthURL })},
		{name: "account_id", env: "ZOOM_ACCOUNT_ID", set: text(func(c *Config) *string { return &c.AccountID })},
		{name: "client_id", env: "ZOOM_CLIENT_ID", set: text(func(c *Config) *string { return &c.ClientID })},
		{name: "client_secret_file", env: "ZOOMWARD_CLIENT_SECRET_FILE", set: func(c *Config, s string, _ fileValue) (err error) {
			// Read only when the environment does not hold the secret itself: it wins.
			if err := checkPath(s); err != nil {
				return err
			}
			if s != "" && getenv("ZOOM_CLIENT_SECRET") == "" {
				c.ClientSecret, err = readSecretFile(s, getenv("CREDENTIALS_DIRECTORY"))
			}
			return err
		}},
		{name: "client_secret", env: "ZOOM_CLIENT_SECRET", secret: true, noFile: true, set: func(c *Config, s string, _ fileValue) error {
			if s != "" {
				c.ClientSecret = zoom.NewSecret(s)
			}
			return nil
		}},
		{name: "app", env: "ZOOMWARD_APP", def: appServerToServer, set: oneOf(func(c *Config) *string { return &c.App }, appServerToServer, appUserManaged)},
		{name: "redirect_url", env: "ZOOMWARD_REDIRECT_URL", def: defaultRedirectURL, set: func(c *Config, s string, _ fileValue) error {
			c.RedirectURL = s
			_, err := listenAddress(s)
			return err
		}},
		{name: "geo.files", env: "ZOOMWARD_GEO_FILES", isList: true, set: paths(func(c *Config) *[]string { return &c.GeoFiles }, string(filepath.ListSeparator))},
		{name: "geo.dir", env: "ZOOMWARD_GEO_DIR", set: path(func(c *Config) *string { return &c.GeoDir })},
		{name: "geo.lists", isGeoLists: true, set: func(c *Config, _ string, v fileValue) error { c.GeoLists = v.geoLists; return nil }},
		{name: "geo.asns", isGeoLists: true, set: func(c *Config, _ string, v fileValue) error { c.GeoASNs = v.geoLists; return nil }},
		{name: "geo.corporate", env: "ZOOMWARD_GEO_CORPORATE", isList: true, set: networks(func(c *Config) *[]netip.Prefix { return &c.GeoCorporate })},
		{name: "geo.vpn", env: "ZOOMWARD_GEO_VPN", isList: true, set: networks(func(c *Config) *[]netip.Prefix { return &c.GeoVPN })},
		{name: "ingest.overlap", env: "ZOOMWARD_INGEST_OVERLAP", def: "72h", set: func(c *Config, s string, _ fileValue) (err error) {
			if c.Overlap, err = time.ParseDuration(s); err != nil || c.Overlap < time.Hour || c.Overlap > 31*24*time.Hour {
				err = fmt.Errorf("%q is not a duration such as 72h, from 1h to 744h", s)
			}
			return err
		}},
		// Zoom keeps six months of reports: 181 to 184 days.
		{name: "ingest.backfill_days", env: "ZOOMWARD_INGEST_BACKFILL_DAYS", def: "180", set: integer(func(c *Config) *int { return &c.BackfillDays }, 1, 184)},
		{name: "ingest.skip", env: "ZOOMWARD_INGEST_SKIP", isList: true, def: strings.Join(ingest.DefaultSkip(), ","), set: func(c *Config, s string, v fileValue) error {
			names := v.list
			if names == nil && s != "" && s != "none" {
				names = strings.Split(s, ",")
			}
			c.SkipFeeds = names
			return ingest.CheckFeeds(names)
		}},
		{name: "ingest.visit_time", env: "ZOOMWARD_INGEST_VISIT_TIME", def: "20m", set: func(c *Config, s string, _ fileValue) (err error) {
			if c.VisitTime, err = time.ParseDuration(s); err != nil || c.VisitTime < time.Second || c.VisitTime > 24*time.Hour {
				err = fmt.Errorf("%q is not a duration such as 20m, from 1s to 24h", s)
			}
			return err
		}},
		{name: "ingest.quota_reserve", env: "ZOOMWARD_INGEST_QUOTA_RESERVE", def: "0.1", set: func(c *Config, s string, _ fileValue) (err error) {
			if c.QuotaReserve, err = strconv.ParseFloat(s, 64); err != nil || !(c.QuotaReserve >= 0 && c.QuotaReserve < 1) {
				err = fmt.Errorf("%q is not a share from 0 to under 1", s)
			}
			return err
		}},
		{name: keyBudget, env: "ZOOMWARD_ALERTS_BUDGET", def: "5", set: number(func(c *Config) *float64 { return &c.BudgetPer1000UsersWeek }, 0, 1000)},
		{name: keyFDR, env: "ZOOMWARD_ALERTS_FDR", def: "0.05", set: number(func(c *Config) *float64 { return &c.FDR }, 0, 1)},
		{name: keyDetections, set: func(c *Config, _ string, v fileValue) error { c.Detections = v.detections; return nil },
			read: func(n *yaml.Node, v *fileValue) (err error) {
				v.detections, err = readDetections(n)
				v.text = detectionsText(v.detections)
				return err
			}},
		{name: keyScopes, set: func(c *Config, _ string, v fileValue) error { c.Scopes = v.scopes; return nil },
			read: func(n *yaml.Node, v *fileValue) (err error) {
				v.scopes, err = readScopes(n)
				for _, s := range v.scopes {
					v.text += "; " + selectionText(s.Selection, s.Sensitivity)
				}
				v.text = strings.TrimPrefix(v.text, "; ")
				return err
			}},
		{name: keyExclusions, set: func(c *Config, _ string, v fileValue) error { c.Exclusions = v.exclusions; return nil },
			read: func(n *yaml.Node, v *fileValue) (err error) {
				v.exclusions, err = readExclusions(n)
				for _, s := range v.exclusions {
					v.text += "; " + selectionText(s, "")
				}
				v.text = strings.TrimPrefix(v.text, "; ")
				return err
			}},
		{name: keyAllowed, env: "ZOOMWARD_COUNTRIES_ALLOW", isList: true, set: countries(func(c *Config) *[]string { return &c.AllowCountries })},
		{name: keyDenied, env: "ZOOMWARD_COUNTRIES_DENY", isList: true, set: countries(func(c *Config) *[]string { return &c.DenyCountries })},
		peopleKey(keyLeave, func(c *Config) *models.People { return &c.Watch.Leave }),
		peopleKey(keyWatch, func(c *Config) *models.People { return &c.Watch.List }),
		{name: keyLeavers, env: "ZOOMWARD_WATCH_LEAVERS", set: func(c *Config, s string, _ fileValue) (err error) {
			if err := checkPath(s); err != nil || s == "" {
				return err
			}
			c.Watch.Leavers, err = readLeavers(s)
			return err
		}},
		{name: keyPolicies, env: "ZOOMWARD_POLICIES", set: path(func(c *Config) *string { return &c.Policies })},
		{name: "posture.profile", env: "ZOOMWARD_POSTURE_PROFILE", def: posture.Profiles()[0], set: oneOf(func(c *Config) *string { return &c.PostureProfile }, posture.Profiles()...)},
		{name: "posture.params", isMap: true, set: func(c *Config, _ string, v fileValue) error { c.PostureParams = v.tree; return nil }},
		{name: "posture.exceptions", isExceptions: true, set: func(c *Config, _ string, v fileValue) error { c.PostureExceptions = v.exceptions; return nil }},
		{name: keyExportDir, env: "ZOOMWARD_EXPORT_DIR", set: path(func(c *Config) *string { return &c.ExportDir })},
		{name: "export.formats", env: "ZOOMWARD_EXPORT_FORMATS", isList: true, def: "csv,json", set: func(c *Config, s string, v fileValue) error {
			if v.list != nil {
				s = strings.Join(v.list, ",")
			}
			formats, err := parseFormats(s)
			c.ExportFormats = formats
			return err
		}},
		{name: "duckdb.threads", env: "ZOOMWARD_DUCKDB_THREADS", def: "0", set: integer(func(c *Config) *int { return &c.Threads }, 0, 1024)},
		{name: "duckdb.memory_limit", env: "ZOOMWARD_DUCKDB_MEMORY_LIMIT", set: func(c *Config, s string, _ fileValue) error {
			if s != "" && !memorySize.MatchString(s) {
				return fmt.Errorf("%q is not a size such as 512MB or 4GB", s)
			}
			c.MemoryLimit = s
			return nil
		}},
		{name: keyLogLevel, env: "ZOOMWARD_LOG_LEVEL", flag: "log-level", def: "info", set: oneOf(func(c *Config) *string { return &c.LogLevel }, "debug", "info", "warn", "error")},
		{name: keyLogFormat, env: "ZOOMWARD_LOG_FORMAT", flag: "log-format", def: "text", set: oneOf(func(c *Config) *string { return &c.LogFormat }, "text", "json")},
		{name: keyAsOf, env: "ZOOMWARD_AS_OF", flag: "as-of", noFile: true, set: func(c *Config, s string, _ fileValue) (err error) {
			if s == "" {
				return nil
			}
			if c.AsOf, err = time.Parse(time.RFC3339, s); err != nil {
				return fmt.Errorf("%q is not a time like 2026-01-31T00:00:00Z", s)
			}
			c.AsOf = c.AsOf.UTC()
			return nil
		}},
	}
}

var countryCode = regexp.MustCompile(`^[A-Z]{2}$`)

// countries takes ISO 3166-1 alpha-2 codes in any case, joined by commas.
func countries(p func(*Config) *[]string) func(*Config, string, fileValue) error {
	return func(c *Config, s string, v fileValue) error {
		codes := v.list
		if codes == nil && s != "" {
			codes = strings.Split(s, ",")
		}
		for _, code := range codes {
			code = strings.ToUpper(strings.TrimSpace(code))
			if !countryCode.MatchString(code) {
				return fmt.Errorf("%q is not a country as two letters such as DE (ISO 3166-1)", code)
			}
			*p(c) = append(*p(c), code)
		}
		return nil
	}
}

func integer(p func(*Config) *int, low, high int) func(*Config, string, fileValue) error {
	return func(c *Config, s string, _ fileValue) error {
		n, err := strconv.Atoi(s)
		if err != nil || n < low || n > high {
			return fmt.Errorf("%q is not a whole number from %d to %d", s, low, high)
		}
		*p(c) = n
		return nil
	}
}

// number takes values between low and high, both excluded.
func number(p func(*Config) *float64, low, high float64) func(*Config, string, fileValue) error {
	return func(c *Config, s string, _ fileValue) error {
		x, err := strconv.ParseFloat(s, 64)
		if err != nil || !(x > low && x < high) {
			return fmt.Errorf("%q is not a number between %g and %g", s, low, high)
		}
		*p(c) = x
		return nil
	}
}

func trimSecret(text []byte) (zoom.Secret, error) {
	text = bytes.TrimSpace(text)
	if len(text) == 0 {
		return zoom.Secret{}, errors.New("read secret: the file is empty")
	}
	if bytes.ContainsAny(text, "\r\n") {
		return zoom.Secret{}, errors.New("read secret: the file has more than one line")
	}
	return zoom.NewSecret(string(text)), nil
}
