package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/zoomward/zoomward/models/posture"
	"github.com/zoomward/zoomward/store"
)

// postureTable writes posture for people: where the account stands, what to fix first, what is decided, what could not be seen.
func (a *app) postureTable(ctx context.Context, db store.Querier, top int, all bool) error {
	for _, part := range []func() error{
		func() error { return a.postureHead(ctx, db) },
		func() error {
			if all {
				return a.postureAll(ctx, db)
			}
			return a.postureFirst(ctx, db, top)
		},
		func() error { return a.postureExceptions(ctx, db) },
		func() error { return a.postureHints(ctx, db, all) },
	} {
		if err := part(); err != nil {
			return err
		}
	}
	return nil
}

// maxObserved is how many characters of what was observed the table shows; posture show has all of it.
const maxObserved = 50

// statusOrder puts statuses with what asks for work first.
const statusOrder = `list_position(['fail', 'partial', 'error', 'manual', 'unknown', 'pass', 'not_applicable'], status)`

// postureHead writes the score, the one before, and how many controls have which status.
func (a *app) postureHead(ctx context.Context, db store.Querier) error {
	line, err := scoreLine(ctx, db)
	if err != nil {
		return err
	}
	fmt.Fprintln(a.stdout, line)
	var scores struct {
		At     []time.Time `col:"at"`
		Score  []float64   `col:"score"`
		Points []float64   `col:"points"`
		Max    []float64   `col:"max_points"`
	}
	// The score before is the last one that differs: a run that changes nothing is no history. Runs of one moment are told apart by their ids, which begin with the time
	// that they started at.
	if err := db.Read(ctx, &scores, `WITH s AS (
			SELECT at, score, coalesce(points, 0) AS points, coalesce(max_points, 0) AS max_points, row_number() OVER w AS nth, first(score) OVER w AS latest
			FROM posture_score WINDOW w AS (ORDER BY at DESC, run_id DESC))
		SELECT at, score, points, max_points FROM s
		WHERE nth = 1 OR nth = (SELECT min(nth) FROM s WHERE round(score, 1) <> round(latest, 1)) ORDER BY nth`); err != nil {
		return fmt.Errorf("read posture score: %w", err)
	}
	if len(scores.At) > 0 && scores.Max[0] > 0 {
		fmt.Fprintf(a.stdout, "Points: %s of %s", amount(scores.Points[0]), amount(scores.Max[0]))
		if len(scores.At) > 1 {
			fmt.Fprintf(a.stdout, "; the score was %.1f %% on %s and is %.1f %% now", scores.Score[1], scores.At[1].Format(time.DateOnly), scores.Score[0])
		}
		fmt.Fprintln(a.stdout)
		if err := a.attestedLine(ctx, db); err != nil {
			return err
		}
		if len(scores.At) > 1 {
			if err := a.movementLine(ctx, db, scores.At[1]); err != nil {
				return err
			}
		}
	}
	var counts struct {
		Status []string `col:"status"`
		N      []int64  `col:"n"`
	}
	if err := db.Read(ctx, &counts, `SELECT status, count(*) AS n FROM posture GROUP BY status ORDER BY `+statusOrder); err != nil {
		return fmt.Errorf("count posture: %w", err)
	}
	var words []string
	var sum int64
	for i, s := range counts.Status {
		words = append(words, fmt.Sprintf("%d %s", counts.N[i], humanName(s)))
		sum += counts.N[i]
	}
	if sum > 0 {
		fmt.Fprintf(a.stdout, "Controls: %s, of %d\n", strings.Join(words, ", "), sum)
	}
	return nil
}

// maxAttested is how many attested controls the head names.
const maxAttested = 5

// attestedLine says how much of the score rests on somebody's word, and on whose.
func (a *app) attestedLine(ctx context.Context, db store.Querier) error {
	var rows struct {
		Control []string  `col:"control_id"`
		Owner   []string  `col:"owner"`
		Until   []string  `col:"until"`
		Points  []float64 `col:"points"`
	}
	if err := db.Read(ctx, &rows, `SELECT control_id, coalesce(exception_owner, '') AS owner, coalesce(exception_expires_on::VARCHAR, '') AS until, points - raw_points AS points
		FROM posture WHERE exception IN ('third_party', 'alternate_mitigation') ORDER BY points DESC, control_id`); err != nil {
		return fmt.Errorf("read exceptions: %w", err)
	}
	if len(rows.Control) == 0 {
		return nil
	}
	sum := 0.0
	var words []string
	for i, id := range rows.Control {
		sum += rows.Points[i]
		word := id + " by " + cmp.Or(rows.Owner[i], "nobody who is named")
		if rows.Until[i] != "" {
			word += " until " + rows.Until[i]
		}
		words = append(words, word)
	}
	if more := len(words) - maxAttested; more > 0 {
		words = append(words[:maxAttested], fmt.Sprintf("and %d more", more))
	}
	_, err := fmt.Fprintf(a.stdout, "Attested and not verified: %s of them (%s)\n", countedPoints(sum), sanitize(strings.Join(words, ", ")))
	return err
}

// movementLine says how much of the score's movement came from the configuration, if any did.
func (a *app) movementLine(ctx context.Context, db store.Querier, since time.Time) error {
	m, ok, err := posture.ReadMovement(ctx, db, since)
	if err != nil || !ok || m.Words() == "" {
		return err
	}
	_, err = fmt.Fprintf(a.stdout, "The score went from %.1f %% to %.1f %%: %s\n", m.From, m.To, m.Words())
	return err
}

// postureRows are the columns of a verdict that people see in a list.
type postureRows struct {
	Rank     []int64   `col:"rank"`
	Gain     []float64 `col:"gain"`
	Status   []string  `col:"status"`
	Severity []string  `col:"severity"`
	Control  []string  `col:"control_id"`
	Title    []string  `col:"title"`
	Observed []string  `col:"observed,null"`
	Points   []float64 `col:"points"`
	Max      []float64 `col:"max_points"`
	Effort   []string  `col:"effort"`
	Impact   []string  `col:"user_impact"`
	Settles  []string  `col:"settles"`
	By       []string  `col:"settled_by"`
}

const readPosture = `SELECT coalesce(rank, 0) AS rank, coalesce(gain, 0) AS gain, status, severity, control_id, title, observed, points, max_points, effort, user_impact,
	coalesce(array_to_string(settles, ', '), '') AS settles, coalesce(settled_by, '') AS settled_by FROM posture`

// postureFirst writes what to fix first, and counts the rest.
func (a *app) postureFirst(ctx context.Context, db store.Querier, top int) error {
	var rows postureRows
	if err := db.Read(ctx, &rows, readPosture+` WHERE `+openControls+` AND points < max_points
		ORDER BY posture.rank NULLS LAST, posture.settled_by NULLS FIRST, max_points - points DESC, control_id, resource_id`); err != nil {
		return fmt.Errorf("read posture: %w", err)
	}
	n := len(rows.Control)
	if n == 0 {
		_, err := fmt.Fprintln(a.stdout, "\nNothing to fix: no recommendation is open.")
		return err
	}
	todo := 0 // one thing to do may settle several recommendations
	for _, by := range rows.By {
		if by == "" {
			todo++
		}
	}
	shown := min(todo, top)
	fmt.Fprintf(a.stdout, "\nWhat to fix first (%d of %d)\n", shown, todo)
	t := newTable(a.stdout, "RANK", "GAIN", "STATUS", "SEVERITY", "CONTROL", "POINTS", "TITLE", "OBSERVED", "EFFORT", "USERS NOTICE", "ALSO SETTLES")
	rest, nth := 0.0, 0
	for i := range rows.Control {
		if rows.By[i] == "" {
			nth++
		}
		if nth > shown {
			rest += rows.Max[i] - rows.Points[i]
		}
		if nth > shown || rows.By[i] != "" {
			continue
		}
		rank, gain := "", ""
		if rows.Rank[i] > 0 {
			rank, gain = fmt.Sprint(rows.Rank[i]), fmt.Sprintf("%+.1f", rows.Gain[i])
		}
		t.row(rank, gain, rows.Status[i], rows.Severity[i], rows.Control[i], pointsText(rows.Points[i], rows.Max[i]), rows.Title[i],
			shorten(rows.Observed[i], maxObserved), rows.Effort[i], rows.Impact[i], shorten(rows.Settles[i], maxObserved))
	}
	if shown > 0 {
		if err := t.flush(); err != nil {
			return err
		}
	}
	if more := todo - shown; more > 0 {
		fmt.Fprintf(a.stdout, "... and %s, worth %s points together: --top %d shows all, --format plan writes them as a CSV to work through\n",
			countWords(int64(more), "more thing to do", "more things to do"), amount(rest), todo)
	}
	return nil
}

// postureAll lists every control.
func (a *app) postureAll(ctx context.Context, db store.Querier) error {
	var rows postureRows
	if err := db.Read(ctx, &rows, readPosture+` ORDER BY `+statusOrder+`, posture.rank NULLS LAST,
		list_position(['critical', 'high', 'medium', 'low', 'info'], severity), control_id, resource_id`); err != nil {
		return fmt.Errorf("read posture: %w", err)
	}
	fmt.Fprintln(a.stdout)
	t := newTable(a.stdout, "STATUS", "SEVERITY", "CONTROL", "POINTS", "TITLE", "OBSERVED")
	for i := range rows.Control {
		t.row(rows.Status[i], rows.Severity[i], rows.Control[i], pointsText(rows.Points[i], rows.Max[i]), rows.Title[i], rows.Observed[i])
	}
	return t.flush()
}

func pointsText(points, most float64) string { return amount(points) + "/" + amount(most) }

// postureExceptions lists what somebody decided, those that ran out first.
func (a *app) postureExceptions(ctx context.Context, db store.Querier) error {
	var rows struct {
		Control []string    `col:"control_id"`
		Status  []string    `col:"status"`
		Applies []bool      `col:"applies"`
		State   []string    `col:"exception_state"`
		Owner   []string    `col:"exception_owner"`
		Until   []time.Time `col:"exception_expires_on,date"`
		Expired []bool      `col:"expired"`
		Reason  []string    `col:"exception_reason"`
	}
	if err := db.Read(ctx, &rows, `SELECT control_id, status, exception IS NOT NULL AS applies, exception_state, exception_owner, exception_expires_on, coalesce(exception_expired, false) AS expired, exception_reason
		FROM posture WHERE exception_state IS NOT NULL ORDER BY expired DESC, exception_expires_on NULLS LAST, control_id`); err != nil {
		return fmt.Errorf("read exceptions: %w", err)
	}
	if len(rows.Control) == 0 {
		return nil
	}
	today := a.asOf().Format(time.DateOnly)
	fmt.Fprintln(a.stdout, "\nExceptions")
	t := newTable(a.stdout, "STATE", "CONTROL", "FOUND", "APPLIES", "UNTIL", "OWNER", "REASON")
	for i := range rows.Control {
		applies := "yes"
		if s := posture.ExceptionState(rows.State[i]); s == posture.ThirdParty || s == posture.AlternateMitigation {
			applies = "yes, attested"
		}
		switch {
		case rows.Expired[i]:
			applies = "no, ran out"
		case !rows.Applies[i]:
			applies = "not needed"
		}
		until := ""
		if !rows.Until[i].IsZero() {
			until = rows.Until[i].Format(time.DateOnly)
			if strings.HasPrefix(applies, "yes") && until < today { // the verdicts are older than its end
				applies = "until the next run"
			}
		}
		t.row(rows.State[i], rows.Control[i], rows.Status[i], applies, until, rows.Owner[i], rows.Reason[i])
	}
	return t.flush()
}

// postureHints says where to read on, and what further scopes would open.
func (a *app) postureHints(ctx context.Context, db store.Querier, all bool) error {
	fmt.Fprintln(a.stdout)
	if !all {
		fmt.Fprintln(a.stdout, "zoomward posture --all lists every control")
	}
	fmt.Fprintln(a.stdout, "zoomward posture show CONTROL says of one why it is so and how to put it right, step by step")
	line, err := scopesLine(ctx, db)
	if err == nil && line != "" {
		_, err = fmt.Fprintln(a.stdout, sanitize(line))
	}
	return err
}

// scopesLine says how many more controls could be judged with which further scopes; "" when none would help.
func scopesLine(ctx context.Context, db store.Querier) (string, error) {
	var rows struct {
		Scopes []string `col:"scopes"`
		N      []int64  `col:"n"`
	}
	if err := db.Read(ctx, &rows, `SELECT array_to_string(missing_scopes, ' and ') AS scopes, count(*) AS n FROM posture WHERE missing_scopes IS NOT NULL GROUP BY 1 ORDER BY n DESC, scopes`); err != nil {
		return "", fmt.Errorf("read missing scopes: %w", err)
	}
	var parts []string
	for i, s := range rows.Scopes {
		part := fmt.Sprintf("with %s %d", s, rows.N[i])
		if i == 0 {
			part = fmt.Sprintf("with %s %s", s, countWords(rows.N[i], "more control", "more controls"))
		}
		parts = append(parts, part)
	}
	// A scope that opens the groups does more than its controls show: without it nobody knows what groups have otherwise than the account.
	var unseen int64
	if err := db.Row(ctx, `SELECT count(*) FROM posture WHERE contains(reason, ?)`, posture.GroupsUnseen).Scan(&unseen); err != nil {
		return "", fmt.Errorf("count settings that groups may have otherwise: %w", err)
	}
	if i := slices.Index(rows.Scopes, "group:read:admin"); i >= 0 && unseen > 0 {
		parts[i] += fmt.Sprintf(" (and what groups have otherwise, on %s)", countWords(unseen, "open setting that is right", "open settings that are right"))
	}
	if parts == nil {
		return "", nil
	}
	return "What further scopes would add: " + strings.Join(parts, ", "), nil
}
