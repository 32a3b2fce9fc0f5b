package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/zoomward/zoomward/ingest/geo"
	"github.com/zoomward/zoomward/ingest/zoom"
	"github.com/zoomward/zoomward/models"
	"github.com/zoomward/zoomward/models/posture"
)

// Config is what a run goes by, after flags, environment, file and defaults were put together.
type Config struct {
	File         string // the config file that was read, "" for none
	DB           string // the published database
	Plan         string // free, pro, business, none
	APIURL       string
	OAuthURL     string
	AccountID    string
	ClientID     string
	ClientSecret zoom.Secret
	Instance     string   // "" for the only connection
	App          string   // appServerToServer or appUserManaged
	RedirectURL  string   // where Zoom sends the browser after a consent
	GeoFiles     []string // MMDB files
	GeoDir       string   // folder of further ones and of lists; "": geo beside the database
	GeoLists     []geo.List
	GeoASNs      []geo.List
	GeoCorporate []netip.Prefix
	GeoVPN       []netip.Prefix
	LogLevel     string
	LogFormat    string
	AsOf         time.Time // zero: now

	Overlap      time.Duration // how far behind the newest landed row a run reads again
	BackfillDays int           // how far back the first run reads
	SkipFeeds    []string      // feeds that are not read
	VisitTime    time.Duration // how long a run spends on feeds that cost a call for each user, meeting, ...
	QuotaReserve float64       // share of the account's daily quota that is left to others

	BudgetPer1000UsersWeek float64 // alerts
	FDR                    float64 // false-discovery rate among alerts
	Detections             map[string]models.Setting
	Scopes                 []models.Scope
	Exclusions             []models.Selection
	AllowCountries         []string
	DenyCountries          []string
	Watch                  models.Watch

	Policies string // folder of policies of the account's own; "" for none

	PostureProfile    string
	PostureParams     map[string]any
	PostureExceptions []posture.Exception

	ExportDir     string
	ExportFormats []string

	Threads     int    // of DuckDB; 0: one per core
	MemoryLimit string // of DuckDB; "": its own default

	// values lists every key with its text and where that came from, for config print.
	values []configValue
}

type configValue struct{ Key, Value, Origin string }

// origin says where the value of a key comes from.
func (c *Config) origin(key string) string {
	for _, v := range c.values {
		if v.Key == key {
			return v.Origin
		}
	}
	return ""
}

// loadConfig puts the configuration together. flags holds the keys that were given as flags.
func loadConfig(flags map[string]string, getenv func(string) string) (Config, error) {
	var c Config
	file, fileOrigin := flags[keyConfig], "flag --config"
	if file == "" {
		file, fileOrigin = getenv("ZOOMWARD_CONFIG"), "environment ZOOMWARD_CONFIG"
	}
	fromFile := map[string]fileValue{}
	if file != "" {
		var err error
		if fromFile, err = readConfigFile(file); err != nil {
			return c, err
		}
		c.File = file
		c.values = append(c.values, configValue{keyConfig, file, fileOrigin})
	}
	if err := c.chooseInstance(flags, getenv, fromFile); err != nil {
		return c, err
	}
	for _, k := range configKeys(getenv) {
		text, origin := k.def, "default"
		if k.name == keyDB {
			text = inInstance(keyDB, text, c.Instance)
		}
		value := fileValue{}
		// An empty value counts as not given, wherever it stands.
		switch v, inFile := instanceValue(fromFile, k.name, c.Instance); {
		case flags[k.name] != "":
			text, origin = flags[k.name], "flag --"+k.flag
		case k.env != "" && getenv(k.env) != "":
			text, origin = getenv(k.env), "environment "+k.env
		case inFile && (v.text != "" || v.list != nil):
			text, origin, value = v.text, fmt.Sprintf("%s line %d", file, v.line), v
		}
		if err := k.set(&c, text, value); err != nil {
			err := usageErrorf("%s (%s): %w", k.name, origin, err)
			if errors.Is(err, fs.ErrPermission) {
				err = withHint(err, "who only reads the database needs no config: name it with --db")
			}
			return c, err
		}
		if k.secret && text != "" {
			text = "REDACTED"
		}
		c.values = append(c.values, configValue{k.name, text, origin})
	}
	if err := c.scoring().Validate(); err != nil {
		return c, usageErrorf("%w", err)
	}
	return c, nil
}

// defaultDB is the published database unless told otherwise; "" when there is no place for it.
func defaultDB(getenv func(string) string) string {
	if d := dataHome(getenv); d != "" {
		return filepath.Join(d, "zoomward.duckdb")
	}
	return ""
}

// dataHome is where zoomward keeps its database unless told otherwise (XDG base directory specification); "" when the environment names no place.
func dataHome(getenv func(string) string) string {
	if d, _, _ := strings.Cut(getenv("STATE_DIRECTORY"), ":"); d != "" { // systemd sets it for StateDirectory=, which may name several
		return d
	}
	if d := getenv("XDG_DATA_HOME"); filepath.IsAbs(d) {
		return filepath.Join(d, "zoomward")
	}
	home := getenv("HOME")
	if home == "" { // cron and containers may have none; the working folder would be a bad guess
		return ""
	}
	return filepath.Join(home, ".local", "share", "zoomward")
}

// readSecretFile reads a secret from a file that only its owner may read, without the line end. Files in credentials, the folder that systemd makes for
// LoadCredential=, are exempt: that folder is private, and the access list on its files shows as a mode of group-readable.
func readSecretFile(path, credentials string) (zoom.Secret, error) {
	info, err := os.Stat(path)
	if err != nil {
		return zoom.Secret{}, fmt.Errorf("read secret: %w", err)
	}
	if !info.Mode().IsRegular() {
		return zoom.Secret{}, fmt.Errorf("read secret: %s is not a regular file", path)
	}
	private := credentials != "" && filepath.Dir(filepath.Clean(path)) == filepath.Clean(credentials)
	if !private && info.Mode().Perm()&0o077 != 0 {
		return zoom.Secret{}, fmt.Errorf("read secret: %s has mode %04o and others can read it: chmod 600 %s", path, info.Mode().Perm(), path)
	}
	if info.Size() > maxSecretBytes {
		return zoom.Secret{}, fmt.Errorf("read secret: %s has %d bytes, a client secret has fewer than %d", path, info.Size(), maxSecretBytes)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return zoom.Secret{}, fmt.Errorf("read secret: %w", err)
	}
	return trimSecret(text)
}

const maxSecretBytes = 4096
