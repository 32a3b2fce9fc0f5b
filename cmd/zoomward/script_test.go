package main

import (
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the scripts run this program as the command zoomward, and a browser.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"zoomward": func() { os.Exit(programMain()) }, "browser": func() { os.Exit(browserMain()) }})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			// Nothing of the machine's own configuration may leak in.
			for _, kv := range os.Environ() {
				if name, _, _ := strings.Cut(kv, "="); strings.HasPrefix(name, "ZOOM") || name == "STATE_DIRECTORY" {
					e.Setenv(name, "")
				}
			}
			e.Setenv("XDG_DATA_HOME", e.Getenv("WORK")+"/data")
			for _, name := range []string{"SIMPORT", "SIMPORT2", "BACKPORT"} {
				port, err := freePort()
				if err != nil {
					return err
				}
				e.Setenv(name, port)
			}
			e.Setenv("ZOOMWARD_INGEST_SKIP", slowFeeds)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "holdlock": holdLock, "waitport": waitPort, "waitfile": waitFile, "seed": seed, "sqlinto": sqlInto, "failrun": failRun, "killrun": killRun, "donerun": doneRun, "rowsof": rowsOf, "mode": mode, "expand": expand, "codeof": codeOf, "alertof": alertOf,
		},
	})
}
