package posture

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v4"
)

//go:embed catalog/*.yaml
var catalogFiles embed.FS

// schemaVersion is the version of the catalogue's file format.
const schemaVersion = 1

// Catalog is a compiled set of controls. It is read-only once loaded.
type Catalog struct {
	Controls []Control // by section, in the order of the files
	Params   []Param   // by name
	params   map[string]Param
	values   map[string][]string // what Zoom documents, by path; the field of a select is part of it
}

type catalogFile struct {
	Schema   int              `yaml:"schema"`
	Values   map[string][]any `yaml:"values"`
	Params   []Param          `yaml:"params"`
	Controls []Control        `yaml:"controls"`
}

var embedded = sync.OnceValues(func() (*Catalog, error) { return loadFrom(catalogFiles) })

// Load returns the catalogue that is part of the program.
func Load() (*Catalog, error) { return embedded() }

// loadFrom compiles every catalog/*.yaml of fsys. Unknown keys, unknown operators and conditions that could never be evaluated are errors.
func loadFrom(fsys fs.FS) (*Catalog, error) {
	names, err := fs.Glob(fsys, "catalog/*.yaml")
	if err != nil {
		return nil, err
	}
	c := &Catalog{params: map[string]Param{}, values: map[string][]string{}}
	for _, name := range names {
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		var f catalogFile
		if err := yaml.Load(text, &f, yaml.WithKnownFields()); err != nil {
			return nil, fmt.Errorf("read catalogue %s: %w", path.Base(name), err)
		}
		if f.Schema != schemaVersion {
			return nil, fmt.Errorf("read catalogue %s: schema %d, want %d", path.Base(name), f.Schema, schemaVersion)
		}
		c.Controls = append(c.Controls, f.Controls...)
		c.Params = append(c.Params, f.Params...)
		for path, list := range f.Values {
			for _, v := range list {
				c.values[path] = append(c.values[path], fmt.Sprint(v))
			}
		}
	}
	slices.SortFunc(c.Params, func(a, b Param) int { return strings.Compare(a.Name, b.Name) })
	for _, p := range c.Params {
		if _, ok := c.params[p.Name]; ok {
			return nil, fmt.Errorf("read catalogue: parameter %s is there twice", p.Name)
		}
		c.params[p.Name] = p
	}
	if err := c.compile(); err != nil {
		return nil, err
	}
	return c, nil
}

// Control returns the control with this id.
func (c *Catalog) Control(id string) (Control, bool) {
	for i := range c.Controls {
		if c.Controls[i].ID == id {
			return c.Controls[i], true
		}
	}
	return Control{}, false
}

func (c *Catalog) compile() error {
	ids := map[string]bool{}
	for i := range c.Controls {
		if id := c.Controls[i].ID; ids[id] {
			return fmt.Errorf("read catalogue: control %s is there twice", id)
		} else {
			ids[id] = true
		}
	}
	var errs []error
	for i := range c.Controls {
		ctl := &c.Controls[i]
		if err := c.check(ctl, ids); err != nil {
			errs = append(errs, fmt.Errorf("read catalogue: control %s: %w", ctl.ID, err))
		}
	}
	return errors.Join(errs...)
}
