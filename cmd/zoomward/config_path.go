package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// checkPath refuses what a shell would have made another path of: nobody wants a folder called ~.
func checkPath(s string) error {
	if s == "~" || strings.HasPrefix(s, "~/") {
		return fmt.Errorf("%q: only a shell knows what ~ stands for: write the whole path", s)
	}
	return nil
}

// checkDatabase makes c.DB a path that a database can be at. A symbolic link is followed here, once: its target is what runs lock and replace, whatever name they
// were given for it.
func checkDatabase(c *Config) error {
	if c.DB == "" {
		return usageErrorf("no place for the database: HOME is not set; name a file with --db or ZOOMWARD_DB")
	}
	info, err := os.Lstat(c.DB)
	if err == nil && info.Mode()&fs.ModeSymlink != 0 {
		target, err := filepath.EvalSymlinks(c.DB)
		if err != nil {
			return usageErrorf("db: follow the link %s: %w", c.DB, err)
		}
		c.DB = target
		info, err = os.Stat(target)
		if err != nil {
			return fmt.Errorf("look for the database: %w", err)
		}
	}
	if err == nil && info.IsDir() {
		return usageErrorf("db: %s is a folder: name a file, such as %s", c.DB, filepath.Join(c.DB, "zoomward.duckdb"))
	}
	if err == nil && !info.Mode().IsRegular() {
		return usageErrorf("db: %s is no regular file: name another", c.DB)
	}
	return nil
}

// needsData refuses to go on without a database: a mistyped path must not become an empty one.
func (a *app) needsData() error {
	if err := checkDatabase(&a.cfg); err != nil {
		return err
	}
	for _, path := range []string{a.cfg.DB, workPath(a.cfg.DB)} {
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			return nil // there, or in a state that opening it will tell of
		}
	}
	return noDatabase(a.cfg.DB)
}

func noDatabase(path string) error {
	return withHint(fmt.Errorf("open database %s: there is none yet", path), "zoomward run makes it; --db or ZOOMWARD_DB names another place")
}
