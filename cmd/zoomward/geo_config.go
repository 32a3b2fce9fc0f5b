package main

import (
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/zoomward/zoomward/ingest/geo"
)

// readGeoLists reads geo.lists or geo.asns: entries with file, tags and category.
func readGeoLists(n *yaml.Node) ([]geo.List, error) {
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" {
		return nil, nil
	}
	if n.Kind != yaml.SequenceNode {
		return nil, errors.New("must be a list of entries with file, tags, category")
	}
	var out []geo.List
	for i, item := range n.Content {
		l, err := readGeoList(item)
		if err == nil {
			_, _, err = l.Check()
		}
		if err != nil {
			return nil, fmt.Errorf("entry %d: %w", i+1, err)
		}
		out = append(out, l)
	}
	return out, nil
}

func readGeoList(n *yaml.Node) (l geo.List, err error) {
	if n.Kind != yaml.MappingNode {
		return l, errors.New("must hold keys with values")
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i].Value, n.Content[i+1]
		switch {
		case key == "tags" && value.Kind == yaml.SequenceNode:
			if value.Decode(&l.Tags) != nil {
				return l, errors.New("tags: must be a list of texts")
			}
		case value.Kind != yaml.ScalarNode:
			return l, fmt.Errorf("%s: must be one value", key)
		case key == "tags":
			l.Tags = []string{value.Value}
		case key == "file":
			l.File = value.Value
		case key == "category":
			l.Category = value.Value
		default:
			return l, fmt.Errorf("unknown key %s", key)
		}
	}
	if l.File == "" {
		return l, errors.New("file is missing")
	}
	return l, checkPath(l.File)
}

func fileNames(lists []geo.List) string {
	names := make([]string, len(lists))
	for i, l := range lists {
		names[i] = l.File
	}
	return strings.Join(names, ",")
}

// networks takes networks such as 192.0.2.0/24, or single addresses.
func networks(p func(*Config) *[]netip.Prefix) func(*Config, string, fileValue) error {
	return func(c *Config, s string, v fileValue) error {
		texts := v.list
		if texts == nil && s != "" {
			texts = strings.Split(s, ",")
		}
		var out []netip.Prefix
		for _, text := range texts {
			n, err := parseNetwork(strings.TrimSpace(text))
			if err != nil {
				return err
			}
			out = append(out, n)
		}
		*p(c) = out
		return nil
	}
}

// parseNetwork reads a network of one's own. Bits after the prefix are taken for a slip: 10.1.2.0/8 may have been meant to be a /24.
func parseNetwork(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" {
		return a.Prefix(a.BitLen())
	}
	n, err := netip.ParsePrefix(s)
	switch {
	case err != nil:
		return n, fmt.Errorf("%q is not a network such as 192.0.2.0/24 or 2001:db8::/48", s)
	case n != n.Masked():
		return n, fmt.Errorf("%q has bits after its prefix: did you mean %s?", s, n.Masked())
	case n.Bits() == 0:
		return n, fmt.Errorf("%q is the whole internet", s)
	}
	return n, nil
}

// geoDir is the folder of location databases and lists that come through geo update; "" when there is no place for it.
func (a *app) geoDir() (string, error) {
	if a.cfg.GeoDir != "" {
		return a.cfg.GeoDir, nil
	}
	if err := checkDatabase(&a.cfg); err != nil {
		return "", err
	}
	return filepath.Join(filepath.Dir(a.cfg.DB), "geo"), nil
}
