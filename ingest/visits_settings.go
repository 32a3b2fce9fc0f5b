package ingest

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/zoomward/zoomward/ingest/zoom"
)

// scopedSettingsTable holds the settings of groups and of users. Its rows are made of settings trees, path by path.
var scopedSettingsTable = &table{name: "ingest.scoped_settings", key: "setting_key", keyOf: []string{"scope", "scope_id", "path"}, listed: true, columns: []column{
	col("scope", text), col("scope_id", text), col("path", text), col("value", text), col("locked", flag), col("lock_kind", text)}}

// Scopes of settings below the account's.
const (
	scopeGroup = "group"
	scopeUser  = "user"
)

// scopedOptions are the views that are read of groups and users: groups are few, and worth a third call each.
var scopedOptions = map[string][]string{
	scopeGroup: {zoom.OptionAll, zoom.OptionMeetingSecurity, zoom.OptionMeetingAuthentication},
	scopeUser:  {zoom.OptionAll, zoom.OptionMeetingSecurity},
}

// accountNames are the settings that Zoom spells otherwise for groups or users than for the account, as its API reference has them, with the account's spelling: whoever
// compares the two finds a setting under one name.
var accountNames = map[string]string{
	"schedule_meeting.use_pmi_for_schedule_meetings": "schedule_meeting.use_pmi_for_scheduled_meetings", // groups
	"schedule_meeting.participants_video":            "schedule_meeting.participant_video",              // users
}

// spellAsAccount renames the settings or locks of a group or user. Where Zoom sends both names, the account's counts.
func spellAsAccount(tree map[string]any) {
	for from, to := range accountNames {
		name, lastFrom, _ := strings.Cut(from, ".")
		_, lastTo, _ := strings.Cut(to, ".")
		section, _ := tree[name].(map[string]any)
		v, sent := section[lastFrom]
		if !sent {
			continue
		}
		if section[lastTo] == nil {
			section[lastTo] = v
		}
		delete(section, lastFrom)
	}
}

// askScopedSettings makes a visit that reads the settings, and the locks where there are any, of one group or user.
func askScopedSettings(scope, parent, settings, locks string) func(ctx context.Context, r *runner, v visit) (*landing, error) {
	return func(ctx context.Context, r *runner, v visit) (*landing, error) {
		now := reading{values: map[string]setting{}, locks: map[string]lock{}}
		for _, option := range scopedOptions[scope] {
			tree, err := r.tree(ctx, settings, v.args(parent), option)
			if err != nil {
				return nil, err
			}
			for path, value := range flattenSettings(option, tree) {
				now.values[path] = setting{value: value}
			}
			if locks == "" || !slices.Contains(lockOptions[:], option) {
				continue
			}
			if tree, err = r.tree(ctx, locks, v.args(parent), option); err != nil {
				return nil, err
			}
			maps.Copy(now.locks, flattenLocks(option, tree))
		}
		if len(now.values) == 0 {
			return nil, errors.New("zoom sent settings with nothing in them") // more likely a fault than a user without any
		}
		rows := scopedSettingsTable.landing()
		for _, path := range now.paths(nil) {
			rows.addSetting(scope, v.parent, path, now)
		}
		return rows, nil
	}
}

// tree reads one view of the settings or locks of a group or user.
func (r *runner) tree(ctx context.Context, endpoint string, args zoom.Args, option string) (map[string]any, error) {
	if option != zoom.OptionAll {
		args["option"] = option
	}
	row, err := r.Client.Get(ctx, zoom.EndpointNamed(endpoint), args)
	if err != nil {
		return nil, err
	}
	tree := row.Tree("")
	spellAsAccount(tree)
	return tree, nil
}

// addSetting adds one path of a reading.
func (l *landing) addSetting(scope, id, path string, now reading) {
	vals := []value{{s: scope, text: scope}, {s: id, text: id}, {s: path, text: path}, {s: now.values[path].value, text: now.values[path].value}, {}, {}}
	if lock, ok := now.locks[path]; ok && lock.kind != "" {
		vals[5].s, vals[5].text = lock.kind, lock.kind
	} else if ok {
		vals[4].b, vals[4].text = &lock.closed, "open"
		if lock.closed {
			vals[4].text = "locked"
		}
	}
	l.append(vals)
}
