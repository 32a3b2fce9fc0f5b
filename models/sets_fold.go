package models

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"regexp"
	"slices"
	"time"

	"github.com/zoomward/zoomward/features"
	"github.com/zoomward/zoomward/store"
)

// setHorizon is how many days back rows of other feeds than sign-ins and operations may land and have their days scored anew: feeds that are read call by call
// land for weeks. What is older counts when the history is scored anew.
const setHorizon = 62

// setFindings is what the statements find in one fold.
type setFindings struct {
	found  map[int64][]Finding // by day
	from   map[string]int64    // first day that was read, by detection
	broken map[string]brokenSet
	db     store.Querier
	today  int64
	log    *slog.Logger
}

// brokenSet is a statement that failed, and the first day whose findings are missing.
type brokenSet struct {
	error string
	since int64
}

// readSets runs the statements over the days that are to be scored and over earlier ones on which rows landed that they read; it moves f.start back to the first day on
// which one finds anything else than before. A statement that fails costs its own findings alone.
func (f *fold) readSets(ctx context.Context, pos features.Position, landed features.Landed) error {
	s := &setFindings{found: map[int64][]Finding{}, from: map[string]int64{}, broken: map[string]brokenSet{}, db: f.db, today: f.today, log: f.o.Logger}
	f.sets = s
	since, err := readBroken(ctx, f.db)
	if err != nil {
		return err
	}
	tables := &landedTables{q: f.db, after: pos.Batch, horizon: f.today - setHorizon, days: map[string]int64{}, filled: map[string]bool{}}
	off := newPolicy(f.o.Config, f.people).off
	start := f.start
	for _, d := range setDetections() {
		if off(d.ID) || !tables.anyRows(ctx, d.rows) {
			continue
		}
		from := f.start
		if pos.Through != 0 {
			changed, err := tables.changed(ctx, d)
			if err != nil {
				return err
			}
			from = min(from, changed)
			if was, ok := since[d.ID]; ok {
				from = min(from, was)
			}
		}
		from = max(from, landed.First)
		found, err := s.read(ctx, d, from, f.today)
		if err != nil {
			return err
		}
		if _, failed := s.broken[d.ID]; failed || pos.Through == 0 {
			continue
		}
		changed, err := changedSet(ctx, f.db, d, found, from, f.start-1)
		if err != nil {
			return err
		}
		start = min(start, changed)
	}
	f.start = start
	return nil
}

// read runs the statement of d over days [from, to]. A failure is noted and no error, unless the run itself is at its end.
func (s *setFindings) read(ctx context.Context, d *Detection, from, to int64) ([]Finding, error) {
	if _, failed := s.broken[d.ID]; failed || from > to {
		return nil, nil
	}
	found, err := d.readSet(ctx, s.db, from, to)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		s.log.WarnContext(ctx, "a detection failed; the others go on, and its findings are missing until it works again", "detection", d.ID, "since", features.DayTime(from).Format(time.DateOnly), "error", err)
		s.broken[d.ID] = brokenSet{err.Error(), from}
		return nil, nil
	}
	s.from[d.ID] = from
	for _, x := range found {
		n := features.DayNumber(x.Day)
		s.found[n] = append(s.found[n], x)
	}
	return found, nil
}

// readBefore adds the days from start on that read did not, as the last checkpoint lies before them.
func (s *setFindings) readBefore(ctx context.Context, start int64) error {
	for _, d := range setDetections() {
		if b, failed := s.broken[d.ID]; failed {
			b.since = min(b.since, start)
			s.broken[d.ID] = b
		} else if from, ok := s.from[d.ID]; ok {
			if _, err := s.read(ctx, d, start, from-1); err != nil {
				return err
			}
		}
	}
	for _, list := range s.found { // in the order of the catalogue, however many readings it took
		slices.SortStableFunc(list, func(a, b Finding) int { return catalogueOrder[a.Detection.ID] - catalogueOrder[b.Detection.ID] })
	}
	return nil
}

var catalogueOrder = func() map[string]int {
	out := map[string]int{}
	for i := range Catalogue {
		out[Catalogue[i].ID] = i
	}
	return out
}()

// noteBroken keeps which statements failed, so that the next fold makes up for them.
func (s *setFindings) noteBroken(ctx context.Context, tx *store.Tx) error {
	if _, err := tx.Exec(ctx, `DELETE FROM meta.broken_detections`); err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(s.broken)) {
		b := s.broken[id]
		if _, err := tx.Exec(ctx, `INSERT INTO meta.broken_detections VALUES (?, ?, ?)`, id, b.error, features.DayTime(b.since)); err != nil {
			return err
		}
	}
	return nil
}

// readBroken returns since which day findings are missing, by detection.
func readBroken(ctx context.Context, q store.Querier) (map[string]int64, error) {
	var rows struct {
		ID    []string    `col:"detection_id"`
		Since []time.Time `col:"since,date"`
	}
	if err := q.Read(ctx, &rows, `SELECT detection_id, since FROM meta.broken_detections`); err != nil {
		return nil, fmt.Errorf("read which detections failed: %w", err)
	}
	out := map[string]int64{}
	for i, id := range rows.ID {
		out[id] = features.DayNumber(rows.Since[i])
	}
	return out, nil
}

// landedTables says from which day on the tables of statements have rows that are new since the last fold.
type landedTables struct {
	q       store.Querier
	after   int64 // batch
	horizon int64
	days    map[string]int64
	filled  map[string]bool // whether a table has rows
}

// anyRows says whether one of the tables has rows, as it does when none is named. Most accounts lack some feeds, and planning a statement takes longer than asking. A table that cannot
// be read is for the statement to fail on.
func (t *landedTables) anyRows(ctx context.Context, tables []string) bool {
	for _, name := range tables {
		filled, known := t.filled[name]
		if !known {
			if err := t.q.Row(ctx, `SELECT EXISTS (SELECT 1 FROM `+name+`)`).Scan(&filled); err != nil {
				filled = true
			}
			t.filled[name] = filled
		}
		if filled {
			return true
		}
	}
	return len(tables) == 0
}

// setTable finds the tables that a statement reads.
var setTable = regexp.MustCompile(`\b(?:ingest|meta)\.\w+`)

// dayOfRows is when the rows of a table happened, for tables whose rows bear the number of the batch that landed them. Others may have changed on any day.
var dayOfRows = map[string]string{
	"ingest.activities": "occurred_at", "ingest.operations": "occurred_at", "ingest.failed_sign_ins": "occurred_at", "ingest.channel_activities": "occurred_at",
	"ingest.history_meetings": "least(created_at, started_at)", "ingest.user_meetings": "started_at", "ingest.dashboard_meetings": "started_at", "ingest.recordings": "started_at",
	"ingest.meeting_participants": "joined_at", "ingest.dashboard_participants": "joined_at",
	// What says who is who, or how things are set, as of now is no reason to look at earlier days again.
	"ingest.users": "", "ingest.scoped_settings": "", "ingest.setting_versions": "", "ingest.setting_changes": "",
}

// feedDays is how many days back it may make a difference how far a feed was read.
const feedDays = 14

// changed returns the first day that d must look at again, at most as far back as the horizon.
func (t *landedTables) changed(ctx context.Context, d *Detection) (int64, error) {
	text, err := setFiles.ReadFile("sets/" + d.ID + ".sql")
	if err != nil {
		return t.horizon, nil // reading it fails with the same error
	}
	first := int64(1 << 40)
	for _, name := range setTable.FindAllString(string(text), -1) {
		day, known := t.days[name]
		if !known {
			if day, err = t.firstNew(ctx, name); err != nil {
				return 0, err
			}
			t.days[name] = day
		}
		first = min(first, day)
	}
	return max(first, t.horizon), nil
}

func (t *landedTables) firstNew(ctx context.Context, table string) (int64, error) {
	at, known := dayOfRows[table]
	switch {
	case table == "meta.feeds": // a day counts when its feeds were read beyond it, two days later
		return t.horizon + setHorizon - feedDays, nil
	case !known:
		if !t.anyRows(ctx, []string{table}) { // the feed is not read: nothing can have changed
			return 1 << 40, nil
		}
		return t.horizon, nil
	case at == "":
		return 1 << 40, nil
	}
	var r struct {
		Day []time.Time `col:"day,date"`
	}
	if err := t.q.Read(ctx, &r, `SELECT min(`+at+`)::DATE AS day FROM `+table+` WHERE batch > ?`, t.after); err != nil {
		return 0, fmt.Errorf("find the days with new rows of %s: %w", table, err)
	}
	if len(r.Day) == 0 || r.Day[0].IsZero() {
		return 1 << 40, nil
	}
	return features.DayNumber(r.Day[0]), nil
}

// changedSet returns the first day of [from, to] on which the findings of d are not those of the database; to+1 when there is none.
func changedSet(ctx context.Context, q store.Querier, d *Detection, found []Finding, from, to int64) (int64, error) {
	if from > to {
		return to + 1, nil
	}
	var have struct {
		ID       []string    `col:"behavior_id"`
		Day      []time.Time `col:"day,date"`
		Summary  []string    `col:"summary"`
		Evidence []string    `col:"evidence"`
	}
	if err := q.Read(ctx, &have, `SELECT behavior_id, day, summary, evidence FROM models.behaviors WHERE day BETWEEN ? AND ? AND detection_id = ?`,
		features.DayTime(from), features.DayTime(to), d.ID); err != nil {
		return 0, fmt.Errorf("read earlier findings: %w", err)
	}
	differ := map[string]int{} // a finding in full -> how often it is there now, less how often it was
	day := map[string]int64{}
	for i := range found {
		n := features.DayNumber(found[i].Day)
		if n <= to {
			k := found[i].id() + "\x00" + found[i].Summary + "\x00" + found[i].Evidence.json()
			differ[k]++
			day[k] = n
		}
	}
	for i, id := range have.ID {
		k := id + "\x00" + have.Summary[i] + "\x00" + have.Evidence[i]
		differ[k]--
		day[k] = features.DayNumber(have.Day[i])
	}
	first := to + 1
	for k, n := range differ {
		if n != 0 {
			first = min(first, day[k])
		}
	}
	return first, nil
}
