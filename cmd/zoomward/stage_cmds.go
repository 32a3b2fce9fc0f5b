package main

import (
	"context"
	"flag"
)

// stageCommand is a command that runs one stage alone and publishes.
func stageCommand(name, summary, detail string, needsZoom bool, s func() stage) command {
	return command{
		name: name, summary: summary, detail: detail, example: "zoomward " + name + " --db /var/lib/zoomward/zoomward.duckdb",
		flags: func(*flag.FlagSet) action {
			return func(ctx context.Context, a *app, args []string) error {
				if err := noArguments(args); err != nil {
					return err
				}
				check := a.needsData
				if needsZoom {
					check = a.checkIngest
				}
				if err := check(); err != nil {
					return err
				}
				return a.runStages(ctx, name, []stage{s()}, nil)
			}
		},
	}
}

func ingestCommand() command {
	return stageCommand("ingest", "land what is new in the Zoom account",
		"Reads users, sign-ins, operations and settings since the last run, inside Zoom's rate limits, lands them and publishes. The first run reads back\ningest.backfill_days. Exit code 4 when a feed failed; what the others brought is kept.", true, ingestStage)
}

func featuresCommand() command {
	return stageCommand("features", "count what happened per user and day",
		"Counts the behaviours of every user and day anew from the rows that landed, into the view observations, and publishes. What is normal is learnt together\nwith the scores, day by day: zoomward score. Needs no connection to Zoom.", false, func() stage { return analyseStage(analyseFeatures) })
}

func scoreCommand() command {
	return stageCommand("score", "score the days that landed and raise alerts",
		"Scores every day that is new or changed against the days before it, and publishes. Needs no connection to Zoom.", false, func() stage { return analyseStage(analyseAll) })
}
