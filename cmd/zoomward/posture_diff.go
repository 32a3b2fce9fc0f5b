package main

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/zoomward/zoomward/models/posture"
	"github.com/zoomward/zoomward/store"
)

func postureDiffCommand() command {
	return command{
		name: "posture diff", args: "[--since D] [--format table|csv|json|ndjson] [--fail-on S]", summary: "what changed in settings and verdicts, and who did it",
		detail: `Lists the controls that hold less than before (regressed) or better (improved), and the settings and locks that changed, each with who did it and when by the operation
log, the session that it was done in (inferred: the operator's last sign-in of the 24 hours before), and whether that session was itself unusual. --since takes a day
(2026-01-31), a time (RFC 3339) or an age (7d, 12h); without it, the comparison is with the run before the last one that judged. The table compares then with now; csv, json
and ndjson have every change in between, as the view posture_changes has it. A verdict that changed because more users, groups or other objects were read than before, or because
somebody joined, stands apart and is no regression. What lies before the first reading of settings is listed by the log alone. With --fail-on it ends with code 3 when a control of that
severity or a heavier one regressed.`,
		example: "zoomward posture diff --since 7d --fail-on high",
		flags: func(fs *flag.FlagSet) action {
			since, format, failOn := fs.String("since", "", ""), fs.String("format", formatTable, ""), fs.String("fail-on", "", "")
			return func(ctx context.Context, a *app, args []string) error {
				if err := noArguments(args); err != nil {
					return err
				}
				if err := checkSeverity("--fail-on", *failOn); err != nil {
					return err
				}
				if err := checkListFormat(*format); err != nil {
					return err
				}
				var from time.Time
				if *since != "" {
					var err error
					if from, err = parseSince(*since, a.asOf()); err != nil {
						return usageErrorf("--since: %w", err)
					}
				}
				return a.withPublished(ctx, func(db *store.DB) error { return a.postureDiff(ctx, db, from, *format, *failOn) })
			}
		},
	}
}

// postureDiff lists what changed after a time, the zero time for the run before the last.
func (a *app) postureDiff(ctx context.Context, db *store.DB, since time.Time, format, failOn string) error {
	runs, err := count(ctx, db, "posture_score", "true")
	if err != nil {
		return err
	}
	if since.IsZero() && runs > 1 {
		if err := db.Row(ctx, `SELECT at FROM posture_score ORDER BY at DESC LIMIT 1 OFFSET 1`).Scan(&since); err != nil {
			return fmt.Errorf("read when posture was judged: %w", err)
		}
	}
	if format != formatTable {
		where, args := "changed_at > ?", []any{since}
		if runs < 2 && since.IsZero() {
			where, args = "false", nil // judged once: there is nothing to compare with
		}
		if _, err := db.Export(ctx, store.Export{View: "posture_changes", Format: format, Where: where, Args: args}, a.data()); err != nil {
			return err
		}
	} else if runs == 0 {
		_, err := fmt.Fprintln(a.stdout, "Posture was not judged yet: run zoomward run, or zoomward posture.")
		return err
	} else if runs == 1 && since.IsZero() {
		_, err := fmt.Fprintln(a.stdout, "Posture was judged once so far, so there is nothing to compare with: the next run will show what changed.")
		return err
	}
	d, err := readPostureDiff(ctx, db, since)
	if err != nil {
		return err
	}
	if format == formatTable {
		if err := a.printPostureDiff(ctx, db, d, since); err != nil {
			return err
		}
	}
	if failOn == "" {
		return nil
	}
	heavy := severities()[:slices.Index(severities(), failOn)+1]
	n := 0
	for _, c := range d.controls {
		if c.Regression() && slices.Contains(heavy, string(c.Severity)) {
			n++
		}
	}
	if n > 0 {
		return &exitError{code: exitFindings, err: fmt.Errorf("%d regressed controls at or above %s", n, failOn)}
	}
	return nil
}

// attribution says of a change who made it, and in which session.
type attribution struct {
	By, Session, Unusual, Explained string
	At                              time.Time // zero: not known
}

// changedControl is a control whose verdict is another one than it was.
type changedControl struct {
	posture.Change
	attribution
	prevents int64 // alerts of late that it is there to prevent

	net  int             // steps for the better less those for the worse, of what was known before
	grew *posture.Change // the last step that rests on more than was known before; nil for none
}

// changedSetting is one change of a setting or its lock.
type changedSetting struct {
	attribution
	Setting, Old, New string
}

// settle says what the steps of a control come to, from its first verdict to its last; false for nothing. Without a step that rests on more than was known before, the two
// verdicts tell.
func (c *changedControl) settle() bool {
	worse, better := c.Regression(), c.Improvement()
	switch {
	case c.From == c.To && c.net < 0:
		c.Cause = posture.CauseWeakened
	case c.From == c.To && c.net > 0:
		c.Cause = posture.CauseRepaired
	case c.grew == nil, !worse && !better && c.From != c.To, worse && c.net < 0, better && c.net > 0:
		return c.From != c.To
	case c.From == c.To && c.grew.Cause == posture.CauseCoverage:
		return false
	default:
		c.Cause, c.Why = c.grew.Cause, c.grew.Why
	}
	return true
}

type postureDiff struct {
	controls []changedControl
	settings []changedSetting
	logged   *loggedChanges
}

// count counts the controls that turned one way.
func (d *postureDiff) count(turned func(posture.Change) bool) (n int) {
	for _, c := range d.controls {
		if turned(c.Change) {
			n++
		}
	}
	return n
}

// unexplained counts the changes of settings for which the operation log has no row.
func (d *postureDiff) unexplained() (n int) {
	for _, s := range d.settings {
		if s.Explained == "no" {
			n++
		}
	}
	return n
}

// readPostureDiff reads what changed after a time. Of a control that changed several times the first and the last verdict count.
func readPostureDiff(ctx context.Context, db store.Querier, since time.Time) (*postureDiff, error) {
	var rows struct {
		Control   []string    `col:"control_id,null"`
		Setting   []string    `col:"setting,null"`
		Change    []string    `col:"change"`
		Title     []string    `col:"title,null"`
		Severity  []string    `col:"severity,null"`
		Old       []string    `col:"old_value,null"`
		New       []string    `col:"new_value,null"`
		Operator  []string    `col:"operator,null"`
		At        []time.Time `col:"changed_by_at"`
		Session   []string    `col:"session,null"`
		Unusual   []string    `col:"unusual,null"`
		Explained []string    `col:"explained,null"`
		Group     []string    `col:"group_name,null"`
		Prevents  []int64     `col:"prevents"`
		Why       []string    `col:"why,null"`
	}
	if err := db.Read(ctx, &rows, `SELECT control_id, setting, change, title, severity, old_value, new_value, operator, changed_by_at,
			nullif(concat_ws(', ', session_city, session_country, session_ip, session_client), '') AS session,
			CASE WHEN session_unusual THEN concat_ws(': ', 'yes', array_to_string(session_findings, ' ')) WHEN NOT session_unusual THEN 'no' END AS unusual,
			explained, group_name, coalesce(p.alerts, 0) AS prevents, why
		FROM posture_changes LEFT JOIN (SELECT control_id, count(*) AS alerts FROM posture_prevented GROUP BY control_id) AS p USING (control_id)
		WHERE changed_at > ? ORDER BY changed_at, control_id, group_name NULLS FIRST, setting, change, old_value, new_value`, since); err != nil {
		return nil, fmt.Errorf("read changes of the posture: %w", err)
	}
	d := &postureDiff{}
	at := map[string]int{} // by control
	for i := range rows.Change {
		by := attribution{By: rows.Operator[i], Session: rows.Session[i], Unusual: rows.Unusual[i], Explained: rows.Explained[i], At: rows.At[i]}
		if rows.Control[i] == "" {
			s := changedSetting{attribution: by, Setting: rows.Setting[i], Old: rows.Old[i], New: rows.New[i]}
			if rows.Change[i] == "lock" {
				s.Setting = "lock of " + s.Setting
			}
			if rows.Group[i] != "" {
				s.Setting = "group " + rows.Group[i] + ": " + s.Setting
			}
			d.settings = append(d.settings, s)
			continue
		}
		k, seen := at[rows.Control[i]]
		if !seen {
			k = len(d.controls)
			at[rows.Control[i]] = k
			d.controls = append(d.controls, changedControl{Change: posture.Change{ControlID: rows.Control[i], From: posture.Status(rows.Old[i])}})
		}
		c := &d.controls[k]
		switch rows.Change[i] {
		case "improved":
			c.net++
		case "regressed":
			c.net--
		case posture.CauseCoverage, posture.CauseJoined:
			c.grew = &posture.Change{Cause: rows.Change[i], Why: rows.Why[i]}
		}
		c.Title, c.Severity, c.To, c.attribution, c.prevents = rows.Title[i], posture.Severity(rows.Severity[i]), posture.Status(rows.New[i]), by, rows.Prevents[i]
	}
	settled := d.controls[:0]
	for _, c := range d.controls {
		if c.settle() { // else there and back
			settled = append(settled, c)
		}
	}
	d.controls = settled
	slices.SortStableFunc(d.controls, func(a, b changedControl) int {
		return slices.Index(severities(), string(a.Severity)) - slices.Index(severities(), string(b.Severity))
	})
	var err error
	if d.logged, err = readLoggedChanges(ctx, db, since); err != nil {
		return nil, err
	}
	return d, nil
}

// printPostureDiff writes the comparison for people.
func (a *app) printPostureDiff(ctx context.Context, db store.Querier, d *postureDiff, since time.Time) error {
	from := since.UTC().Format(time.RFC3339)
	if err := a.movementLine(ctx, db, since); err != nil {
		return err
	}
	if len(d.controls)+len(d.settings) == 0 {
		if !d.logged.from.IsZero() {
			from = when(d.logged.from) + ", the first reading"
		}
		fmt.Fprintf(a.stdout, "Nothing changed since %s: no verdict, no setting and no lock.\n", from)
		return d.logged.print(a)
	}
	fmt.Fprintf(a.stdout, "Since %s: %s regressed, %d improved, %s changed%s.\n", from, countOf(d.count(posture.Change.Regression), "control"), d.count(posture.Change.Improvement),
		countOf(len(d.settings), "setting"), ofThem(d))
	if n := d.count(posture.Change.Growth); n > 0 {
		fmt.Fprintf(a.stdout, "More is known than before, which changes %s and is no regression.\n", countOf(n, "verdict"))
	}
	for _, part := range []struct {
		title string
		holds func(posture.Change) bool
	}{
		{"Regressed", posture.Change.Regression}, {"Improved", posture.Change.Improvement},
		{"Other verdicts", func(c posture.Change) bool { return !c.Regression() && !c.Improvement() && !c.Growth() }},
	} {
		if d.count(part.holds) == 0 {
			continue
		}
		fmt.Fprintln(a.stdout, "\n"+part.title)
		t := newTable(a.stdout, "SEVERITY", "CONTROL", "FROM", "TO", "BY", "WHEN", "SESSION", "UNUSUAL", "PREVENTS", "TITLE")
		for _, c := range d.controls {
			if part.holds(c.Change) {
				prevents := ""
				if c.prevents > 0 {
					prevents = countOf(int(c.prevents), "alert")
				}
				t.row(string(c.Severity), c.ControlID, string(c.From), string(c.To), c.By, when(c.At), c.Session, c.Unusual, prevents, c.Title)
			}
		}
		if err := t.flush(); err != nil {
			return err
		}
	}
	if err := d.printGrowth(a); err != nil {
		return err
	}
	if len(d.settings) > 0 {
		fmt.Fprintln(a.stdout, "\nSettings")
		t := newTable(a.stdout, "SETTING", "FROM", "TO", "BY", "WHEN", "SESSION", "UNUSUAL", "EXPLAINED")
		for _, s := range d.settings {
			t.row(s.Setting, shortValue(s.Old), shortValue(s.New), s.By, when(s.At), s.Session, s.Unusual, s.Explained)
		}
		if err := t.flush(); err != nil {
			return err
		}
	}
	for _, c := range d.controls {
		if !c.Regression() || c.prevents == 0 {
			continue
		}
		words, err := preventedBy(ctx, db, c.ControlID)
		if err != nil {
			return err
		}
		if words != "" {
			fmt.Fprintf(a.stdout, "\n%s: %s\n", c.ControlID, words)
		}
	}
	return d.logged.print(a)
}

// printGrowth lists the verdicts that changed because more is known: by who joined, and by what was read.
func (d *postureDiff) printGrowth(a *app) error {
	for _, part := range []struct{ title, cause string }{{"Joined since and not right", posture.CauseJoined}, {"Coverage grew", posture.CauseCoverage}} {
		holds := func(c posture.Change) bool { return c.Cause == part.cause }
		if d.count(holds) == 0 {
			continue
		}
		fmt.Fprintln(a.stdout, "\n"+part.title)
		t := newTable(a.stdout, "SEVERITY", "CONTROL", "FROM", "TO", "WHY", "TITLE")
		for _, c := range d.controls {
			if holds(c.Change) {
				t.row(string(c.Severity), c.ControlID, string(c.From), string(c.To), c.Why, c.Title)
			}
		}
		if err := t.flush(); err != nil {
			return err
		}
	}
	return nil
}

// preventedBy says in words which alerts of the last 90 days a control that does not hold is there to prevent, "" for none.
func preventedBy(ctx context.Context, db store.Querier, control string) (string, error) {
	var rows struct {
		Title []string `col:"title"`
		N     []int64  `col:"n"`
		Last  []string `col:"last"`
	}
	if err := db.Read(ctx, &rows, `SELECT a.title, count(*) AS n, arg_max(a.alert_id, (a.last_seen_at, a.alert_id)) AS last
		FROM posture_prevented AS p JOIN alerts AS a USING (alert_id) WHERE p.control_id = ? GROUP BY a.title ORDER BY n DESC, a.title`, control); err != nil {
		return "", fmt.Errorf("read what %s prevents: %w", control, err)
	}
	if len(rows.Title) == 0 {
		return "", nil
	}
	var words []string
	var n int64
	for i, title := range rows.Title {
		n += rows.N[i]
		words = append(words, fmt.Sprintf("%d %s (last: %s)", rows.N[i], sanitize(title), rows.Last[i]))
	}
	return fmt.Sprintf("there to prevent %s of the last 90 days: %s", countOf(int(n), "alert"), strings.Join(words, ", ")), nil
}

func ofThem(d *postureDiff) string {
	if n := d.unexplained(); n > 0 {
		return fmt.Sprintf(", %d of them with no explanation", n)
	}
	return ""
}

// countOf writes a number with its unit, in the plural where there is not one.
func countOf(n int, unit string) string {
	if n != 1 {
		unit += "s"
	}
	return fmt.Sprintf("%d %s", n, unit)
}

func when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// shortValue keeps a long list from filling the table.
func shortValue(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		return string(r[:most-3]) + "..."
	}
	return s
}

// postureLine tells what a run found to have changed: "posture: 10 controls regressed, 1 setting changed with no explanation"; "" for nothing of the kind.
func postureLine(s *posture.Summary, unexplained int64) string {
	var words []string
	if n := s.Regressions(); n > 0 {
		words = append(words, countOf(n, "control")+" regressed")
	}
	if unexplained > 0 {
		words = append(words, countOf(int(unexplained), "setting")+" changed with no explanation")
	}
	if words == nil {
		return ""
	}
	return "posture: " + strings.Join(words, ", ")
}

// unexplainedNow counts the changes of settings that a run is the first to know the operation log has nothing of: the log must have been read six hours beyond a change, and had
// not been when posture was last judged. A run that judges alone reads no log, so it takes nothing from the run after it.
func unexplainedNow(ctx context.Context, db store.Querier, runID string) (n int64, err error) {
	err = db.Row(ctx, `SELECT count(*) FROM ingest.setting_changes WHERE explained = 'no' AND group_id = '' AND changed_at + INTERVAL 6 HOUR > coalesce((
		SELECT max(as_of) FROM meta.runs
		WHERE started_at <= (SELECT max(started_at) FROM meta.runs WHERE run_id <> ? AND run_id IN (SELECT run_id FROM models.posture_scores)) AND run_id <> ?
		  AND list_contains(from_json(stages, '{"ingest": {"figures": {"feeds": [{"feed": "VARCHAR", "state": "VARCHAR"}]}}}').ingest.figures.feeds, {'feed': 'operations', 'state': 'ok'})
		), TIMESTAMP '1970-01-01')`, runID, runID).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count changes of settings: %w", err)
	}
	return n, nil
}
