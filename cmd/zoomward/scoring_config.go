package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/zoomward/zoomward/models"
)

// Keys of the scoring: what a policy file of `backtest` may hold.
const (
	keyBudget     = "alerts.budget_per_1000_users_week"
	keyFDR        = "alerts.fdr"
	keyDetections = "detections"
	keyScopes     = "scopes"
	keyExclusions = "exclusions"
	keyAllowed    = "countries.allow"
	keyDenied     = "countries.deny"
	keyLeave      = "watch.leave"
	keyWatch      = "watch.list"
	keyLeavers    = "watch.leavers"
)

func scoringKeys() []string {
	return []string{keyBudget, keyFDR, keyDetections, keyScopes, keyExclusions, keyAllowed, keyDenied, keyLeave, keyWatch, keyLeavers}
}

// scoring is what the scoring goes by.
func (c *Config) scoring() models.Config {
	m := models.DefaultConfig()
	m.BudgetPerThousandUsersWeek, m.FDR = c.BudgetPer1000UsersWeek, c.FDR
	m.Detections, m.Scopes, m.Exclusions = c.Detections, c.Scopes, c.Exclusions
	m.AllowCountries, m.DenyCountries = c.AllowCountries, c.DenyCountries
	m.Watch = c.Watch
	return m
}

// fieldReader reads the value of one key of a mapping.
type fieldReader func(n *yaml.Node) error

// readFields reads a mapping of known keys. Its errors name the key.
func readFields(n *yaml.Node, fields map[string]fieldReader) error {
	if n.Kind == yaml.AliasNode {
		return errors.New("aliases are not taken here: write it out")
	}
	if n.Kind != yaml.MappingNode {
		return fmt.Errorf("must hold keys with values, of %s", strings.Join(slices.Sorted(maps.Keys(fields)), ", "))
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i].Value
		read, ok := fields[key]
		switch {
		case !ok:
			return fmt.Errorf("unknown key %s: it is one of %s", key, strings.Join(slices.Sorted(maps.Keys(fields)), ", "))
		case seen[key]:
			return fmt.Errorf("key %s is given twice", key)
		}
		seen[key] = true
		if err := read(n.Content[i+1]); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	return nil
}

// textField reads one value.
func textField[T ~string](p *T) fieldReader {
	return func(n *yaml.Node) error {
		if n.Kind != yaml.ScalarNode {
			return errors.New("must be one value")
		}
		*p = T(n.Value)
		return nil
	}
}

// wordField reads one of a few words, in any case.
func wordField[T ~string](p *T) fieldReader {
	return func(n *yaml.Node) error {
		err := textField(p)(n)
		*p = T(strings.ToLower(string(*p)))
		if err == nil && *p == "" {
			err = errors.New("is empty: give it a value, or remove it")
		}
		return err
	}
}

// listField reads a list of texts, or one text.
func listField(p *[]string) fieldReader {
	return func(n *yaml.Node) error {
		items := []*yaml.Node{n}
		if n.Kind == yaml.SequenceNode {
			items = n.Content
		}
		for _, item := range items {
			if item.Kind != yaml.ScalarNode {
				return errors.New("must be a list of texts")
			}
			*p = append(*p, item.Value)
		}
		return nil
	}
}

func switchField(p *bool) fieldReader {
	return func(n *yaml.Node) error {
		if n.Kind != yaml.ScalarNode || n.Decode(p) != nil {
			return errors.New("must be true or false")
		}
		return nil
	}
}

func peopleField(p *models.People) fieldReader {
	return func(n *yaml.Node) error {
		return readFields(n, map[string]fieldReader{
			"users": listField(&p.Users), "groups": listField(&p.Groups), "departments": listField(&p.Departments), "roles": listField(&p.Roles),
		})
	}
}

// readDetections reads the settings of detections by id.
func readDetections(n *yaml.Node) (map[string]models.Setting, error) {
	if isNull(n) {
		return nil, nil
	}
	if n.Kind != yaml.MappingNode {
		return nil, errors.New("must hold ids of detections, each with sensitivity, severity, off")
	}
	out := map[string]models.Setting{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		id := n.Content[i].Value
		if _, twice := out[id]; twice {
			return nil, fmt.Errorf("%s is given twice", id)
		}
		var s models.Setting
		err := readFields(n.Content[i+1], map[string]fieldReader{"sensitivity": wordField(&s.Sensitivity), "severity": wordField(&s.Severity), "off": switchField(&s.Off)})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", id, err)
		}
		out[id] = s
	}
	return out, nil
}

// readScopes reads a list of scopes.
func readScopes(n *yaml.Node) (out []models.Scope, err error) {
	err = eachEntry(n, func(item *yaml.Node) error {
		var s models.Scope
		fields := selectionFields(&s.Selection)
		fields["sensitivity"] = wordField(&s.Sensitivity)
		err := readFields(item, fields)
		out = append(out, s)
		return err
	})
	return out, err
}

// readExclusions reads a list of exclusions.
func readExclusions(n *yaml.Node) (out []models.Selection, err error) {
	err = eachEntry(n, func(item *yaml.Node) error {
		var s models.Selection
		err := readFields(item, selectionFields(&s))
		out = append(out, s)
		return err
	})
	return out, err
}

func selectionFields(s *models.Selection) map[string]fieldReader {
	return map[string]fieldReader{"name": textField(&s.Name), "detections": listField(&s.Detections), "in": peopleField(&s.In), "out": peopleField(&s.Out)}
}

func eachEntry(n *yaml.Node, f func(item *yaml.Node) error) error {
	if isNull(n) {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		return errors.New("must be a list of entries")
	}
	for i, item := range n.Content {
		if err := f(item); err != nil {
			return fmt.Errorf("entry %d: %w", i+1, err)
		}
	}
	return nil
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// detectionsText is how config print shows the settings of detections.
func detectionsText(all map[string]models.Setting) string {
	var out []string
	for _, id := range slices.Sorted(maps.Keys(all)) {
		s := all[id]
		words := []string{id}
		if s.Sensitivity != "" {
			words = append(words, "sensitivity "+string(s.Sensitivity))
		}
		if s.Severity != "" {
			words = append(words, "severity "+s.Severity)
		}
		if s.Off {
			words = append(words, "off")
		}
		out = append(out, strings.Join(words, " "))
	}
	return strings.Join(out, "; ")
}

// selectionText is how config print shows a scope or an exclusion.
func selectionText(s models.Selection, sensitivity models.Sensitivity) string {
	var words []string
	add := func(what string, names ...string) {
		if len(names) > 0 && names[0] != "" {
			words = append(words, what+strings.Join(names, ","))
		}
	}
	add("", s.Name)
	add("sensitivity ", string(sensitivity))
	add("detections ", s.Detections...)
	for _, side := range []struct {
		word   string
		people models.People
	}{{"in", s.In}, {"out", s.Out}} {
		add(side.word+" users ", side.people.Users...)
		add(side.word+" groups ", side.people.Groups...)
		add(side.word+" departments ", side.people.Departments...)
		add(side.word+" roles ", side.people.Roles...)
	}
	if words == nil {
		return "empty entry"
	}
	return strings.Join(words, " ")
}
