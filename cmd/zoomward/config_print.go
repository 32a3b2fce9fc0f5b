package main

import (
	"context"
	"flag"
	"fmt"
	"text/tabwriter"
)

func configPrintCommand() command {
	return command{
		name: "config print", summary: "every setting, its value and where it comes from",
		detail:  "Prints key, value and origin, one line each. Secrets show as REDACTED. Ends with code 2 when the posture settings could not work.",
		example: "zoomward config print --config /etc/zoomward/config.yaml",
		flags: func(*flag.FlagSet) action {
			return func(_ context.Context, a *app, args []string) error {
				if err := noArguments(args); err != nil {
					return err
				}
				w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
				fmt.Fprintln(w, "KEY\tVALUE\tORIGIN")
				for _, v := range a.cfg.values {
					fmt.Fprintf(w, "%s\t%s\t%s\n", v.Key, sanitize(v.Value), sanitize(v.Origin))
				}
				if err := w.Flush(); err != nil {
					return fmt.Errorf("print config: %w", err)
				}
				return a.checkPosture()
			}
		},
	}
}
