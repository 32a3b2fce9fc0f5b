package ingest

import (
	"context"
	_ "embed"
	"time"

	"github.com/zoomward/zoomward/ingest/zoom"
	"github.com/zoomward/zoomward/store"
)

// What is due of each feed, as SQL: which users, meetings, groups, channels or windows are worth a call now.
var (
	//go:embed due/windows.sql
	dueWindows string
	//go:embed due/user_meetings.sql
	dueUserMeetings string
	//go:embed due/meeting_participants.sql
	dueMeetingParticipants string
	//go:embed due/dashboard_participants.sql
	dueDashboardParticipants string
	//go:embed due/recordings.sql
	dueRecordings string
	//go:embed due/recording_settings.sql
	dueRecordingSettings string
	//go:embed due/role_members.sql
	dueRoleMembers string
	//go:embed due/group_settings.sql
	dueGroupSettings string
	//go:embed due/each_user.sql
	dueEachUser string
	//go:embed due/user_channels.sql
	dueUserChannels string
	//go:embed due/channel_members.sql
	dueChannelMembers string
	//go:embed due/upcoming_meetings.sql
	dueUpcomingMeetings string
	//go:embed due/meeting_settings.sql
	dueMeetingSettings string
)

// listOf makes a visit that walks one listing of its parent.
func listOf(t *table, endpoint, parent string, fixed zoom.Args) func(ctx context.Context, r *runner, v visit) (*landing, error) {
	return func(ctx context.Context, r *runner, v visit) (*landing, error) {
		v.from, v.to = r.within(v.from, v.to)
		args := v.args(parent)
		for k, x := range fixed {
			args[k] = x
		}
		rows := t.landing()
		return rows, r.collect(ctx, endpoint, args, rows)
	}
}

// objectOf makes a visit that reads one object about its parent.
func objectOf(t *table, endpoint, parent string) func(ctx context.Context, r *runner, v visit) (*landing, error) {
	return func(ctx context.Context, r *runner, v visit) (*landing, error) {
		rows := t.landing()
		args := v.args(parent)
		row, err := r.Client.Get(ctx, zoom.EndpointNamed(endpoint), args)
		if err != nil {
			return nil, err
		}
		rows.add(r, row, args)
		return rows, nil
	}
}

// askChannelMembers reads who is in a channel, as seen by a member of it, or by the app's owner where none is known.
func askChannelMembers(ctx context.Context, r *runner, v visit) (*landing, error) {
	args := v.args("channelId")
	if args["userId"] = v.via; v.via == "" {
		args["userId"] = "me"
	}
	rows := channelMembersTable.landing()
	return rows, r.collect(ctx, zoom.EndpointChannelMembers, args, rows)
}

// Users up to which a dashboard window of a month, or a week, is read in one visit: at a third of a meeting a user and day it is a dozen pages at most. The dashboard answers
// ten to twenty calls a minute, and a visit that is under way is not cut off when the time for visits is up.
const (
	usersOfMonths = 100
	usersOfWeeks  = 1_500
)

// planDashboard plans windows of the dashboard, so that each is read, and read again until its rows are settled.
func planDashboard(ctx context.Context, r *runner, tx *store.Tx, feed string) error {
	users, err := countUsers(ctx, tx)
	if err != nil {
		return err
	}
	days := 1
	switch {
	case users <= usersOfMonths:
		days = 31
	case users <= usersOfWeeks:
		days = daysOfMany
	}
	return r.planWindows(ctx, tx, feed, days)
}

// planHosts plans days for what still moves and, before that, whole months: a month of hosts costs as many calls as a day of them.
func planHosts(ctx context.Context, r *runner, tx *store.Tx, feed string) error {
	return r.planWindows(ctx, tx, feed, 31)
}

// planWindows plans the windows of a feed that are not planned yet. On the first run those before the overlap may be longer than a day.
func (r *runner) planWindows(ctx context.Context, tx *store.Tx, feed string, days int) error {
	var latest struct {
		To []time.Time `col:"window_to"`
	}
	if err := tx.Read(ctx, &latest, `SELECT max(window_to) AS window_to FROM meta.visits WHERE feed = ?`, feed); err != nil {
		return err
	}
	var todo []Window
	recent := dayOf(r.Now.Add(-r.Overlap))
	from := oldest(r.Now, r.BackfillMonths)
	if d := dayOf(r.Now).AddDate(0, 0, -r.BackfillDays); r.BackfillDays > 0 && d.After(from) {
		from = d
	}
	if len(latest.To) > 0 && !latest.To[0].IsZero() {
		from = latest.To[0].AddDate(0, 0, 1)
	} else if recent.After(from) {
		todo = windows(from, recent.AddDate(0, 0, -1), days)
		from = recent
	}
	todo = append(todo, windows(from, r.Now, 1)...)
	var rows visitRows
	for _, w := range todo {
		rows.add(feed, visit{from: w.From, to: w.To}, time.Time{}, visitPlanned, 0, 0)
	}
	if len(todo) == 0 {
		return nil
	}
	_, err := tx.Append(ctx, "meta.visits", rows)
	return err
}

// within cuts a planned window to the days that Zoom keeps and that have begun.
func (r *runner) within(from, to time.Time) (time.Time, time.Time) {
	if from.IsZero() {
		return from, to
	}
	if floor := oldest(r.Now, MaxBackfillMonths); from.Before(floor) {
		from = floor
	}
	if today := dayOf(r.Now); to.After(today) {
		to = today
	}
	return from, to
}
