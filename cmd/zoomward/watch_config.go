package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/zoomward/zoomward/models"
)

// peopleKey is a key that names people.
func peopleKey(name string, p func(*Config) *models.People) configKey {
	return configKey{name: name, set: func(c *Config, _ string, v fileValue) error { *p(c) = v.people; return nil },
		read: func(n *yaml.Node, v *fileValue) error {
			if isNull(n) {
				return nil
			}
			err := peopleField(&v.people)(n)
			if p := v.people; len(p.Users)+len(p.Groups)+len(p.Departments)+len(p.Roles) > 0 { // without a text it would count as not given
				v.text = selectionText(models.Selection{In: p}, "")
			}
			return err
		}}
}

// leaverColumns are the columns of a file of leavers.
var leaverColumns = []string{"email", "last_day"}

const (
	maxLeaverBytes = 16 << 20
	maxLeavers     = 300_000 // about what such a file holds
)

// readLeavers reads who leaves and when: CSV with a header, whose other columns are passed over.
func readLeavers(path string) ([]models.Leaver, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read leavers: %w", err)
	}
	defer f.Close()
	out, err := parseLeavers(io.LimitReader(f, maxLeaverBytes))
	if err != nil {
		return nil, fmt.Errorf("read leavers %s: %w", path, err)
	}
	return out, nil
}

func parseLeavers(r io.Reader) ([]models.Leaver, error) {
	in := csv.NewReader(r)
	head, err := in.Read()
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("the file is empty: the first line names the columns %s", strings.Join(leaverColumns, ","))
	}
	if err != nil {
		return nil, err
	}
	at := make([]int, len(leaverColumns))
	for k, name := range leaverColumns {
		at[k] = slices.IndexFunc(head, func(h string) bool {
			return strings.EqualFold(strings.TrimSpace(strings.TrimPrefix(h, "\ufeff")), name)
		})
		if at[k] < 0 {
			return nil, fmt.Errorf("column %s is missing: the first line names the columns %s", name, strings.Join(leaverColumns, ","))
		}
	}
	var out []models.Leaver
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		line, _ := in.FieldPos(0)
		l := models.Leaver{Email: strings.ToLower(strings.TrimSpace(row[at[0]]))}
		if !strings.Contains(l.Email, "@") {
			return nil, fmt.Errorf("line %d: email %q is no address", line, l.Email)
		}
		if l.LastDay, err = time.Parse(time.DateOnly, strings.TrimSpace(row[at[1]])); err != nil {
			return nil, fmt.Errorf("line %d: last_day %q is not a date like 2026-01-31", line, row[at[1]])
		}
		if out = append(out, l); len(out) > maxLeavers {
			return nil, fmt.Errorf("line %d: more than %d leavers", line, maxLeavers)
		}
	}
}
