package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/zoomward/zoomward/models/posture"
)

// controlEntry is one posture control as `catalog --controls --format json` prints it.
type controlEntry struct {
	ID         string   `json:"control_id"`
	Title      string   `json:"title"`
	Severity   string   `json:"severity"`
	About      string   `json:"resource_type"`
	Automation string   `json:"automation"` // auto, probe, manual
	Profiles   []string `json:"profiles"`   // empty: all
}

// paramEntry is one parameter of them.
type paramEntry struct {
	Name        string `json:"name"`
	Default     any    `json:"default"`
	Description string `json:"description"`
}

// listControls prints the posture controls and their parameters, which need no database.
func (a *app) listControls(format string) error {
	c, err := posture.Load()
	if err != nil {
		return err
	}
	var out struct {
		Controls []controlEntry `json:"controls"`
		Params   []paramEntry   `json:"params"`
	}
	for i := range c.Controls {
		x := &c.Controls[i]
		out.Controls = append(out.Controls, controlEntry{x.ID, x.Title, string(x.Severity), x.Scope, x.Automation, append([]string{}, x.Profiles...)})
	}
	for _, p := range c.Params {
		e := paramEntry{p.Name, append([]string{}, p.List...), p.Description}
		if p.Number != nil {
			e.Default = *p.Number
		}
		out.Params = append(out.Params, e)
	}
	if format == formatJSON {
		enc := json.NewEncoder(a.stdout)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		if err := enc.Encode(out); err != nil {
			return fmt.Errorf("write controls: %w", err)
		}
		return nil
	}
	t := newTable(a.stdout, "CONTROL", "SEVERITY", "ABOUT", "JUDGED", "PASSES WHEN")
	for _, x := range out.Controls {
		t.row(x.ID, x.Severity, x.About, x.Automation, x.Title)
	}
	if err := t.flush(); err != nil {
		return err
	}
	fmt.Fprintln(a.stdout, "\nParameters (posture.params)")
	t = newTable(a.stdout, "NAME", "DEFAULT", "MEANING")
	for _, p := range out.Params {
		def := fmt.Sprint(p.Default)
		if list, ok := p.Default.([]string); ok {
			def = strings.Join(list, ", ")
		}
		t.row(p.Name, def, p.Description)
	}
	return t.flush()
}
