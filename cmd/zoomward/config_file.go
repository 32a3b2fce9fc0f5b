package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/zoomward/zoomward/ingest/geo"
	"github.com/zoomward/zoomward/models"
	"github.com/zoomward/zoomward/models/posture"
)

// fileValue is what the file says about one key: text for a scalar, list or tree for the keys that take one.
type fileValue struct {
	text       string
	list       []string
	tree       map[string]any
	exceptions []posture.Exception
	geoLists   []geo.List
	detections map[string]models.Setting
	scopes     []models.Scope
	exclusions []models.Selection
	people     models.People
	line       int
}

// maxConfigBytes bounds the file: a config has a few hundred lines at most.
const maxConfigBytes = 1 << 20

// readConfigFile reads a YAML file into values by dotted key. Strict: an unknown key, a key given twice, a list where a value belongs are errors that name the
// key, the file and the line.
func readConfigFile(path string) (map[string]fileValue, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, usageErrorf("read config: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxConfigBytes+1))
	if err != nil {
		return nil, usageErrorf("read config: %w", err)
	}
	if len(text) > maxConfigBytes {
		return nil, usageErrorf("read config: %s is larger than %d bytes", path, maxConfigBytes)
	}
	values, err := parseConfig(text)
	if err != nil {
		return nil, usageErrorf("read config %s: %w", path, err)
	}
	return values, nil
}

func parseConfig(text []byte) (map[string]fileValue, error) {
	loader, err := yaml.NewLoader(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	var doc, more yaml.Node
	if err := loader.Load(&doc); errors.Is(err, io.EOF) { // nothing, or comments alone
		return map[string]fileValue{}, nil
	} else if err != nil {
		return nil, err
	}
	if err := loader.Load(&more); !errors.Is(err, io.EOF) {
		return nil, errors.New("one YAML document is wanted, there are more")
	}
	known := map[string]configKey{}
	sections := map[string]bool{}
	for _, k := range configKeys(func(string) string { return "" }) {
		if k.noFile {
			continue
		}
		known[k.name] = k
		if section, _, ok := strings.Cut(k.name, "."); ok {
			sections[section] = true
		}
	}
	root := &doc
	if root.Kind == yaml.DocumentNode {
		if len(root.Content) == 0 {
			return map[string]fileValue{}, nil
		}
		root = root.Content[0]
	}
	out := map[string]fileValue{}
	if root.Kind == yaml.ScalarNode && root.ShortTag() == "!!null" {
		return out, nil
	}
	w := configWalk{known: known, sections: sections, out: out}
	return out, w.mapping(root, "")
}

type configWalk struct {
	known    map[string]configKey
	sections map[string]bool
	out      map[string]fileValue
	instance string // "instances.NAME." within the section of an instance
}

func (w configWalk) mapping(n *yaml.Node, prefix string) error {
	if n.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: %s must hold keys with values", n.Line, orTop(strings.TrimSuffix(w.instance+prefix, ".")))
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, val := n.Content[i], n.Content[i+1]
		name := strings.TrimPrefix(prefix+"."+key.Value, ".")
		if seen[name] {
			return fmt.Errorf("line %d: key %s is given twice", key.Line, w.instance+name)
		}
		seen[name] = true
		k, ok := w.known[name]
		switch {
		case ok:
			v, err := valueOf(k, val)
			if err != nil {
				return fmt.Errorf("line %d: %s: %w", val.Line, w.instance+name, err)
			}
			w.out[w.instance+name] = v
		case name == keyInstances && w.instance == "":
			if err := w.instances(val); err != nil {
				return err
			}
		case w.sections[name]:
			if val.Kind == yaml.ScalarNode && val.ShortTag() == "!!null" {
				continue
			}
			if err := w.mapping(val, name); err != nil {
				return err
			}
		case name == "client_secret":
			return fmt.Errorf("line %d: key client_secret: a secret does not belong in the config; put it in a file with mode 600 and name that as client_secret_file", key.Line)
		default:
			return fmt.Errorf("line %d: unknown key %s", key.Line, w.instance+name)
		}
	}
	return nil
}

func valueOf(k configKey, n *yaml.Node) (fileValue, error) {
	v := fileValue{line: n.Line}
	switch {
	case k.read != nil:
		err := k.read(n, &v)
		return v, err
	case k.isMap:
		if err := n.Decode(&v.tree); err != nil {
			return v, errors.New("must hold keys with values")
		}
		v.text = fmt.Sprintf("%d entries", len(v.tree))
	case k.isExceptions:
		var err error
		v.exceptions, err = readExceptions(n)
		v.text = fmt.Sprintf("%d entries", len(v.exceptions))
		return v, err
	case k.isGeoLists:
		var err error
		v.geoLists, err = readGeoLists(n)
		v.text = fileNames(v.geoLists)
		return v, err
	case k.isList && n.Kind == yaml.SequenceNode:
		v.list = make([]string, 0, len(n.Content))
		for _, item := range n.Content {
			if item.Kind != yaml.ScalarNode {
				return v, errors.New("must be a list of texts")
			}
			v.list = append(v.list, item.Value)
		}
		v.text = strings.Join(v.list, ",")
	case n.Kind != yaml.ScalarNode:
		return v, errors.New("must be one value")
	case n.ShortTag() != "!!null":
		v.text = n.Value
	}
	return v, nil
}

// readExceptions reads the decisions about controls: a list of entries with control, state, reason, owner and expires_on.
func readExceptions(n *yaml.Node) ([]posture.Exception, error) {
	if n.Kind != yaml.SequenceNode {
		return nil, errors.New("must be a list of entries with control, state, reason, owner, expires_on")
	}
	var out []posture.Exception
	for i, item := range n.Content {
		var fields map[string]string
		if err := item.Decode(&fields); err != nil {
			return nil, fmt.Errorf("entry %d: must hold keys with values", i+1)
		}
		var x posture.Exception
		for key, value := range fields {
			switch key {
			case "control":
				x.Control = value
			case "state":
				x.State = posture.ExceptionState(value)
			case "reason":
				x.Reason = value
			case "owner":
				x.Owner = value
			case "expires_on":
				day, err := time.Parse(time.DateOnly, value)
				if err != nil {
					return nil, fmt.Errorf("entry %d: expires_on: %q is not a day like 2026-12-31", i+1, value)
				}
				x.ExpiresOn = day
			default:
				return nil, fmt.Errorf("entry %d: unknown key %s", i+1, key)
			}
		}
		out = append(out, x)
	}
	return out, nil
}

func orTop(prefix string) string {
	if prefix == "" {
		return "the file"
	}
	return prefix
}
