package ingest

import (
	"strings"
	"time"

	"github.com/zoomward/zoomward/ingest/archive"
	"github.com/zoomward/zoomward/ingest/geo"
)

// failedRows are rows of ingest.failed_sign_ins.
type failedRows struct {
	placeRows
	ID          []string    `col:"sign_in_id"`
	User        []string    `col:"user_email"`
	At          []time.Time `col:"occurred_at"`
	Provider    []string    `col:"provider"`
	Reason      []string    `col:"reason,null"`
	Application []string    `col:"application,null"`
	Client      []string    `col:"client,null"`
	IP          []string    `col:"ip_address,null"`
	Tags        [][]string  `col:"network_tags"`
	Batch       []int64     `col:"batch"`
	RunID       []string    `col:"run_id"`
}

func (f *failedRows) stamp(batch int64, runID string) {
	f.Batch, f.RunID = stamps(len(f.ID), batch, runID)
}

// add maps a failed sign-in.
func (f *failedRows) add(r *runner, s *archive.SignIn, c *counts) {
	user := email(s.User)
	switch {
	case user == "":
		c.reject("user is missing")
		return
	case s.Time.Before(earliestTime):
		c.reject(badTime)
		return
	case s.Time.After(r.Now):
		c.later++
		return
	}
	id := strings.TrimSpace(s.ID)
	if id == "" {
		id = identity("failed_sign_ins", s.Provider, user, s.Time.UTC().Format(time.RFC3339Nano), s.IPAddress, s.Reason, s.Application, s.Client)
	}
	ip := strings.TrimSpace(s.IPAddress)
	place := r.Geo.Lookup(geo.Parse(ip))
	f.ID = append(f.ID, id)
	f.User = append(f.User, user)
	f.At = append(f.At, s.Time.UTC())
	f.Provider = append(f.Provider, s.Provider)
	f.Reason = append(f.Reason, s.Reason)
	f.Application = append(f.Application, s.Application)
	f.Client = append(f.Client, s.Client)
	f.IP = append(f.IP, ip)
	f.Tags = append(f.Tags, place.Tags)
	f.addPlace(ip, place)
}

// rejectRows are rows of ingest.rejected_rows.
type rejectRows struct {
	ID     []string    `col:"reject_id"`
	Source []string    `col:"source"`
	Line   []int64     `col:"line"`
	Reason []string    `col:"reason"`
	Raw    []string    `col:"raw,null"`
	RunID  []string    `col:"run_id"`
	At     []time.Time `col:"at"`
}
