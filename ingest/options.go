package ingest

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/zoomward/zoomward/ingest/geo"
	"github.com/zoomward/zoomward/store"
)

// Defaults of Options.
const (
	// DefaultOverlap is how far a run reads again behind the last one. Zoom documents no delay for its reports; others who read them have seen rows arrive
	// late, and its own last_login_time lags by up to three days.
	DefaultOverlap = 72 * time.Hour
	// MaxBackfillMonths is how far back Zoom keeps its reports.
	MaxBackfillMonths = 6
)

// Options of Run. DB, Client, Now and RunID are required.
type Options struct {
	DB     *store.DB
	Client Client
	Geo    *geo.DB   // nil: every address is unknown
	Now    time.Time // the clock of the data: windows end here, and rows after it do not land
	RunID  string
	Logger *slog.Logger // nil discards
	Feeds  []string     // names of the feeds to read; nil: all
	Skip   []string     // names of feeds not to read, beside or instead of Feeds
	// VisitTime bounds how long a run spends on feeds that cost a call for each user, meeting or window; 0: until nothing is due or the day's calls are used up.
	VisitTime time.Duration
	// Wall is the real clock, which VisitTime is counted by; nil: time.Now.
	Wall func() time.Time
	// Overlap is how far behind the watermark a run starts; 0: DefaultOverlap.
	Overlap time.Duration
	// BackfillMonths is how many calendar months back the first run reads, 1 to MaxBackfillMonths; 0: MaxBackfillMonths.
	BackfillMonths int
	// BackfillDays, if not 0, bounds the first run to that many days as well.
	BackfillDays int
	// Progress, if not nil, is called after every window, by one goroutine at a time.
	Progress func(Progress)
}

// Progress says how far a feed is.
type Progress struct {
	Feed        string
	Window      Window // the one that just landed; zero for feeds without windows
	Done, Total int    // windows
	Landed      int64  // rows of this feed so far
}

func (o Options) prepare() (Options, error) {
	switch {
	case o.DB == nil || o.Client == nil:
		return o, errors.New("database and client are required")
	case o.Now.IsZero():
		return o, errors.New("the clock is required")
	case o.RunID == "":
		return o, errors.New("the id of the run is required")
	case o.Overlap < 0:
		return o, fmt.Errorf("overlap %s: must not be negative", o.Overlap)
	case o.BackfillMonths < 0 || o.BackfillMonths > MaxBackfillMonths:
		return o, fmt.Errorf("backfill of %d months: zoom keeps %d", o.BackfillMonths, MaxBackfillMonths)
	case o.VisitTime < 0:
		return o, fmt.Errorf("time for visits of %s: must not be negative", o.VisitTime)
	case o.BackfillDays < 0:
		return o, fmt.Errorf("backfill of %d days: must not be negative", o.BackfillDays)
	}
	o.Now = o.Now.UTC().Truncate(time.Microsecond) // what the database keeps
	if o.Overlap == 0 {
		o.Overlap = DefaultOverlap
	}
	if o.BackfillMonths == 0 {
		o.BackfillMonths = MaxBackfillMonths
	}
	if o.Wall == nil {
		o.Wall = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Geo == nil {
		var err error
		if o.Geo, err = geo.Open(nil); err != nil {
			return o, err
		}
	}
	return o, nil
}
