package main

import (
	"context"
	"fmt"
	"time"

	"github.com/zoomward/zoomward/store"
)

// maxLogged is how many changes by the log alone a list shows.
const maxLogged = 30

// loggedChanges are changes of settings from before zoomward read settings: the operation log has them, and nothing confirms them.
type loggedChanges struct {
	from    time.Time // the first reading of settings; zero: what was asked for begins after it
	log     time.Time // since when the log was read; zero: it was not
	changes []changedSetting
	more    int
}

// readLoggedChanges reads what the operation log has between a time and the first reading of settings.
func readLoggedChanges(ctx context.Context, db store.Querier, since time.Time) (*loggedChanges, error) {
	var start struct {
		Read []time.Time `col:"read"`
		Log  []time.Time `col:"log"`
	}
	if err := db.Read(ctx, &start, `SELECT (SELECT min(fetched_at) FROM ingest.setting_versions) AS read, (SELECT min(covered_from) FROM meta.feeds WHERE feed = 'operations') AS log`); err != nil {
		return nil, fmt.Errorf("read since when settings are known: %w", err)
	}
	l := &loggedChanges{}
	if first := start.Read[0]; first.IsZero() || !since.Before(first) {
		return l, nil
	}
	l.from, l.log = start.Read[0], start.Log[0]
	var rows struct {
		At      []time.Time `col:"occurred_at"`
		By      []string    `col:"operator,null"`
		Setting []string    `col:"setting"`
		Old     []string    `col:"old,null"`
		New     []string    `col:"new,null"`
		Of      []int64     `col:"of"`
	}
	// the categories under which Zoom logs settings of the account and of groups, as the view setting_changes has them
	if err := db.Read(ctx, &rows, `SELECT occurred_at, operator, CASE WHEN lower(category) IN ('account', 'im') THEN setting ELSE concat_ws(': ', subject, setting) END AS setting, old, new, count(*) OVER () AS of
		FROM (SELECT occurred_at, operation_id, operator, category, subject, unnest(from_json(changes, '[{"setting": "VARCHAR", "old": "VARCHAR", "new": "VARCHAR"}]'), recursive := true)
		      FROM ingest.operations WHERE lower(category) IN ('account', 'im', 'user group') AND occurred_at > ? AND occurred_at <= ?)
		WHERE setting IS NOT NULL ORDER BY occurred_at DESC, operation_id, setting LIMIT ?`, since, l.from, maxLogged); err != nil {
		return nil, fmt.Errorf("read the operation log: %w", err)
	}
	for i, setting := range rows.Setting {
		l.changes = append(l.changes, changedSetting{attribution: attribution{By: rows.By[i], At: rows.At[i]}, Setting: setting, Old: rows.Old[i], New: rows.New[i]})
		l.more = int(rows.Of[i]) - len(rows.Setting)
	}
	return l, nil
}

// print writes them for people.
func (l *loggedChanges) print(a *app) error {
	if l.from.IsZero() {
		return nil
	}
	fmt.Fprintf(a.stdout, "\nBy the log alone: settings are known since %s, when they were first read.", when(l.from))
	switch {
	case l.log.IsZero():
		fmt.Fprintln(a.stdout, " The operation log was not read.")
		return nil
	case len(l.changes) == 0:
		fmt.Fprintf(a.stdout, " The operation log, read from %s on, has no change of a setting before that.\n", when(l.log))
		return nil
	}
	fmt.Fprintf(a.stdout, " Before that the operation log, read from %s on, has %s, which no reading confirms.\n", when(l.log), countOf(len(l.changes)+l.more, "change"))
	t := newTable(a.stdout, "SETTING", "FROM", "TO", "BY", "WHEN")
	for _, s := range l.changes {
		t.row(s.Setting, shortValue(s.Old), shortValue(s.New), s.By, when(s.At))
	}
	if err := t.flush(); err != nil {
		return err
	}
	if l.more > 0 {
		fmt.Fprintf(a.stdout, "and %d more: see the view operations\n", l.more)
	}
	return nil
}
