package models

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/zoomward/zoomward/features"
	"github.com/zoomward/zoomward/store"
)

// A settingChange is a setting of which two readings of the account's or a group's settings have different values, with the row of the operation log that explains it.
type settingChange struct {
	Group, GroupName string // "" for the account
	Path             string
	Old, New         string // JSON
	After, At        time.Time
	Operation        string // "" where no row explains it
	Operator         string
	Operated         time.Time
	Category         string // in lower case, as Subject, Detail and Changes of that row
	Subject, Detail  string
	Changes          []change
	Named            bool // that row names the setting; else its words are not known and it may be about something else
	Unlogged         bool // no row explains it, and the operation log was not read or not from before
}

// weaker says whether a setting of that risk got weaker.
func (x *settingChange) weaker(k risk) bool { return k.weaker(plainJSON(x.Old), plainJSON(x.New)) }

// readSettingChanges reads them by day of the later reading. Working out which row explains what takes long, so it is not begun where nothing was read twice.
func readSettingChanges(ctx context.Context, q store.Querier) (map[int64][]settingChange, error) {
	var any bool
	if err := q.Row(ctx, `SELECT (SELECT count(*) > count(DISTINCT path) FROM ingest.setting_versions) OR (SELECT count(*) > count(DISTINCT (group_id, path)) FROM ingest.group_setting_versions)`).Scan(&any); err != nil {
		return nil, fmt.Errorf("look for changes of settings: %w", err)
	}
	if !any {
		return nil, nil
	}
	var f struct {
		Group     []string    `col:"group_id"`
		GroupName []string    `col:"group_name"`
		Path      []string    `col:"path"`
		Old       []string    `col:"old_value"`
		New       []string    `col:"new_value"`
		After     []time.Time `col:"after"`
		At        []time.Time `col:"changed_at"`
		Operation []string    `col:"operation_id"`
		Operator  []string    `col:"operator"`
		Operated  []time.Time `col:"changed_by_at"`
		Category  []string    `col:"category"`
		Subject   []string    `col:"subject"`
		Detail    []string    `col:"detail"`
		Changes   []string    `col:"changes"`
		Named     []bool      `col:"named"`
		Unlogged  []bool      `col:"unlogged"`
	}
	err := q.Read(ctx, &f, `
		WITH changed AS MATERIALIZED (
		    SELECT * FROM ingest.setting_changes WHERE kind = 'setting' AND old_value IS NOT NULL AND new_value IS NOT NULL
		)
		SELECT c.group_id, c.group_name, c.path, c.old_value, c.new_value, c.after, c.changed_at, c.operation_id, c.operator, c.changed_by_at, o.category, o.subject, o.detail, o.changes, c.explanation = 'the operation log names it' AS named,
		       c.explained = 'log_not_readable' AND NOT coalesce((SELECT min(covered_from) FROM meta.feeds WHERE feed = 'operations') <= c.after - INTERVAL 1 HOUR, false) AS unlogged
		FROM changed AS c
		LEFT JOIN (SELECT operation_id, category, subject, detail, changes FROM ingest.operations SEMI JOIN changed USING (operation_id)) AS o USING (operation_id)
		ORDER BY c.changed_at, c.group_id, c.path`)
	if err != nil {
		return nil, fmt.Errorf("read changes of settings: %w", err)
	}
	out := map[int64][]settingChange{}
	for i := range f.Path {
		x := settingChange{Group: f.Group[i], GroupName: f.GroupName[i], Path: f.Path[i], Old: f.Old[i], New: f.New[i], After: f.After[i], At: f.At[i], Operation: f.Operation[i], Operator: f.Operator[i],
			Operated: f.Operated[i], Category: strings.ToLower(f.Category[i]), Subject: f.Subject[i], Detail: f.Detail[i], Named: f.Named[i], Unlogged: f.Unlogged[i]}
		if json.Unmarshal([]byte(f.Changes[i]), &x.Changes) != nil {
			x.Changes = nil // a row landed by something else; the row itself is still named
		}
		day := features.DayNumber(x.At)
		out[day] = append(out[day], x)
	}
	return out, nil
}
