package posture

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ParamsKey is where parameters stand in the configuration.
const ParamsKey = "posture.params"

// Params holds the configured parameters by name: a number (float64 or int) or a list ([]string, or []any of strings, as YAML decodes it).
type Params map[string]any

// CheckParams validates configured parameters: an unknown name, a value of the wrong kind, and an entry that nothing could
// ever match are errors that name it and say what to write.
func (c *Catalog) CheckParams(p Params) error {
	_, err := c.resolve(p)
	return err
}

type resolvedParams struct {
	numbers map[string]float64
	lists   map[string][]string
}

// resolve lays the configured parameters over the defaults. What is wrong keeps its default and is part of the error.
func (c *Catalog) resolve(p Params) (resolvedParams, error) {
	var errs []error
	wrong := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	r := resolvedParams{numbers: map[string]float64{}, lists: map[string][]string{}}
	for _, d := range c.Params {
		if d.Number != nil {
			r.numbers[d.Name] = *d.Number
		} else {
			r.lists[d.Name] = d.List
		}
	}
	names := make([]string, 0, len(p))
	for name := range p {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		d, ok := c.params[name]
		if !ok {
			wrong("%s.%s is no parameter of any control: `zoomward catalog --controls` lists what there is to set", ParamsKey, name)
			continue
		}
		v, err := normalise(p[name])
		if list, isList := p[name].([]any); isList && len(list) == 0 {
			v, err = []string(nil), nil
		}
		if err != nil {
			wrong("%s.%s: %w", ParamsKey, name, err)
			continue
		}
		switch v := v.(type) {
		case float64:
			if d.Number == nil {
				wrong("%s.%s is a number, want a list of strings", ParamsKey, name)
				continue
			}
			if k, ok := paramKinds[name]; ok {
				if err := k.checkNumber(v); err != nil {
					wrong("%s.%s %w", ParamsKey, name, err)
					continue
				}
			}
			r.numbers[name] = v
		case []string:
			if d.Number != nil {
				wrong("%s.%s is a list, want a number", ParamsKey, name)
				continue
			}
			clean := make([]string, 0, len(v))
			good := true
			for _, e := range v {
				if e = strings.TrimSpace(e); e == "" {
					continue
				}
				if err := paramKinds[name].checkEntry(e); err != nil {
					wrong("%s.%s %w", ParamsKey, name, err)
					good = false
				}
				clean = append(clean, e)
			}
			if !good {
				continue
			}
			r.lists[name] = clean
		default:
			wrong("%s.%s is a %T, want a number or a list of strings", ParamsKey, name, p[name])
		}
	}
	return r, errors.Join(errs...)
}
