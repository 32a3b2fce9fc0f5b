package ingest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/zoomward/zoomward/ingest/zoom"
	"github.com/zoomward/zoomward/store"
)

// settingRows are rows of ingest.setting_versions.
type settingRows struct {
	Path      []string    `col:"path"`
	Value     []string    `col:"value,null"`
	Locked    []*bool     `col:"locked"`
	LockKind  []string    `col:"lock_kind,null"`
	Source    []string    `col:"source"`
	FetchedAt []time.Time `col:"fetched_at"`
	RunID     []string    `col:"run_id"`
}

// setting is the state of one path.
type setting struct {
	value    string // JSON text, or a marker (store.OtherKind); "" when Zoom sends none
	locked   *bool  // nil when Zoom sends no lock
	lockKind string // what Zoom sends in the place of a lock, when it is none
	source   string // view of the API that holds the path
}

// settingOptions are the views of the settings that are read, the general one first: a special view knows better about its part.
var settingOptions = [...]string{zoom.OptionAll, zoom.OptionSecurity, zoom.OptionMeetingSecurity, zoom.OptionMeetingAuthentication, zoom.OptionRecordingAuthentication}

// lockOptions are the views of the locks.
var lockOptions = [...]string{zoom.OptionAll, zoom.OptionMeetingSecurity}

// reading is what one run saw of the settings.
type reading struct {
	values  map[string]setting // without locks
	locks   map[string]lock
	answers map[string]bool // sources whose view was read
	locked  map[string]bool // lock options whose view was read
}

func sourceOf(option string) string {
	if option == zoom.OptionAll {
		return sourceAll
	}
	return option
}

// lockOptionOf returns the view that holds the lock of a path.
func lockOptionOf(path string) string {
	if strings.HasPrefix(path, zoom.OptionMeetingSecurity+".") {
		return zoom.OptionMeetingSecurity
	}
	return zoom.OptionAll
}

// readSettings reads every view of the settings and of their locks and writes what changed. A view that is refused leaves what is known of its part as it is.
func readSettings(ctx context.Context, r *runner, rep *FeedReport) error {
	now := reading{values: map[string]setting{}, locks: map[string]lock{}, answers: map[string]bool{}, locked: map[string]bool{}}
	var refused []refusedView
	for _, option := range settingOptions {
		tree, err := r.Client.AccountSettings(ctx, option)
		if err != nil {
			if ctx.Err() != nil || asConnectionError(err) != nil {
				return fetched(err)
			}
			refused = append(refused, refusedView{viewName("settings", option), err})
			continue
		}
		if len(tree) == 0 {
			r.Logger.WarnContext(ctx, "zoom sent a view of the settings with nothing in it", "feed", rep.Feed, "view", viewName("settings", option))
			continue // more likely a fault than an account that lost all its settings
		}
		now.answers[sourceOf(option)] = true
		for path, value := range flattenSettings(option, tree) {
			now.values[path] = setting{value: value, source: sourceOf(option)}
		}
	}
	for _, option := range lockOptions {
		tree, err := r.Client.LockSettings(ctx, option)
		if err != nil {
			if ctx.Err() != nil || asConnectionError(err) != nil {
				return fetched(err)
			}
			refused = append(refused, refusedView{viewName("locks", option), err})
			continue
		}
		now.locked[option] = true
		maps.Copy(now.locks, flattenLocks(option, tree))
	}
	if len(now.answers)+len(now.locked) == 0 && len(refused) > 0 {
		return fetched(refused[0].err) // nothing at all: the feed is refused
	}
	var written int64
	err := r.DB.Tx(ctx, func(tx *store.Tx) error {
		var err error
		var at time.Time
		if written, at, err = r.writeSettings(ctx, tx, now); err != nil {
			return err
		}
		if err := now.note(ctx, tx, at); err != nil {
			return err
		}
		return moveOn(ctx, tx, rep.Feed, r.Now, r.Now, r.Now, written)
	})
	if err != nil {
		return err
	}
	rep.Landed = written
	if len(refused) > 0 {
		// Not one of the refused states: those say that nothing could be read.
		rep.State, rep.Message = StateFailed, partlyRead(feedNamed(rep.Feed), refused)
		for _, v := range refused {
			r.Logger.WarnContext(ctx, "view of the settings not read", "feed", rep.Feed, "view", v.name, "error", v.err)
		}
	}
	r.tell(Progress{Feed: rep.Feed, Done: 1, Total: 1, Landed: written})
	return nil
}

// refusedView is a view that could not be read.
type refusedView struct {
	name string
	err  error
}

func viewName(what, option string) string {
	if option == zoom.OptionAll {
		return what
	}
	return what + " (" + option + ")"
}

// partlyRead says which views are missing and what to do, each advice once.
func partlyRead(f Feed, refused []refusedView) string {
	var names, advice []string
	for _, v := range refused {
		names = append(names, v.name)
		if _, text := refusal(f, v.err); !slices.Contains(advice, text) {
			advice = append(advice, text)
		}
	}
	return fmt.Sprintf("not read: %s, of which the last known values stay; the rest was read. %s", strings.Join(names, ", "), strings.Join(advice, "; "))
}

// feedNamed returns a feed of the catalogue.
func feedNamed(name string) Feed {
	all := Feeds()
	return all[slices.IndexFunc(all, func(f Feed) bool { return f.Name == name })]
}

// writeSettings adds a version of every path whose value or lock changed. It returns how many those are and the time of the reading: the run's, or that of the latest version
// if a run as of a later time came before.
func (r *runner) writeSettings(ctx context.Context, tx *store.Tx, now reading) (written int64, at time.Time, err error) {
	var latest struct {
		Path   []string    `col:"path"`
		Value  []string    `col:"value"`
		Locked []*bool     `col:"locked"`
		Kind   []string    `col:"lock_kind"`
		Source []string    `col:"source"`
		At     []time.Time `col:"fetched_at"`
	}
	err = tx.Read(ctx, &latest, `SELECT path, value, locked, lock_kind, source, fetched_at FROM ingest.setting_versions
		QUALIFY row_number() OVER (PARTITION BY path ORDER BY fetched_at DESC, rowid DESC) = 1`)
	if err != nil {
		return 0, at, fmt.Errorf("read known settings: %w", err)
	}
	known := make(map[string]setting, len(latest.Path))
	at = r.Now // the latest reading must stay the latest
	for i, path := range latest.Path {
		if latest.At[i].After(at) {
			at = latest.At[i]
		}
		known[path] = setting{latest.Value[i], latest.Locked[i], latest.Kind[i], latest.Source[i]}
	}
	var changed settingRows
	for _, path := range now.paths(known) {
		was := known[path] // zero when it is new
		is := now.merge(path, was)
		if is.value == was.value && sameLock(is.locked, was.locked) && is.lockKind == was.lockKind {
			continue
		}
		changed.Path = append(changed.Path, path)
		changed.Value = append(changed.Value, is.value)
		changed.Locked = append(changed.Locked, is.locked)
		changed.LockKind = append(changed.LockKind, is.lockKind)
		changed.Source = append(changed.Source, is.source)
		changed.FetchedAt = append(changed.FetchedAt, at)
		changed.RunID = append(changed.RunID, r.RunID)
	}
	written, err = tx.Append(ctx, "ingest.setting_versions", changed)
	return written, at, err
}

// note keeps when which views were read, changed or not: what changes later did so since then.
func (now reading) note(ctx context.Context, tx *store.Tx, at time.Time) error {
	sources := slices.Collect(maps.Keys(now.answers))
	for option := range now.locked {
		if option == zoom.OptionAll {
			sources = append(sources, sourceLocks)
		} else {
			sources = append(sources, sourceLocks+"."+option)
		}
	}
	slices.Sort(sources)
	list, err := compactJSON(sources)
	if err != nil {
		return fmt.Errorf("note reading of settings: %w", err)
	}
	// beside what else was read as of that time: groups, or views by a run before
	if _, err := tx.Exec(ctx, `INSERT INTO ingest.setting_readings BY NAME SELECT ?::TIMESTAMP AS read_at, from_json(?, '["VARCHAR"]') AS sources
		EXCEPT SELECT read_at, sources FROM ingest.setting_readings`, at, list); err != nil {
		return fmt.Errorf("note reading of settings: %w", err)
	}
	return nil
}

// paths returns every path that is known or was read, in order.
func (now reading) paths(known map[string]setting) []string {
	all := map[string]bool{}
	for p := range known {
		all[p] = true
	}
	for p := range now.values {
		all[p] = true
	}
	for p := range now.locks {
		all[p] = true
	}
	return slices.Sorted(maps.Keys(all))
}

// merge returns the state of a path after this reading, given the state before it (zero when there was none).
func (now reading) merge(path string, was setting) setting {
	is, sent := now.values[path]
	if !sent {
		is.source = was.source
		if was.value != "" && !now.answers[was.source] {
			is.value = was.value // its view was not read
		}
	}
	if l, sent := now.locks[path]; !sent {
		if !now.locked[lockOptionOf(path)] {
			is.locked, is.lockKind = was.locked, was.lockKind // its view was not read
		}
	} else if l.kind != "" {
		is.lockKind = l.kind
	} else {
		is.locked = &l.closed
	}
	if is.source == "" {
		is.source = sourceLocks // only its lock was ever sent
	}
	return is
}

func sameLock(a, b *bool) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}
