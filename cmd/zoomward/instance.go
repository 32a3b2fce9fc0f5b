package main

import (
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// keyInstances is the section of the file with a part for every connection.
const keyInstances = "instances"

// instanceName is what a connection may be called: it becomes a folder.
var instanceName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

func checkInstance(name string) error {
	if !instanceName.MatchString(name) {
		return fmt.Errorf("%q is not a name of up to 63 small letters, digits and dashes, with a letter or digit at both ends", name)
	}
	return nil
}

// instances reads the section: under each name any of the keys of the file.
func (w configWalk) instances(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" {
		return nil
	}
	if n.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: %s must hold names with keys", n.Line, keyInstances)
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, part := n.Content[i], n.Content[i+1]
		if err := checkInstance(name.Value); err != nil {
			return fmt.Errorf("line %d: %s: %w", name.Line, keyInstances, err)
		}
		at := keyInstances + "." + name.Value
		if _, twice := w.out[at]; twice {
			return fmt.Errorf("line %d: key %s is given twice", name.Line, at)
		}
		w.out[at] = fileValue{line: name.Line}
		if part.Kind == yaml.ScalarNode && part.ShortTag() == "!!null" {
			continue
		}
		if err := (configWalk{known: w.known, sections: w.sections, out: w.out, instance: at + "."}).mapping(part, ""); err != nil {
			return err
		}
	}
	return nil
}

// chooseInstance notes which connection a command is about. Where the file has parts for connections, the name must be one of them.
func (c *Config) chooseInstance(flags map[string]string, getenv func(string) string, fromFile map[string]fileValue) error {
	name, origin := flags[keyInstance], "flag --instance"
	if name == "" {
		name, origin = getenv("ZOOMWARD_INSTANCE"), "environment ZOOMWARD_INSTANCE"
	}
	if name == "" {
		return nil
	}
	if err := checkInstance(name); err != nil {
		return usageErrorf("%s (%s): %w", keyInstance, origin, err)
	}
	var known []string
	for _, key := range slices.Sorted(maps.Keys(fromFile)) {
		if rest, ok := strings.CutPrefix(key, keyInstances+"."); ok && !strings.Contains(rest, ".") {
			known = append(known, rest)
		}
	}
	if known != nil && !slices.Contains(known, name) {
		return usageErrorf("%s (%s): %s has no instance %s, only %s", keyInstance, origin, c.File, name, strings.Join(known, ", "))
	}
	c.Instance = name
	c.values = append(c.values, configValue{keyInstance, name, origin})
	return nil
}

// instanceValue is what the file says about a key for an instance: in its part, else at the top.
func instanceValue(fromFile map[string]fileValue, key, instance string) (fileValue, bool) {
	if instance != "" {
		if v, ok := fromFile[keyInstances+"."+instance+"."+key]; ok && (v.text != "" || v.list != nil) {
			return v, true
		}
	}
	v, ok := fromFile[key]
	v.text = inInstance(key, v.text, instance)
	return v, ok
}

// inInstance makes the place of an instance out of one that was named for all: what is written there belongs to one connection, so it gets a folder of its own.
func inInstance(key, path, instance string) string {
	switch {
	case instance == "" || path == "":
	case key == keyDB:
		return filepath.Join(filepath.Dir(path), instance, filepath.Base(path))
	case key == keyExportDir:
		return filepath.Join(path, instance)
	}
	return path
}
