package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"

	"github.com/zoomward/zoomward/models/posture"
	"github.com/zoomward/zoomward/store"
)

func postureShowCommand() command {
	return command{
		name: "posture show", args: "CONTROL_ID [--format text|json]", summary: "one control: what was found, why, and how to put it right",
		detail: `Says of one control what was found and what was expected, why the status is what it is, what putting it right does to the score, how to do it step by step, which
exception there is, which controls it excludes, how the verdict came to be over time, and which users, channels or other things do not hold. --format json gives the same as one
JSON object.`,
		example: "zoomward posture show MS-ZOOM-01",
		flags: func(fs *flag.FlagSet) action {
			format := fs.String("format", formatText, "")
			return func(ctx context.Context, a *app, args []string) error {
				if len(args) != 1 || args[0] == "" {
					return withHint(usageErrorf("posture show needs one control, got %d", len(args)), "zoomward posture --all lists them")
				}
				if *format != formatText && *format != formatJSON {
					return usageErrorf("--format: %q is not one of %s, %s", *format, formatText, formatJSON)
				}
				return a.withPublished(ctx, func(db *store.DB) error { return a.postureShow(ctx, db, strings.ToUpper(args[0]), *format) })
			}
		},
	}
}

// shownControl is the page on a control. Its JSON form is what scripts read.
type shownControl struct {
	ControlID     string          `json:"control_id"`
	Title         string          `json:"title"`
	Severity      string          `json:"severity"`
	Status        string          `json:"status"`
	Observed      string          `json:"observed"`
	Expected      string          `json:"expected"`
	Reason        string          `json:"reason"`
	LockState     string          `json:"lock_state"`
	Note          string          `json:"note"`
	ChangedAt     time.Time       `json:"changed_at"`
	FetchedAt     *time.Time      `json:"fetched_at"`
	Frameworks    []string        `json:"frameworks"`
	MissingScopes []string        `json:"missing_scopes"`
	Effect        shownEffect     `json:"effect"`
	Portal        string          `json:"portal"`
	Steps         []string        `json:"steps"`
	Exception     *shownException `json:"exception"`
	ConflictsWith []shownOther    `json:"conflicts_with"`
	History       []shownVerdict  `json:"history"` // latest first
	Sections      []*shownSection `json:"sections"`
}

type shownEffect struct {
	Points     float64 `json:"points"`
	MaxPoints  float64 `json:"max_points"`
	RawPoints  float64 `json:"raw_points"` // before the exception
	GainPoints float64 `json:"gain_points"`
	Gain       float64 `json:"gain"` // percentage points of the score
	Score      float64 `json:"score"`
	Rank       int64   `json:"rank"` // 0: nothing is to be gained
	Open       int64   `json:"open_recommendations"`

	Settles    []string `json:"settles"`    // other open controls that hold with it
	SettledBy  string   `json:"settled_by"` // "": it stands for itself
	Effort     string   `json:"effort"`
	UserImpact string   `json:"user_impact"`
}

type shownException struct {
	State     string `json:"state"`
	Applies   bool   `json:"applies"`
	Expired   bool   `json:"expired"`
	Reason    string `json:"reason"`
	Owner     string `json:"owner"`
	ExpiresOn string `json:"expires_on"` // "": no end
}

type shownOther struct {
	ControlID string `json:"control_id"`
	Title     string `json:"title"`
	Status    string `json:"status"`
}

type shownVerdict struct {
	At        time.Time `json:"at"`
	Status    string    `json:"status"`
	Points    float64   `json:"points"`
	Observed  string    `json:"observed"`
	Exception string    `json:"exception"` // that applied, "" for none
}

// shownHistory is how many verdicts of the past the page has.
const shownHistory = 20

// postureShow writes the page on a control.
func (a *app) postureShow(ctx context.Context, db store.Querier, id, format string) error {
	x, err := a.readControl(ctx, db, id)
	if err != nil {
		return err
	}
	if format == formatJSON {
		enc := json.NewEncoder(a.data())
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		if err := enc.Encode(x); err != nil {
			return fmt.Errorf("write control: %w", err)
		}
		return nil
	}
	text := strings.Join(x.lines(drawing{unicode: drawsUnicode(a.getenv, runtime.GOOS), width: textWidth(a.stdout, a.getenv)}), "\n") + "\n"
	if _, err := io.WriteString(a.stdout, text); err != nil {
		return fmt.Errorf("write control: %w", err)
	}
	return nil
}

func (a *app) readControl(ctx context.Context, db store.Querier, id string) (*shownControl, error) {
	catalogue, err := posture.Load()
	if err != nil {
		return nil, err
	}
	var row struct {
		Title      []string    `col:"title"`
		Severity   []string    `col:"severity"`
		Status     []string    `col:"status"`
		Observed   []string    `col:"observed"`
		Expected   []string    `col:"expected"`
		Reason     []string    `col:"reason"`
		Lock       []string    `col:"lock_state"`
		ChangedAt  []time.Time `col:"changed_at"`
		FetchedAt  []time.Time `col:"fetched_at"`
		Missing    [][]string  `col:"missing_scopes"`
		Points     []float64   `col:"points"`
		Max        []float64   `col:"max_points"`
		Raw        []float64   `col:"raw_points"`
		GainPoints []float64   `col:"gain_points"`
		Gain       []float64   `col:"gain"`
		Rank       []int64     `col:"rank"`
		Settles    [][]string  `col:"settles"`
		SettledBy  []string    `col:"settled_by"`
		Effort     []string    `col:"effort"`
		Impact     []string    `col:"user_impact"`
		Exception  []string    `col:"exception"`
		State      []string    `col:"exception_state"`
		Why        []string    `col:"exception_reason"`
		Owner      []string    `col:"exception_owner"`
		Until      []string    `col:"until"`
		Expired    []bool      `col:"expired"`
		Score      []float64   `col:"score"`
		Open       []int64     `col:"open"`
		Remedy     []string    `col:"remediation"`
	}
	if err := db.Read(ctx, &row, `SELECT title, severity, status, observed, expected, reason, lock_state, changed_at, fetched_at, missing_scopes, points, max_points, raw_points,
			coalesce(gain_points, 0) AS gain_points, coalesce(gain, 0) AS gain, coalesce(rank, 0) AS rank, settles, settled_by, effort, user_impact, exception, exception_state, exception_reason, exception_owner,
			coalesce(exception_expires_on::VARCHAR, '') AS until, coalesce(exception_expired, false) AS expired,
			coalesce((SELECT score FROM posture_score ORDER BY at DESC, run_id DESC LIMIT 1), 0) AS score, (SELECT count(*) FROM posture_plan) AS open, remediation
		FROM posture WHERE control_id = ? ORDER BY resource_type = 'account' DESC, changed_at DESC LIMIT 1`, id); err != nil {
		return nil, fmt.Errorf("read control: %w", err)
	}
	ctl, known := catalogue.Control(id)
	if len(row.Title) == 0 {
		if known {
			return nil, withHint(fmt.Errorf("%s was not judged yet", id), "zoomward posture judges the settings that are stored")
		}
		return nil, withHint(usageErrorf("there is no control %s", id), "zoomward posture --all lists them")
	}
	x := &shownControl{
		ControlID: id, Title: row.Title[0], Severity: row.Severity[0], Status: row.Status[0], Observed: row.Observed[0], Expected: row.Expected[0], Reason: row.Reason[0], LockState: row.Lock[0],
		Note: ctl.Note, ChangedAt: row.ChangedAt[0], MissingScopes: row.Missing[0], Portal: ctl.Remediation.Portal,
		Effect: shownEffect{Points: row.Points[0], MaxPoints: row.Max[0], RawPoints: row.Raw[0], GainPoints: row.GainPoints[0], Gain: row.Gain[0], Score: row.Score[0], Rank: row.Rank[0],
			Open: row.Open[0], Effort: row.Effort[0], UserImpact: row.Impact[0], Settles: row.Settles[0], SettledBy: row.SettledBy[0]},
	}
	if at := row.FetchedAt[0]; !at.IsZero() {
		x.FetchedAt = &at
	}
	if state := row.State[0]; state != "" {
		x.Exception = &shownException{State: state, Applies: row.Exception[0] != "", Expired: row.Expired[0], Reason: row.Why[0], Owner: row.Owner[0], ExpiresOn: row.Until[0]}
	}
	if known {
		x.Steps = catalogue.Steps(&ctl, a.cfg.PostureParams)
		x.Frameworks = frameworkWords(ctl.Frameworks)
	} else if row.Remedy[0] != "" {
		x.Steps = []string{row.Remedy[0]}
	}
	if x.ConflictsWith, err = readConflicts(ctx, db, catalogue, ctl); err != nil {
		return nil, err
	}
	if x.History, err = readVerdicts(ctx, db, id); err != nil {
		return nil, err
	}
	if x.Sections, err = readSections(ctx, db, id); err != nil {
		return nil, err
	}
	x.fillLists()
	return x, nil
}

// fillLists makes empty lists of those that are missing: a script that counts them finds none, and no null.
func (x *shownControl) fillLists() {
	full(&x.Effect.Settles)
	full(&x.Frameworks)
	full(&x.MissingScopes)
	full(&x.Steps)
	full(&x.ConflictsWith)
	full(&x.History)
	full(&x.Sections)
}

// readConflicts lists the controls that cannot hold together with this one, whichever of the two says so.
func readConflicts(ctx context.Context, db store.Querier, catalogue *posture.Catalog, ctl posture.Control) ([]shownOther, error) {
	var ids []string
	ids = append(ids, ctl.ConflictsWith...)
	for i := range catalogue.Controls {
		for _, id := range catalogue.Controls[i].ConflictsWith {
			if id == ctl.ID {
				ids = append(ids, catalogue.Controls[i].ID)
			}
		}
	}
	var out []shownOther
	seen := map[string]bool{}
	for _, id := range ids {
		if seen[id] {
			continue
		}
		seen[id] = true
		var other struct {
			Title  []string `col:"title"`
			Status []string `col:"status"`
		}
		if err := db.Read(ctx, &other, `SELECT title, status FROM posture WHERE control_id = ? LIMIT 1`, id); err != nil {
			return nil, fmt.Errorf("read control: %w", err)
		}
		if len(other.Title) > 0 {
			out = append(out, shownOther{id, other.Title[0], other.Status[0]})
		}
	}
	return out, nil
}

func readVerdicts(ctx context.Context, db store.Querier, id string) ([]shownVerdict, error) {
	var rows struct {
		At        []time.Time `col:"changed_at"`
		Status    []string    `col:"status"`
		Points    []float64   `col:"points"`
		Observed  []string    `col:"observed"`
		Exception []string    `col:"exception"`
	}
	if err := db.Read(ctx, &rows, `SELECT changed_at, status, points, observed, exception FROM models.posture_results WHERE control_id = ? ORDER BY changed_at DESC, rowid DESC LIMIT ?`, id, shownHistory); err != nil {
		return nil, fmt.Errorf("read verdicts: %w", err)
	}
	out := make([]shownVerdict, len(rows.At))
	for i, at := range rows.At {
		out[i] = shownVerdict{at, rows.Status[i], rows.Points[i], rows.Observed[i], rows.Exception[i]}
	}
	return out, nil
}
