package ingest

import (
	"context"
	"strings"
	"time"
	"unicode"

	"github.com/zoomward/zoomward/ingest/geo"
	"github.com/zoomward/zoomward/ingest/zoom"
	"github.com/zoomward/zoomward/store"
)

// activityRows are rows of ingest.activities.
type activityRows struct {
	placeRows
	repeated
	ID      []string    `col:"activity_id"`
	User    []string    `col:"user_email"`
	At      []time.Time `col:"occurred_at"`
	Kind    []string    `col:"kind"`
	IP      []string    `col:"ip_address,null"`
	Client  []string    `col:"client_type,null"`
	Version []string    `col:"client_version,null"`
	Tags    [][]string  `col:"network_tags"`
	Batch   []int64     `col:"batch"`
	RunID   []string    `col:"run_id"`
}

func readActivities(ctx context.Context, r *runner, rep *FeedReport) error {
	return r.readReport(ctx, reportFeed{feed: rep.Feed,
		read: func(ctx context.Context, r *runner, w Window) (lander, counts, error) {
			var rows *activityRows
			var c counts
			err := r.Client.Activities(ctx, w.From, w.To, func(p zoom.Page[zoom.Activity]) error {
				if p.Number == 1 || rows == nil {
					rows, c = &activityRows{}, counts{}
				}
				c.rejectAll(p.Rejected)
				rows.turn()
				for i := range p.Rows {
					rows.add(r, &p.Rows[i], &c)
				}
				return nil
			})
			if rows == nil {
				rows = &activityRows{}
			}
			return rows, c, err
		}}, rep)
}

// add maps a row as Zoom sent it. The place of the address is looked up now and kept: what a database says tomorrow is no news of yesterday.
func (f *activityRows) add(r *runner, a *zoom.Activity, c *counts) {
	user := email(a.Email)
	switch {
	case user == "":
		c.reject("e-mail address is missing")
		return
	case a.Time.Before(earliestTime):
		c.reject(badTime)
		return
	case a.Time.After(r.Now):
		c.later++
		return
	}
	id := identity("activities", a.Email, a.Time.UTC().Format(time.RFC3339Nano), a.Type, a.IPAddress, a.ClientType, a.Version)
	if f.again(id) {
		return
	}
	ip := strings.TrimSpace(a.IPAddress)
	place := r.Geo.Lookup(geo.Parse(ip))
	f.ID = append(f.ID, id)
	f.User = append(f.User, user)
	f.At = append(f.At, a.Time.UTC())
	f.Kind = append(f.Kind, kindOf(a.Type))
	f.IP = append(f.IP, ip)
	f.Client = append(f.Client, a.ClientType)
	f.Version = append(f.Version, a.Version)
	f.addPlace(ip, place)
	f.Tags = append(f.Tags, place.Tags)
}

func (f *activityRows) ids() ([]string, []int64) { return f.ID, f.Repeats }

func (f *activityRows) land(ctx context.Context, r *runner, tx *store.Tx) (int64, error) {
	n, _, err := landFrame(ctx, tx, "activities", f, nil, r.RunID)
	return n, err
}

func (f *activityRows) stamp(batch int64, runID string) {
	f.Batch, f.RunID = stamps(len(f.ID), batch, runID)
}

// stamps makes the columns that are the same in every row of a landing.
func stamps(n int, batch int64, runID string) ([]int64, []string) {
	batches, runs := make([]int64, n), make([]string, n)
	for i := range n {
		batches[i], runs[i] = batch, runID
	}
	return batches, runs
}

// email writes an address as the database keeps it.
func email(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// kindOf writes Zoom's word for what happened in lower snake case: "Sign in" is sign_in.
func kindOf(t string) string {
	words := strings.FieldsFunc(strings.ToLower(t), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if len(words) == 0 {
		return "unknown"
	}
	return strings.Join(words, "_")
}
