package models

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/zoomward/zoomward/features"
	"github.com/zoomward/zoomward/store"
)

//go:embed user_risk.sql
var userRiskSQL string

// FoldOptions of Fold.
type FoldOptions struct {
	Config   Config
	Now      time.Time // the run's clock: the day it falls on is scored as it stands and not learnt
	RunID    string
	Logger   *slog.Logger
	Progress func(done, total int) // days; may be nil
}

// FoldSummary says what a fold did.
type FoldSummary struct {
	From      time.Time `json:"from"` // first day scored anew
	Through   time.Time `json:"through"`
	Days      int       `json:"days"`
	UserDays  int       `json:"user_days"`
	Behaviors int       `json:"behaviors"`
	Alerts    int       `json:"alerts"` // in the database, all days
	// Of them, per 1,000 users and week: what came of the budget.
	Realised   float64 `json:"alerts_per_1000_users_week"`
	Suppressed int     `json:"suppressed"`         // behaviors in the database that are like an alert that was dismissed as a false positive
	Withheld   int     `json:"withheld"`           // behaviors in the database that would be alerts, had the budget not been used up
	Rescored   string  `json:"rescored,omitempty"` // why earlier days were scored anew: settings, triage
	// Realised share of judged user-days below a nominal p of 1 %, per question: near 0.01 when the calibration holds.
	Exceedance map[string]float64 `json:"exceedance_at_1_percent"`
	// Detections whose statements failed, so that what they would find is missing; nil for none.
	Broken []string `json:"broken,omitempty"`
	Stages Stages   `json:"seconds"`
	// How well genuine days were told from pseudo-takeovers of late; nil before anything was learnt.
	SelfCheck *SelfCheckSummary `json:"self_check,omitempty"`
	// The same of the joined p-values, week by week.
	Calibration []WeekCalibration `json:"calibration"`
}

const (
	commitDays     = 60 // days folded between two commits of a long fold
	commitRows     = 250_000
	checkpoints    = 42 // days for which checkpoints are kept, one of every checkpointEach
	checkpointEach = 14
	lateRows       = 5 // days that rows usually need to arrive: every checkpoint since is kept
)

// Fold is the loop that alternates the two rooms: it scores every day that is new or touched by new rows from the state of the evening before, decides, and then lets
// the day teach the state, leaving out what was gated. A full backfill and a daily run are the same; run again over the same rows it changes nothing. It commits
// whole days with the state at their end, so that a fold that is cut off goes on from there.
func Fold(ctx context.Context, db *store.DB, o FoldOptions) (FoldSummary, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if err := o.Config.Validate(); err != nil {
		return FoldSummary{}, err
	}
	if err := features.Prepare(ctx, db); err != nil {
		return FoldSummary{}, err
	}
	people, err := ReadDirectory(ctx, db)
	if err != nil {
		return FoldSummary{}, err
	}
	o.Config.warnOfNobody(ctx, people, o.Logger)
	f := &fold{db: db, o: o, people: people, today: features.DayNumber(o.Now)}
	if err := f.begin(ctx); err != nil {
		return FoldSummary{}, err
	}
	if err := f.run(ctx); err != nil {
		return FoldSummary{}, err
	}
	return f.finish(ctx)
}

type fold struct {
	db     *store.DB
	o      FoldOptions
	people *Directory
	today  int64      // day under way
	start  int64      // first day to score
	saved  int64      // day of the last checkpoint that was handed over to be written
	saving chan error // what came of it; nil when nothing is being written
	state  *features.State
	engine *engine
	sets   *setFindings // what the statements find
	out    output
	sum    FoldSummary
}

// begin finds out from which day the fold must go on, loads the state of the evening before, and drops what it will work out anew.
func (f *fold) begin(ctx context.Context) error {
	pos, err := features.ReadPosition(ctx, f.db)
	if err != nil {
		return err
	}
	print := f.o.Config.fingerprint()
	resettled := pos.Config != "" && pos.Config != print
	if pos.Config != print {
		pos = features.Position{} // other rules: the whole history is scored anew
	}
	landed, err := features.ReadLanded(ctx, f.db, pos.Batch)
	if err != nil {
		return err
	}
	said, changed, err := readFeedback(ctx, f.db)
	if err != nil {
		return err
	}
	usual := pos.Start(landed, f.today)
	f.start = min(usual, changed)
	start := time.Now()
	if err := f.readSets(ctx, pos, landed); err != nil {
		return err
	}
	lap(&f.sum.Stages.Sets, start)
	if err := f.load(ctx, pos, landed); err != nil {
		return err
	}
	if err := f.sets.readBefore(ctx, f.start); err != nil {
		return err
	}
	f.explainRescoring(ctx, resettled, changed < usual)
	f.engine.feedback = said
	if f.engine.exposure, err = readExposure(ctx, f.db); err != nil {
		return err
	}
	from := features.DayTime(f.start)
	return f.db.Tx(ctx, func(tx *store.Tx) error {
		for _, q := range []string{
			`DELETE FROM models.user_days WHERE day >= ?`,
			`DELETE FROM models.behaviors WHERE day >= ?`,
			`DELETE FROM models.alerts WHERE day >= ?`,
		} {
			if _, err := tx.Exec(ctx, q, from); err != nil {
				return err
			}
		}
		if err := features.ForgetObservations(ctx, tx, f.start); err != nil {
			return err
		}
		if err := features.DropCheckpoints(ctx, tx, func(day int64) bool { return day >= f.start }); err != nil {
			return err
		}
		// An alert from before that was extended by days that are now worked out anew goes back to what it was on the evening before.
		f.out.alerts = append(f.out.alerts, f.engine.Open...)
		if err := f.out.flush(ctx, tx, f.o.RunID); err != nil {
			return err
		}
		if err := said.note(ctx, tx); err != nil {
			return err
		}
		if err := f.sets.noteBroken(ctx, tx); err != nil {
			return err
		}
		return features.Position{Through: f.start - 1, Batch: landed.Batch, Config: print}.Write(ctx, tx)
	})
}

// load restores the latest checkpoint before f.start, or begins with nothing at the first day; f.start becomes the day after it.
func (f *fold) load(ctx context.Context, pos features.Position, landed features.Landed) error {
	day, ok, err := features.LastCheckpoint(ctx, f.db, f.start)
	if err != nil {
		return err
	}
	if !ok || pos.Through == 0 {
		if landed.First != 0 {
			f.start = min(f.start, landed.First)
		}
		f.state, f.engine = features.NewState(), newEngine(f.o.Config)
		return nil
	}
	defer lap(&f.sum.Stages.Checkpoint, time.Now())
	c, err := features.ReadCheckpoint(ctx, f.db, day)
	if err != nil {
		return err
	}
	if f.state, err = features.Restore(c.State); err != nil {
		return err
	}
	if f.engine, err = decodeEngine(c.Models, f.o.Config); err != nil {
		return err
	}
	f.start = day + 1
	return nil
}

// days yields the days that have rows, and those without on which a statement found something.
func (f *fold) days(ctx context.Context) iter.Seq2[*features.Day, error] {
	return func(yield func(*features.Day, error) bool) {
		next := f.start
		fill := func(until int64) bool {
			for ; next < until; next++ {
				if len(f.sets.found[next]) > 0 && !yield(&features.Day{Number: next, Rows: &features.Rows{}}, nil) {
					return false
				}
			}
			return true
		}
		for d, err := range features.Days(ctx, f.db, f.state.Dictionary(), f.start, f.today) {
			if err == nil {
				if !fill(d.Number) {
					return
				}
				next = d.Number + 1
			}
			if !yield(d, err) || err != nil {
				return
			}
		}
		fill(f.today + 1)
	}
}

// run scores the days from f.start to today.
func (f *fold) run(ctx context.Context) (err error) {
	defer func() {
		if e := f.saveDone(); err == nil {
			err = e
		}
	}()
	total := int(f.today - f.start + 1)
	pending := 0
	mark := time.Now()
	for d, err := range f.days(ctx) {
		if err != nil {
			return err
		}
		lap(&f.sum.Stages.Read, mark)
		if err := ctx.Err(); err != nil {
			return err
		}
		// Checkpoints now and then of late, and one before the days that may still get rows, so that late rows cost little.
		if f.checkpointDue(d.Number, pending) {
			if err := f.commit(ctx); err != nil {
				return err
			}
			pending = 0
		}
		if d.Number == f.today { // the state of the evening before must not hold words that the day under way will add
			if err := f.commit(ctx); err != nil {
				return err
			}
		}
		r, err := f.engine.score(f.state, d, f.people, f.sets.found[d.Number], &f.sum.Stages)
		if err != nil {
			return fmt.Errorf("score %s: %w", d.Start().Format(time.DateOnly), err)
		}
		if err := f.people.past.failed(); err != nil {
			return fmt.Errorf("score %s: %w", d.Start().Format(time.DateOnly), err)
		}
		if d.Number < f.today {
			f.engine.close(f.state, r, &f.sum.Stages)
		}
		f.out.add(r)
		f.sum.Days++
		f.sum.UserDays += len(d.Users)
		f.sum.Behaviors += len(r.findings)
		pending++
		if f.o.Progress != nil {
			f.o.Progress(int(d.Number-f.start+1), total)
		}
		mark = time.Now()
	}
	return nil
}

func (f *fold) checkpointDue(next int64, pending int) bool {
	if pending == 0 {
		return false
	}
	late := f.today - f.state.Day
	return pending >= commitDays || f.out.len() >= commitRows || late <= checkpoints && next/checkpointEach != f.state.Day/checkpointEach || late == lateRows
}

// commit hands over what was worked out and the state that belongs to it, to be written in one transaction while the fold goes on; saveDone waits for it.
func (f *fold) commit(ctx context.Context) error {
	if f.state.Day < f.start || f.state.Day == f.saved {
		return nil // nothing learnt since the last checkpoint
	}
	start := time.Now()
	snap, err := f.state.Snapshot()
	if err != nil {
		return err
	}
	own, err := f.engine.encode()
	if err != nil {
		return err
	}
	encoding := time.Since(start).Seconds()
	if err := f.saveDone(); err != nil {
		return err
	}
	f.sum.Stages.Checkpoint += encoding
	out, day := f.out, f.state.Day
	f.out, f.saved, f.saving = output{}, day, make(chan error, 1)
	go func() { f.saving <- f.save(ctx, day, out, features.Checkpoint{State: snap, Models: own}) }()
	return nil
}

// saveDone waits until nothing is being written and returns what came of it.
func (f *fold) saveDone() error {
	if f.saving == nil {
		return nil
	}
	err := <-f.saving
	f.saving = nil
	return err
}

// save writes the verdicts up to a day and the state at its end. It touches nothing of the fold but the stages Write and Checkpoint.
func (f *fold) save(ctx context.Context, day int64, out output, c features.Checkpoint) error {
	start := time.Now()
	date := features.DayTime(day)
	err := f.db.Tx(ctx, func(tx *store.Tx) error {
		if err := out.flush(ctx, tx, f.o.RunID); err != nil {
			return err
		}
		start = lap(&f.sum.Stages.Write, start)
		if err := features.WriteCheckpoint(ctx, tx, day, c); err != nil {
			return err
		}
		if err := dropCheckpoints(ctx, tx, day); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE meta.fold SET through = ?`, date)
		return err
	})
	if err != nil {
		return fmt.Errorf("commit the days up to %s: %w", date.Format(time.DateOnly), err)
	}
	lap(&f.sum.Stages.Checkpoint, start)
	return nil
}

// dropCheckpoints keeps those of the last days up to the given one, for rows that arrive late, and one of every checkpointEach days before.
func dropCheckpoints(ctx context.Context, tx *store.Tx, day int64) error {
	days, err := features.Checkpoints(ctx, tx)
	if err != nil {
		return err
	}
	last := map[int64]int64{} // fortnight -> its last checkpoint
	for _, d := range days {
		last[d/checkpointEach] = d
	}
	return features.DropCheckpoints(ctx, tx, func(d int64) bool {
		return d < day-checkpoints || d < day-lateRows && last[d/checkpointEach] != d
	})
}

// finish writes what is left, the baselines and the risk of users.
func (f *fold) finish(ctx context.Context) (FoldSummary, error) {
	if err := f.commit(ctx); err != nil {
		return FoldSummary{}, err
	}
	if err := f.saveDone(); err != nil {
		return FoldSummary{}, err
	}
	start := time.Now()
	err := f.db.Tx(ctx, func(tx *store.Tx) error {
		if err := f.out.flush(ctx, tx, f.o.RunID); err != nil {
			return err
		}
		if err := features.WriteBaselines(ctx, tx, f.state, f.state.Priors(f.state.GroupOf(f.people.Peers))); err != nil {
			return err
		}
		return WriteUserRisk(ctx, tx, f.o.Now)
	})
	if err != nil {
		return FoldSummary{}, err
	}
	lap(&f.sum.Stages.Write, start)
	f.sum.From, f.sum.Through = features.DayTime(f.start), features.DayTime(f.today)
	f.sum.Exceedance = map[string]float64{}
	for name, c := range map[string]*Calibrator{"identity": &f.engine.IdentityPast, "volume": &f.engine.VolumePast, "drift": &f.engine.DriftPast} {
		if c.Judged > 0 {
			f.sum.Exceedance[name] = c.Below01 / c.Judged
		}
	}
	f.sum.Broken = sortedKeys(f.sets.broken)
	for _, w := range f.engine.warnings {
		f.o.Logger.WarnContext(ctx, w)
	}
	if f.sum.SelfCheck = f.engine.Identity.summary(); f.sum.SelfCheck != nil && f.sum.SelfCheck.Dropped {
		f.o.Logger.WarnContext(ctx, "genuine days are told from other people's less well than usual: a feed may have changed or fallen silent", "auc", f.sum.SelfCheck.AUC,
			"usual", f.sum.SelfCheck.UsualAUC)
	}
	if err := f.noteCalibration(ctx); err != nil {
		return FoldSummary{}, err
	}
	if err := f.db.Row(ctx, `SELECT count(*) FROM models.alerts`).Scan(&f.sum.Alerts); err != nil {
		return FoldSummary{}, fmt.Errorf("count alerts: %w", err)
	}
	if err := f.countRealised(ctx); err != nil {
		return FoldSummary{}, err
	}
	return f.sum, nil
}

// WriteUserRisk works the risk of users out anew, from the findings of the days up to the UTC day of now.
func WriteUserRisk(ctx context.Context, tx *store.Tx, now time.Time) error {
	var hints []string
	for i := range Catalogue {
		if Catalogue[i].Hint {
			hints = append(hints, "'"+Catalogue[i].ID+"'")
		}
	}
	query := strings.NewReplacer("$today", "DATE '"+now.UTC().Format(time.DateOnly)+"'", "$hints", strings.Join(hints, ", ")).Replace(userRiskSQL)
	if _, err := tx.Exec(ctx, query); err != nil {
		return fmt.Errorf("work out the risk of users: %w", err)
	}
	return nil
}

// output gathers rows until they are committed.
type output struct {
	observed  features.Observations
	days      userDayRows
	behaviors behaviorRows
	alerts    []raised
}

type userDayRows struct {
	Email     []string    `col:"user_email"`
	Day       []time.Time `col:"day,date"`
	Score     []float64   `col:"score"`
	P         []float64   `col:"p_value"`
	Learning  []bool      `col:"learning"`
	Alerted   []bool      `col:"alerted"`
	Gated     []bool      `col:"gated"`
	IdentityP []float64   `col:"identity_p"`
	VolumeP   []float64   `col:"volume_p"`
}

type behaviorRows struct {
	ID        []string    `col:"behavior_id"`
	Detection []string    `col:"detection_id"`
	Email     []string    `col:"user_email,null"`
	Start     []time.Time `col:"window_start"`
	End       []time.Time `col:"window_end"`
	Observed  []float64   `col:"observed"`
	Expected  []float64   `col:"expected"`
	Unit      []string    `col:"unit,null"`
	P         []float64   `col:"p_value"`
	Evidence  []string    `col:"evidence"`
	Summary   []string    `col:"summary"`
	Day       []time.Time `col:"day,date"`
	By        []string    `col:"suppressed_by,null"`
	Withheld  []bool      `col:"withheld"`
}

type alertRows struct {
	ID         []string    `col:"alert_id"`
	Detection  []string    `col:"detection_id"`
	Title      []string    `col:"title"`
	Severity   []string    `col:"severity"`
	Email      []string    `col:"user_email,null"`
	Start      []time.Time `col:"window_start"`
	End        []time.Time `col:"window_end"`
	Score      []float64   `col:"score"`
	P          []float64   `col:"p_value"`
	Summary    []string    `col:"summary"`
	Evidence   []string    `col:"evidence"`
	Techniques []string    `col:"attack_techniques,null"`
	First      []time.Time `col:"first_seen_at"`
	Last       []time.Time `col:"last_seen_at"`
	Day        []time.Time `col:"day,date"`
	Key        []string    `col:"key"`
	Observed   []float64   `col:"observed"`
}

func (o *output) len() int { return len(o.days.Email) + len(o.behaviors.ID) }

func (o *output) add(r *dayResult) {
	day := r.scene.day.Start()
	o.observed.Add(r.scene.day)
	for i, j := range r.scene.judged {
		d := &o.days
		email := r.scene.day.Users[i].Email
		d.Email = append(d.Email, email)
		d.Day = append(d.Day, day)
		d.Score = append(d.Score, r.scene.identity[i].Score)
		d.P = append(d.P, j.joint)
		d.Learning = append(d.Learning, j.learning)
		d.Alerted = append(d.Alerted, r.alerted[email])
		d.Gated = append(d.Gated, r.gated != nil && r.gated[i])
		d.IdentityP = append(d.IdentityP, j.identityP)
		d.VolumeP = append(d.VolumeP, j.volumeP)
	}
	for _, f := range r.findings {
		b := &o.behaviors
		b.ID = append(b.ID, f.id())
		b.Detection = append(b.Detection, f.Detection.ID)
		b.Email = append(b.Email, f.Email)
		b.Start, b.End = append(b.Start, f.Start), append(b.End, f.End)
		b.Observed, b.Expected = append(b.Observed, f.Observed), append(b.Expected, f.Expected)
		b.Unit = append(b.Unit, f.Unit)
		b.P = append(b.P, f.P)
		b.Evidence = append(b.Evidence, f.Evidence.json())
		b.Summary = append(b.Summary, f.Summary)
		b.Day = append(b.Day, day)
		b.By = append(b.By, f.SuppressedBy)
		_, withheld := r.withheld[f.id()]
		b.Withheld = append(b.Withheld, withheld)
	}
	o.alerts = append(o.alerts, r.alerts...)
}

func (e Evidences) json() string {
	raw, err := json.Marshal(e)
	if err != nil { // a NaN that slipped in must not cost the finding
		raw, _ = json.Marshal(map[string]string{"error": err.Error()})
	}
	return string(raw)
}

// flush writes the gathered rows and forgets them. An alert that is there already is replaced; the run that first
// raised it stays noted.
func (o *output) flush(ctx context.Context, tx *store.Tx, runID string) error {
	if err := o.observed.Flush(ctx, tx); err != nil {
		return err
	}
	if _, err := tx.Append(ctx, "models.user_days", o.days); err != nil {
		return err
	}
	if _, err := tx.Append(ctx, "models.behaviors", o.behaviors); err != nil {
		return err
	}
	latest := map[string]raised{}
	for _, a := range o.alerts {
		latest[a.ID] = a
	}
	alerts := make([]raised, 0, len(latest))
	for _, a := range latest {
		alerts = append(alerts, a)
	}
	slices.SortFunc(alerts, bySeverity)
	var rows alertRows
	var origin struct {
		ID  []string `col:"alert_id"`
		Run []string `col:"run_id"`
	}
	for _, a := range alerts {
		f := a.Finding
		if _, err := tx.Exec(ctx, `DELETE FROM models.alerts WHERE alert_id = ?`, a.ID); err != nil {
			return err
		}
		origin.ID, origin.Run = append(origin.ID, a.ID), append(origin.Run, runID)
		rows.ID = append(rows.ID, a.ID)
		rows.Detection = append(rows.Detection, f.Detection.ID)
		rows.Title = append(rows.Title, f.Detection.Title)
		rows.Severity = append(rows.Severity, a.Severity)
		rows.Email = append(rows.Email, f.Email)
		rows.Start, rows.End = append(rows.Start, f.Start), append(rows.End, f.End)
		rows.Score, rows.P = append(rows.Score, f.Score), append(rows.P, f.P)
		rows.Summary = append(rows.Summary, f.Summary)
		rows.Evidence = append(rows.Evidence, f.Evidence.json())
		rows.Techniques = append(rows.Techniques, strings.Join(f.Detection.Techniques, ";"))
		rows.First, rows.Last = append(rows.First, f.First), append(rows.Last, f.Last)
		rows.Day = append(rows.Day, features.DayTime(a.Day))
		rows.Key, rows.Observed = append(rows.Key, likeness(&f)), append(rows.Observed, f.Observed)
	}
	if _, err := tx.Append(ctx, "models.alerts", rows); err != nil {
		return err
	}
	if _, err := tx.Land(ctx, "models.alert_origins", "alert_id", origin); err != nil {
		return err
	}
	*o = output{}
	return nil
}
