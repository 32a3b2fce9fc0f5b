package posture

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/zoomward/zoomward/store"
)

//go:embed sql/*.sql
var queries embed.FS

// Options says how a run judges and what it signs its rows with.
type Options struct {
	RunID      string
	AccountID  string
	Now        func() time.Time // the run's clock; required
	Params     Params
	Profile    string // one of Profiles; the first when empty
	Exceptions []Exception
	FeedScopes map[string][]string // OAuth scopes that open each feed, any one of them
	Logger     *slog.Logger        // nil discards
}

// Change is a verdict that differs from the one before.
type Change struct {
	ControlID string
	Title     string
	Severity  Severity
	From, To  Status // From is "" at the first verdict
	Cause     string // one of the constants Cause*; "": what was known before turned
	Why       string // the cause in words
}

// Summary is what a run found.
type Summary struct {
	Score
	At      time.Time
	Counts  map[Status]int
	Results []Result
	Changes []Change // of status, in the order of the catalogue
	Written int      // rows appended: verdicts that changed, or whose grounds did
	// Resources is how many rows of single resources were added, changed or removed.
	Resources int64
}

// Run judges the account as the database knows it. It appends the verdicts that changed to models.posture_results and the score to models.posture_scores, in one
// transaction; judging the same again with the same run id changes nothing.
func Run(ctx context.Context, db *store.DB, o Options) (Summary, error) {
	c, err := Load()
	if err != nil {
		return Summary{}, err
	}
	if err := o.check(c); err != nil {
		return Summary{}, fmt.Errorf("judge posture: %w", err)
	}
	log := o.Logger
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	var s Summary
	err = db.Tx(ctx, func(tx *store.Tx) error {
		s.At = o.Now().UTC().Truncate(time.Microsecond)
		had, err := readKnown(ctx, tx)
		if err != nil {
			return err
		}
		in, err := readInput(ctx, tx)
		if err != nil {
			return err
		}
		if err := readObjects(ctx, tx, c, &in, s.At, had.at); err != nil {
			return err
		}
		if o.AccountID == "" { // whoever judges without the credentials at hand judges the same account
			if o.AccountID, err = lastAccount(ctx, tx); err != nil {
				return err
			}
		}
		in.AccountID, in.AsOf, in.Params, in.Profile, in.Exceptions = o.AccountID, s.At, o.Params, o.Profile, o.Exceptions
		s.Results = Evaluate(c, in)
		s.Score = ScoreOf(s.Results)
		Rank(c, in, s.Results)
		states, err := readFeedStates(ctx, tx)
		if err != nil {
			return err
		}
		markScopes(c, s.Results, states, o.FeedScopes, in.Connector.Scopes...)
		s.Counts = map[Status]int{}
		for i := range s.Results {
			s.Counts[s.Results[i].Status]++
		}
		if err := c.writeGrounds(ctx, tx); err != nil {
			return err
		}
		than := &comparison{in: &in, known: &had}
		if !had.at.IsZero() {
			was, skip := in.asKnown(&had)
			than.past = evaluate(c, was, skip)
		}
		if err := s.write(ctx, tx, o.RunID, c, than); err != nil {
			return err
		}
		if err := s.writeScore(ctx, tx, c, in, o.RunID); err != nil {
			return err
		}
		return had.write(ctx, tx, &in)
	})
	if err != nil {
		return Summary{}, fmt.Errorf("judge posture: %w", err)
	}
	s.warnExpired(log)
	log.Info("posture judged", "score", s.Score.Score, "achievable_score", s.Achievable, "coverage", s.Coverage,
		"failing", s.Counts[Fail]+s.Counts[PartialPass], "changed", len(s.Changes), "regressed", s.Regressions(), "improved", s.Improvements(),
		"grown", s.Growths())
	for _, ch := range s.Changes {
		switch {
		case ch.Regression():
			log.Warn("control holds less than before", "control", ch.ControlID, "severity", ch.Severity, "status", ch.To)
		case ch.Growth():
			log.Info("verdict rests on more than before", "control", ch.ControlID, "severity", ch.Severity, "status", ch.To, "why", ch.Why)
		}
	}
	return s, nil
}

// lastAccount returns the account that was judged last, "" for none.
func lastAccount(ctx context.Context, q store.Querier) (string, error) {
	var rows struct {
		ID []string `col:"resource_id"`
	}
	if err := q.Read(ctx, &rows, `SELECT resource_id FROM models.posture_state WHERE resource_type = 'account' LIMIT 1`); err != nil {
		return "", fmt.Errorf("read the account: %w", err)
	}
	if len(rows.ID) == 0 {
		return "", nil
	}
	return rows.ID[0], nil
}

func (o *Options) check(c *Catalog) error {
	if o.RunID == "" || o.Now == nil {
		return errors.New("a run needs an id and a clock")
	}
	if err := c.CheckParams(o.Params); err != nil {
		return err
	}
	if err := c.CheckExceptions(o.Exceptions); err != nil {
		return err
	}
	if o.Profile != "" && !slices.Contains(Profiles(), o.Profile) {
		return fmt.Errorf("posture.profile is %q, want one of %v", o.Profile, Profiles())
	}
	return nil
}

func query(name string) string {
	text, err := queries.ReadFile("sql/" + name + ".sql")
	if err != nil {
		panic(err) // embedded: a name that this package misspelt
	}
	return string(text)
}

func readInput(ctx context.Context, q store.Querier) (Input, error) {
	in := Input{Settings: map[string]Setting{}, Feeds: map[string]FeedState{}}
	var settings struct {
		Path      []string    `col:"path"`
		Value     []string    `col:"value"`
		Locked    []*bool     `col:"locked"`
		LockKind  []string    `col:"lock_kind"`
		FetchedAt []time.Time `col:"fetched_at"`
	}
	if err := q.Read(ctx, &settings, query("settings")); err != nil {
		return in, fmt.Errorf("read settings: %w", err)
	}
	for i, path := range settings.Path {
		in.Settings[path] = Setting{Value: json.RawMessage(settings.Value[i]), Locked: settings.Locked[i], LockKind: settings.LockKind[i], FetchedAt: settings.FetchedAt[i]}
	}
	if err := q.Row(ctx, `SELECT count(*) FROM ingest.im_groups WHERE removed_at IS NULL`).Scan(&in.IMGroups); err != nil {
		return in, fmt.Errorf("count groups of the chat directory: %w", err)
	}
	var feeds struct {
		Feed       []string `col:"feed"`
		State      []string `col:"state"`
		Message    []string `col:"message"`
		Incomplete []bool   `col:"incomplete"`
	}
	if err := q.Read(ctx, &feeds, query("feeds")); err != nil {
		return in, fmt.Errorf("read feeds: %w", err)
	}
	for i, feed := range feeds.Feed {
		in.Feeds[feed] = FeedState{State: feeds.State[i], Message: feeds.Message[i], Incomplete: feeds.Incomplete[i]}
	}
	return in, nil
}
