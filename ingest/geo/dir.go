package geo

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Endings of the files of Config.Dir that are looked at.
var (
	databaseEnding = ".mmdb"
	listEndings    = []string{".txt", ".csv", ".list", ".netset", ".ipset"}
)

// dirContent is what the folder of a config adds to it.
type dirContent struct {
	databases []string
	lists     []List
	ignored   []string // neither
}

// scanDir looks into the folder of a config.
func scanDir(c Config) (dirContent, error) {
	var out dirContent
	if c.Dir == "" {
		return out, nil
	}
	entries, err := os.ReadDir(c.Dir) // sorted by name
	if err != nil {
		return out, fmt.Errorf("look for location databases (geo.dir): %w", err)
	}
	named := slices.Clone(c.Files)
	for _, l := range slices.Concat(c.Lists, c.ASNs) {
		named = append(named, l.File)
	}
	for _, e := range entries {
		path := filepath.Join(c.Dir, e.Name())
		info, err := os.Stat(path) // follows links
		if strings.HasPrefix(e.Name(), ".") || err != nil || !info.Mode().IsRegular() || slices.ContainsFunc(named, func(other string) bool {
			o, err := os.Stat(other)
			return err == nil && os.SameFile(info, o)
		}) {
			continue // hidden ones are files that are still being written
		}
		if filepath.Ext(path) == databaseEnding {
			out.databases = append(out.databases, path)
		} else if l, ok := listByName(path); ok {
			out.lists = append(out.lists, l)
		} else {
			out.ignored = append(out.ignored, path)
		}
	}
	return out, nil
}

// listByName returns what the name of a file says about the list in it: tor-exits.txt is one of category tor.
func listByName(path string) (List, bool) {
	if !slices.Contains(listEndings, filepath.Ext(path)) {
		return List{}, false
	}
	category := strings.ToLower(filepath.Base(path))
	if i := strings.IndexAny(category, ".-_"); i >= 0 {
		category = category[:i]
	}
	if !slices.Contains(ListCategories(), category) {
		return List{}, false
	}
	tags := []string{category}
	if category == CategoryTor || category == CategoryProxy {
		tags = append(tags, TagAnonymizer)
	}
	return List{File: path, Tags: tags, Category: category}, true
}
