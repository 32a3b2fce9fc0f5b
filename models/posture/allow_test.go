package posture

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// Settings that are not on the list of what ingest keeps never reach the database, so a control on one would be unknown for ever.
func TestIngestKeepsWhatControlsRead(t *testing.T) {
	text, err := os.ReadFile("../../ingest/settings_allow.txt")
	if err != nil {
		t.Fatal(err)
	}
	kept := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if path, kind, ok := strings.Cut(strings.TrimSpace(line), " "); ok && !strings.HasPrefix(path, "#") {
			kept[path] = kind
		}
	}
	for _, ctl := range catalogue(t).Controls {
		ctl.reads(func(e *Expr) {
			for _, p := range e.paths() {
				if !isSetting(p) {
					continue // from other feeds
				}
				switch kind := kept[p]; {
				case kind == "":
					t.Errorf("%s: ingest does not keep %s", ctl.ID, p)
				case e.Of == OfLocked:
				case kind == "lock":
					t.Errorf("%s: ingest keeps the lock of %s alone", ctl.ID, p)
				case kind == "plain" && len(e.Flags) == 0 && comparesText(e):
					t.Errorf("%s: ingest keeps no text of %s, and the control compares text", ctl.ID, p)
				case e.Select != nil && !slices.Contains([]string{"options", "states"}, kind):
					t.Errorf("%s: ingest keeps %s as %s, and the control looks into its entries", ctl.ID, p, kind)
				}
			}
		})
		if ctl.Lock == nil {
			continue
		}
		for _, p := range ctl.Lock.Paths {
			if kept[p] == "" {
				t.Errorf("%s: ingest does not keep the lock of %s", ctl.ID, p)
			}
		}
	}
}

// comparesText says whether a comparison needs words or lists rather than switches and numbers.
func comparesText(e *Expr) bool {
	switch e.Op {
	case OpSubsetOf, OpSupersetOf, OpWithin, OpPortsIn, OpEmpty:
		return true
	}
	switch e.Value.(type) {
	case string, []string:
		return true
	}
	return false
}
