package posture

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v4"

	"github.com/zoomward/zoomward/store"
)

//go:embed prevents.yaml
var preventsYAML []byte

// preventing says which detections' alerts some controls are there to prevent.
type preventing struct {
	Controls   []string `yaml:"controls"`
	Detections []string `yaml:"detections"`
}

// readPrevents reads prevents.yaml once; it is part of the program, and every test reads it.
var readPrevents = sync.OnceValue(func() map[string][]string {
	var list []preventing
	if err := yaml.Load(preventsYAML, &list, yaml.WithKnownFields()); err != nil {
		panic("posture: prevents.yaml: " + err.Error())
	}
	out := map[string][]string{}
	for _, p := range list {
		for _, id := range p.Controls {
			out[id] = append(out[id], p.Detections...)
			slices.Sort(out[id])
			out[id] = slices.Compact(out[id])
		}
	}
	return out
})

// Prevents returns, by control, the detections whose alerts the control is there to prevent.
func Prevents() map[string][]string { return readPrevents() }

// Paths lists the settings that a control reads, sorted: those of its condition, of what it gives points for in part, of its locks, and of the rule that figures of users go by.
func (c *Control) Paths() []string {
	var out []string
	note := func(e *Expr) {
		for _, p := range e.paths() {
			switch {
			case isSetting(p):
				out = append(out, p)
			case p == usersPasswordAlone:
				out = append(out, SignInSettings()...)
			case strings.Contains(p, "two_factor"): // whether the rule covers somebody
				out = append(out, twoFactorMode, twoFactorRoles, twoFactorGroups)
			}
		}
	}
	c.reads(note)
	if c.Partial != nil && c.Partial.When != nil {
		c.Partial.When.walk(note)
	}
	if c.Lock != nil {
		out = append(out, c.Lock.Paths...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// writeGrounds writes down which settings each control reads and which detections it spares, for the views posture_changes and posture_prevented.
func (c *Catalog) writeGrounds(ctx context.Context, tx *store.Tx) error {
	type rows struct {
		Control []string `col:"control_id"`
		Path    []string `col:"path"`
	}
	var paths rows
	var prevents struct {
		Control   []string `col:"control_id"`
		Detection []string `col:"detection_id"`
	}
	for i := range c.Controls {
		ctl := &c.Controls[i]
		for _, p := range ctl.Paths() {
			paths.Control, paths.Path = append(paths.Control, ctl.ID), append(paths.Path, p)
		}
		for _, d := range Prevents()[ctl.ID] {
			prevents.Control, prevents.Detection = append(prevents.Control, ctl.ID), append(prevents.Detection, d)
		}
	}
	for table, frame := range map[string]any{"models.posture_paths": paths, "models.posture_prevents": prevents} {
		if _, err := tx.Exec(ctx, `DELETE FROM `+table); err != nil {
			return fmt.Errorf("write what controls rest on: %w", err)
		}
		if _, err := tx.Append(ctx, table, frame); err != nil {
			return fmt.Errorf("write what controls rest on: %w", err)
		}
	}
	return nil
}
