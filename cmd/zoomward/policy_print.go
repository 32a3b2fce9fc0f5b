package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/zoomward/zoomward/models/policy"
)

// trialView is a trial as JSON; its keys are a contract.
type trialView struct {
	Policy      string         `json:"policy_id"`
	Since       time.Time      `json:"since"`
	Until       time.Time      `json:"until"`
	Evaluations int            `json:"evaluations"`
	Users       int            `json:"users"`
	Findings    []trialFinding `json:"findings"`
	PerWeek     float64        `json:"per_week"`
	PerThousand float64        `json:"per_1000_users_week"`
	Warnings    []string       `json:"warnings"`
}

type trialFinding struct {
	Class    string          `json:"class"`
	Severity string          `json:"severity"`
	Email    string          `json:"user_email,omitempty"`
	Key      json.RawMessage `json:"group"`
	First    time.Time       `json:"first_seen_at"`
	Last     time.Time       `json:"last_seen_at"`
	Observed float64         `json:"observed"`
	Unit     string          `json:"unit"`
	Summary  string          `json:"summary"`
	Evidence json.RawMessage `json:"evidence"`
}

func (a *app) writeTrials(trials []policy.Trial) error {
	out := make([]trialView, len(trials))
	for i, t := range trials {
		v := trialView{t.Policy, t.Since, t.Until, t.Evaluations, t.Users, []trialFinding{}, t.PerWeek, t.PerThousand, append([]string{}, t.Warnings...)}
		for _, f := range t.Findings {
			v.Findings = append(v.Findings, trialFinding{string(f.Class), f.Severity, f.Email, json.RawMessage(f.Key), f.First, f.Last, f.Observed, f.Unit, f.Summary, json.RawMessage(f.Evidence)})
		}
		out[i] = v
	}
	enc := json.NewEncoder(a.data())
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(out); err != nil {
		return fmt.Errorf("write what the policies would have raised: %w", err)
	}
	return nil
}

// What a trial shows to a person; JSON holds all of it.
const (
	shownFindings = 20
	shownRows     = 3 // of the first findings
	rowsOfFirst   = 3
)

func (a *app) printTrials(checked []policy.Checked, trials []policy.Trial) error {
	for i, t := range trials {
		if i > 0 {
			fmt.Fprintln(a.stdout)
		}
		c := checked[i]
		fmt.Fprintf(a.stdout, "%s %s: %s\n", sanitize(t.Policy), sanitize(c.Title), sanitize(c.Description))
		fmt.Fprintf(a.stdout, "%s to %s, %d evaluations\n", t.Since.Format(time.RFC3339), t.Until.Format(time.RFC3339), t.Evaluations)
		noun := string(c.Class)
		if len(t.Findings) != 1 {
			noun += "s"
		}
		fmt.Fprintf(a.stdout, "%d %s, %s a week", len(t.Findings), noun, strconv.FormatFloat(t.PerWeek, 'g', 3, 64))
		if t.Users > 0 {
			fmt.Fprintf(a.stdout, ", %s per 1,000 users and week", strconv.FormatFloat(t.PerThousand, 'g', 3, 64))
		}
		fmt.Fprintln(a.stdout)
		if len(t.Findings) > 0 {
			fmt.Fprintln(a.stdout)
			table := newTable(a.stdout, "SEVERITY", "FIRST", "LAST", "OBSERVED", "UNIT", "USER", "SUMMARY")
			for _, f := range t.Findings[:min(len(t.Findings), shownFindings)] {
				table.row(f.Severity, f.First.Format(time.RFC3339), f.Last.Format(time.RFC3339), strconv.FormatFloat(f.Observed, 'g', 6, 64), f.Unit, f.Email, f.Summary)
			}
			if err := table.flush(); err != nil {
				return err
			}
			if more := len(t.Findings) - shownFindings; more > 0 {
				fmt.Fprintf(a.stdout, "and %d more: --format json lists them\n", more)
			}
			fmt.Fprintln(a.stdout, "\nRows of the first of them:")
			for _, f := range t.Findings[:min(len(t.Findings), rowsOfFirst)] {
				for _, r := range sampleOf(f) {
					fmt.Fprintln(a.stdout, "  "+sanitize(r))
				}
			}
		}
		for _, w := range t.Warnings {
			fmt.Fprintf(a.stdout, "warning: %s\n", sanitize(w))
		}
	}
	return nil
}

// sampleOf returns a few of the rows that a finding rests on.
func sampleOf(f policy.Finding) (out []string) {
	var e struct {
		Policy struct {
			Rows []json.RawMessage `json:"sample_rows"`
		} `json:"policy"`
	}
	if json.Unmarshal([]byte(f.Evidence), &e) != nil {
		return nil
	}
	for _, r := range e.Policy.Rows[:min(len(e.Policy.Rows), shownRows)] {
		out = append(out, string(r))
	}
	return out
}
