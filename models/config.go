package models

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
)

// Config is what a user may set of the scoring.
type Config struct {
	BudgetPerThousandUsersWeek float64 // alerts per 1,000 users and week; > 0
	FDR                        float64 // share of alerts that may be false, in (0, 1)
	// Learning: a user with fewer earlier active days is judged by rules alone.
	LearningDays int64

	Detections map[string]Setting `json:",omitempty"` // by id; one that is missing is as the catalogue has it
	Scopes     []Scope            `json:",omitempty"` // whose findings are judged by another sensitivity
	Exclusions []Selection        `json:",omitempty"` // whose findings stay behaviors, whatever scopes say

	// Countries that people sign in from, and those that nobody does, as ISO 3166-1 alpha-2 codes; none for any. One of both lists at most.
	AllowCountries []string `json:",omitempty"`
	DenyCountries  []string `json:",omitempty"`
	Watch          Watch    `json:",omitzero"` // people whose activity is worth a look by itself
}

// DefaultConfig returns the settings of a new installation.
func DefaultConfig() Config {
	return Config{BudgetPerThousandUsersWeek: 5, FDR: 0.05, LearningDays: 5}
}

var countryCode = regexp.MustCompile(`^[A-Z]{2}$`)

// Validate refuses what cannot work.
func (c Config) Validate() error {
	switch {
	case c.BudgetPerThousandUsersWeek <= 0:
		return fmt.Errorf("alert budget %g: must be above 0 alerts per 1,000 users and week", c.BudgetPerThousandUsersWeek)
	case c.FDR <= 0 || c.FDR >= 1:
		return fmt.Errorf("false discovery rate %g: must be between 0 and 1", c.FDR)
	case c.LearningDays < minHistory:
		return fmt.Errorf("learning days %d: must be at least %d", c.LearningDays, minHistory)
	case len(c.AllowCountries) > 0 && len(c.DenyCountries) > 0:
		return errors.New("countries.allow and countries.deny are both given: what is not allowed is denied already, so remove countries.deny, or else countries.allow")
	}
	for _, code := range slices.Concat(c.AllowCountries, c.DenyCountries) {
		if !countryCode.MatchString(code) {
			return fmt.Errorf("country %q under countries.allow or countries.deny: give two capital letters such as DE (ISO 3166-1)", code)
		}
	}
	return c.validatePolicy()
}

// engineVersion changes whenever the same rows would get other scores, so that a new program scores its history anew.
const engineVersion = 17

// fingerprint names everything that scores depend on besides the rows.
func (c Config) fingerprint() string {
	raw, err := json.Marshal(struct {
		Engine int
		Config Config
	}{engineVersion, c.canonical()})
	if err != nil {
		panic(err) // numbers and texts always encode
	}
	h := sha256.Sum256(raw)
	return hex.EncodeToString(h[:8])
}
