package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/zoomward/zoomward/ingest"
	"github.com/zoomward/zoomward/models"
	"github.com/zoomward/zoomward/store"
)

// catalogEntry is one detection as `catalog --format json` prints it; its keys are a contract.
type catalogEntry struct {
	ID            string        `json:"id"`
	Title         string        `json:"title"`
	Class         string        `json:"class"`
	Severity      string        `json:"severity,omitempty"`
	Group         string        `json:"risk_factor_group,omitempty"`
	Kind          string        `json:"kind,omitempty"` // statistical, sequential, rule
	Needs         []catalogNeed `json:"needs"`
	CanRun        *bool         `json:"can_run"` // null: no database yet
	Why           string        `json:"why,omitempty"`
	Off           bool          `json:"off"` // by the config
	Techniques    []string      `json:"attack_techniques"`
	AttackVersion string        `json:"attack_version,omitempty"`
	Techniques19  []string      `json:"attack_techniques_v19"`
	About         string        `json:"about"`
}

type catalogNeed struct {
	Name   string   `json:"name"`
	Feeds  []string `json:"feeds,omitempty"`  // one of them is enough
	Scopes []string `json:"scopes,omitempty"` // that open them
	Lacks  string   `json:"lacks,omitempty"`
}

func catalogCommand() command {
	return command{
		name: "catalog", args: "[--indicators|--controls] [--format table|json]", summary: "every detection: what it finds, what it needs, whether it can run here",
		detail: `Lists the detections with the data that each needs, and says of those that cannot run on the connected account which scope, plan, list or import they lack. Reads
the database of the last run and asks Zoom nothing; without a database it lists all the same. --indicators lists the signs of risk that findings name in their evidence (view
risk_indicators), --controls the posture controls, whose ids posture.exceptions take, and the parameters that posture.params may set. How the account stands is told by zoomward posture.`,
		example: "zoomward catalog --format json",
		flags: func(set *flag.FlagSet) action {
			format := set.String("format", formatTable, "")
			indicators, controls := set.Bool("indicators", false, ""), set.Bool("controls", false, "")
			return func(ctx context.Context, a *app, args []string) error {
				if err := noArguments(args); err != nil {
					return err
				}
				if *format != formatTable && *format != "json" {
					return usageErrorf("--format: %q is not one of table, json", *format)
				}
				switch {
				case *indicators && *controls:
					return usageErrorf("--indicators and --controls are two lists: name one of them")
				case *indicators:
					return a.listIndicators(*format)
				case *controls:
					return a.listControls(*format)
				}
				return a.catalog(ctx, *format)
			}
		},
	}
}

func (a *app) catalog(ctx context.Context, format string) error {
	var lacks map[string]string // nil: not known
	if _, err := os.Stat(a.cfg.DB); !errors.Is(err, fs.ErrNotExist) {
		err := a.withPublished(ctx, func(db *store.DB) (err error) {
			lacks, err = models.Lacks(ctx, db)
			return err
		})
		if err != nil {
			return err
		}
	}
	entries := catalogEntries(a.cfg.scoring(), a.cfg.Policies, lacks)
	if format == "json" {
		enc := json.NewEncoder(a.stdout)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		if err := enc.Encode(entries); err != nil {
			return fmt.Errorf("write catalog: %w", err)
		}
		return nil
	}
	t := newTable(a.stdout, "ID", "CLASS", "SEVERITY", "RUNS", "DETECTION", "NEEDS")
	for _, e := range entries {
		var names []string
		for _, n := range e.Needs {
			names = append(names, n.Name)
		}
		t.row(e.ID, e.Class, e.Severity, e.runs(), e.Title, strings.Join(names, ", "))
	}
	if err := t.flush(); err != nil {
		return err
	}
	runs := 0
	seen := map[string]bool{}
	for _, e := range entries {
		if e.CanRun == nil || *e.CanRun {
			runs++
		} else if !seen[e.Why] {
			if len(seen) == 0 {
				fmt.Fprintln(a.stdout, "\nWhat is missing")
			}
			seen[e.Why] = true
			fmt.Fprintf(a.stdout, "  %s\n", sanitize(e.Why))
		}
	}
	if lacks == nil {
		fmt.Fprintf(a.stdout, "\n%d detections. There is no database yet: after zoomward run the column RUNS says which can run on the account.\n", len(entries))
		return nil
	}
	fmt.Fprintf(a.stdout, "\n%d of %d detections can run on this account.\n", runs, len(entries))
	return nil
}

// listIndicators prints the catalogue of indicators.
func (a *app) listIndicators(format string) error {
	if format == "json" {
		type entry struct {
			ID    string `json:"id"`
			Name  string `json:"name"`
			Group string `json:"risk_factor_group"`
			About string `json:"about"`
		}
		var out []entry
		for _, x := range models.Indicators {
			out = append(out, entry{x.ID, x.Name, x.Group, x.About})
		}
		enc := json.NewEncoder(a.stdout)
		enc.SetIndent("", "  ")
		if err := enc.Encode(out); err != nil {
			return fmt.Errorf("write indicators: %w", err)
		}
		return nil
	}
	t := newTable(a.stdout, "ID", "INDICATOR", "GROUP", "MEANING")
	for _, x := range models.Indicators {
		t.row(x.ID, x.Name, x.Group, x.About)
	}
	return t.flush()
}

func (e catalogEntry) runs() string {
	switch {
	case e.CanRun == nil:
		return "?"
	case !*e.CanRun:
		return "no"
	case e.Off:
		return "off"
	}
	return "yes"
}

// catalogEntries describes the catalogue, by id.
func catalogEntries(scoring models.Config, policies string, lacks map[string]string) []catalogEntry {
	scopes := map[string][]string{}
	for _, f := range ingest.Feeds() {
		for _, e := range f.Endpoints {
			for _, s := range e.Scopes {
				if !slices.Contains(scopes[f.Name], s) {
					scopes[f.Name] = append(scopes[f.Name], s)
				}
			}
		}
	}
	var out []catalogEntry
	for i := range models.Catalogue {
		d := &models.Catalogue[i]
		e := catalogEntry{ID: d.ID, Title: d.Title, Class: string(d.Class), Severity: d.Severity, Group: d.Group, Kind: d.Kind, Techniques: d.Techniques, AttackVersion: models.AttackVersion,
			Techniques19: d.Techniques19(), About: d.About, Off: scoring.Detections[d.ID].Off}
		can := true
		var why []string
		for _, n := range d.Needs() {
			c := catalogNeed{Name: n.Name, Feeds: n.Feeds, Lacks: lacks[n.Name]}
			for _, f := range n.Feeds {
				c.Scopes = append(c.Scopes, scopes[f]...)
			}
			if c.Lacks != "" {
				can = false
				why = append(why, c.Lacks)
			}
			e.Needs = append(e.Needs, c)
		}
		if lacks != nil {
			e.CanRun, e.Why = &can, strings.Join(why, "; ")
		}
		out = append(out, e)
	}
	for _, u := range models.NotSupported {
		can := false
		out = append(out, catalogEntry{ID: u.ID, Title: u.Title, Class: string(u.Class), CanRun: &can, Why: u.ID + " " + u.Why, Needs: []catalogNeed{}, Techniques: u.Techniques, AttackVersion: models.AttackVersion, Techniques19: u.Techniques19()})
	}
	own := policies != ""
	custom := catalogEntry{ID: "ZW-CUS-01", Title: "Policies of the account's own", Class: string(models.Alert), Group: "Custom", Kind: "rule", CanRun: &own, Needs: []catalogNeed{{Name: "policies"}},
		Techniques: []string{}, Techniques19: []string{}, About: "SQL over the views, see zoomward policy list."}
	if !own {
		custom.Needs[0].Lacks = "name a folder of SQL files in the config key policies"
		custom.Why = custom.Needs[0].Lacks
	}
	out = append(out, custom)
	slices.SortFunc(out, func(x, y catalogEntry) int { return strings.Compare(x.ID, y.ID) })
	return out
}
