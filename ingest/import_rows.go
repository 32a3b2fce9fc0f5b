package ingest

import (
	"strings"
	"time"

	"github.com/zoomward/zoomward/ingest/archive"
	"github.com/zoomward/zoomward/ingest/geo"
)

// failedRows are rows of ingest.failed_sign_ins.
type failedRows struct {
	ID          []string    `col:"sign_in_id"`
	User        []string    `col:"user_email"`
	At          []time.Time `col:"occurred_at"`
	Provider    []string    `col:"provider"`
	Reason      []string    `col:"reason,null"`
	Application []string    `col:"application,null"`
	Client      []string    `col:"client,null"`
	IP          []string    `col:"ip_address,null"`
	Prefix      []string    `col:"ip_prefix,null"`
	Country     []string    `col:"country_code,null"`
	City        []string    `col:"city,null"`
	Lat         []float64   `col:"latitude"`
	Lon         []float64   `col:"longitude"`
	Accuracy    []float64   `col:"accuracy_km"`
	ASN         []int64     `col:"asn,null"`
	Org         []string    `col:"as_org,null"`
	Category    []string    `col:"network_category,null"`
	Source      []string    `col:"geo_source,null"`
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
	f.Prefix = append(f.Prefix, geo.Prefix(ip))
	f.Country = append(f.Country, place.Country)
	f.City = append(f.City, place.City)
	f.Lat = append(f.Lat, place.Lat)
	f.Lon = append(f.Lon, place.Lon)
	f.Accuracy = append(f.Accuracy, place.AccuracyKm)
	f.ASN = append(f.ASN, place.ASN)
	f.Org = append(f.Org, place.Org)
	f.Category = append(f.Category, place.Category)
	f.Source = append(f.Source, place.Source)
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
