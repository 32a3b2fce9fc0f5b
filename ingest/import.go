package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"time"

	"github.com/zoomward/zoomward/ingest/archive"
	"github.com/zoomward/zoomward/ingest/geo"
	"github.com/zoomward/zoomward/store"
)

// Bounds of an import.
const (
	importChunkRows  = 100_000  // rows landed in one transaction
	importChunkBytes = 64 << 20 // of text, after which a chunk lands with fewer rows
	maxRejectedRows  = 10_000   // kept of one file: more of them say nothing new
	shownRejects     = 5        // in the report
)

// ImportOptions of Import. DB, Now and RunID are required.
type ImportOptions struct {
	DB     *store.DB
	Geo    *geo.DB   // nil: every address is unknown
	Now    time.Time // the clock of the data: rows after it are left
	RunID  string
	Logger *slog.Logger // nil discards
	// Kind is what the file holds; "": found out from its content.
	Kind archive.Kind
	// Zone is the zone of times in CSV files that name none; nil: UTC.
	Zone *time.Location
	// ChunkRows is how many rows land in one transaction; 0: 100,000.
	ChunkRows int
	// Progress, if not nil, is called after every chunk with the rows read so far.
	Progress func(rows int64)
}

// ImportReport says what became of the rows of a file: Rows is the sum of Landed, AlreadyThere, Later, Rejected, Successes and Others.
type ImportReport struct {
	File         string         `json:"file"`
	Kind         string         `json:"kind,omitempty"`
	Rows         int64          `json:"rows"`
	Landed       int64          `json:"landed"`
	AlreadyThere int64          `json:"already_there"`        // were landed before, or stand in the file twice
	Alike        int64          `json:"alike,omitempty"`      // of AlreadyThere: judged so by likeness, as the file leaves something open
	Replaced     int64          `json:"replaced,omitempty"`   // rows landed before from other exports that gave way to rows of this file
	Later        int64          `json:"later,omitempty"`      // after the run's clock, left
	Rejected     int64          `json:"rejected,omitempty"`   // could not be read
	Successes    int64          `json:"successes,omitempty"`  // sign-ins that did not fail, in a log of an identity provider
	Others       int64          `json:"others,omitempty"`     // events that are no sign-ins
	Zone         string         `json:"zone,omitempty"`       // in which local times of a CSV were read
	ZoneNamed    bool           `json:"zone_named,omitempty"` // the file itself names it
	DayFirst     bool           `json:"day_first,omitempty"`  // dates with slashes were read day first
	Rejects      []ImportReject `json:"rejects,omitempty"`    // the first few
	Error        string         `json:"error,omitempty"`      // why the file was not read, or not to its end
}

// ImportReject is a row that could not be read.
type ImportReject struct {
	Line   int    `json:"line"`
	Reason string `json:"reason"`
}

// FileError says that a file is at fault, not the database: others can be imported after it. It wraps an *archive.UnknownError when the file is none that can be read.
type FileError struct {
	File string
	Err  error
}

func (e *FileError) Error() string { return e.File + ": " + e.Err.Error() }
func (e *FileError) Unwrap() error { return e.Err }

// Import lands the rows of a file: those of Zoom as if the API had sent them, failed sign-ins of identity providers in a table of their own. Rows that are there
// already land once, in whatever order files and API are read; rows that cannot be read are kept aside. name is the file's name without its folder. A chunk lands
// whole or not at all; after an error the report says what landed.
func Import(ctx context.Context, o ImportOptions, name string, file io.Reader) (ImportReport, error) {
	rep := ImportReport{File: name}
	if o.DB == nil || o.Now.IsZero() || o.RunID == "" {
		return rep, errors.New("import: database, clock and the id of the run are required")
	}
	if o.ChunkRows <= 0 {
		o.ChunkRows = importChunkRows
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Geo == nil {
		var err error
		if o.Geo, err = geo.Open(nil); err != nil {
			return rep, err
		}
	}
	m := &importer{o: o, rep: &rep, runner: &runner{Options: Options{Geo: o.Geo, Now: o.Now.UTC().Truncate(time.Microsecond)}}}
	err := m.run(ctx, file)
	var at *FileError
	if errors.As(err, &at) {
		rep.Error = at.Err.Error()
		o.Logger.InfoContext(ctx, "file not read to its end", "file", name, "error", at.Err)
		return rep, at
	}
	if err != nil {
		return rep, fmt.Errorf("import %s: %w", name, err)
	}
	o.Logger.InfoContext(ctx, "file imported", "file", name, "kind", rep.Kind, "rows", rep.Rows, "landed", rep.Landed, "rejected", rep.Rejected)
	return rep, nil
}

// importer is the import of one file.
type importer struct {
	o      ImportOptions
	rep    *ImportReport
	runner *runner // maps rows as those of the API
	chunk  importChunk
	kept   int // rejected rows so far
}

// importChunk is what lands in one transaction.
type importChunk struct {
	activities activityRows
	operations operationRows
	failed     failedRows
	loose      looseRows
	rejects    rejectRows
	rows       int
	bytes      int
}

func (m *importer) run(ctx context.Context, file io.Reader) error {
	a, err := archive.Open(file, archive.Options{Kind: m.o.Kind, Zone: m.o.Zone})
	if err != nil {
		return &FileError{m.rep.File, err}
	}
	m.rep.Kind = string(a.Kind())
	if a.CSV() {
		zone, named := a.Zone()
		m.rep.Zone, m.rep.ZoneNamed, m.rep.DayFirst = zone.String(), named, a.DayFirst()
	}
	for {
		row, err := a.Next()
		if err != nil {
			if lerr := m.land(ctx); lerr != nil {
				return lerr
			}
			if errors.Is(err, io.EOF) {
				return nil
			}
			return &FileError{m.rep.File, err}
		}
		m.rep.Rows++
		if err := m.add(a.Kind(), &row); err != nil {
			return err
		}
		if m.chunk.rows++; m.chunk.rows >= m.o.ChunkRows || m.chunk.bytes >= importChunkBytes {
			if err := m.land(ctx); err != nil {
				return err
			}
		}
	}
}

// add puts a row into the chunk, or counts why not.
func (m *importer) add(kind archive.Kind, row *archive.Row) error {
	m.chunk.bytes += row.Size
	// Rows of the portal's files get identities of their own further down.
	m.chunk.activities.single, m.chunk.operations.single = row.Portal, row.Portal
	switch {
	case row.Bad != "":
		m.reject(row, row.Bad)
		return nil
	case row.Skip == archive.SkipSuccess:
		m.rep.Successes++
		return nil
	case row.Skip == archive.SkipOther:
		m.rep.Others++
		return nil
	}
	var c counts
	switch kind {
	case archive.ZoomActivities:
		m.chunk.activities.add(m.runner, &row.Activity, &c)
	case archive.ZoomOperations:
		if err := m.chunk.operations.add(m.runner, &row.Operation, &c); err != nil {
			return err
		}
	default:
		m.chunk.failed.add(m.runner, &row.SignIn, &c)
	}
	switch {
	case c.rejected > 0:
		m.reject(row, c.reason)
	case c.later > 0:
		m.rep.Later++
	case row.Portal:
		m.loosen(kind, row)
	}
	return nil
}

// loosen notes of the row that was added last that it comes from a CSV. A row that leaves something open must not have the identity of one that does not: at the
// first second of a minute, or with an empty field, they would be mistaken for each other.
func (m *importer) loosen(kind archive.Kind, row *archive.Row) {
	feed, ids := "activities", m.chunk.activities.ID
	if kind == archive.ZoomOperations {
		feed, ids = "operations", m.chunk.operations.ID
	}
	last := len(ids) - 1
	if row.Missing != 0 {
		ids[last] = identity("loose "+strconv.FormatInt(int64(row.Missing), 10), ids[last])
	}
	l := &m.chunk.loose
	l.Feed = append(l.Feed, feed)
	l.ID = append(l.ID, ids[last])
	l.Missing = append(l.Missing, int64(row.Missing))
	l.Alt = append(l.Alt, row.Alt)
}

// reject keeps a row aside.
func (m *importer) reject(row *archive.Row, reason string) {
	m.rep.Rejected++
	if len(m.rep.Rejects) < shownRejects {
		m.rep.Rejects = append(m.rep.Rejects, ImportReject{row.Line, reason})
	}
	if m.kept++; m.kept > maxRejectedRows {
		return
	}
	raw := row.Raw()
	r := &m.chunk.rejects
	r.ID = append(r.ID, identity("rejected_rows", m.rep.File, strconv.Itoa(row.Line), raw))
	r.Source = append(r.Source, m.rep.File)
	r.Line = append(r.Line, int64(row.Line))
	r.Reason = append(r.Reason, reason)
	r.Raw = append(r.Raw, raw)
	r.RunID = append(r.RunID, m.o.RunID)
	r.At = append(r.At, m.runner.Now)
}

// land writes the chunk and begins the next.
func (m *importer) land(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c := &m.chunk
	var landed, offered int64
	var s settled
	err := m.o.DB.Tx(ctx, func(tx *store.Tx) error {
		var err error
		loose := &c.loose
		if len(loose.ID) == 0 {
			loose = nil
		}
		switch {
		case len(c.activities.ID) > 0:
			offered = int64(len(c.activities.ID)) + c.activities.alike
			landed, s, err = landFrame(ctx, tx, "activities", &c.activities, loose, m.o.RunID)
		case len(c.operations.ID) > 0:
			offered = int64(len(c.operations.ID)) + c.operations.alike
			landed, s, err = landFrame(ctx, tx, "operations", &c.operations, loose, m.o.RunID)
		case len(c.failed.ID) > 0:
			offered = int64(len(c.failed.ID))
			landed, err = landFailed(ctx, tx, &c.failed, m.o.RunID)
		}
		if err != nil || len(c.rejects.ID) == 0 {
			return err
		}
		_, err = tx.Land(ctx, "ingest.rejected_rows", "reject_id", c.rejects)
		return err
	})
	if err != nil {
		return fmt.Errorf("land rows up to row %d: %w", m.rep.Rows, err)
	}
	m.rep.Landed += landed
	m.rep.AlreadyThere += offered - landed
	m.rep.Alike += s.alike
	m.rep.Replaced += s.replaced
	m.chunk = importChunk{}
	if m.o.Progress != nil {
		m.o.Progress(m.rep.Rows)
	}
	return nil
}

func landFailed(ctx context.Context, tx *store.Tx, rows *failedRows, runID string) (int64, error) {
	var batch int64
	if err := tx.Row(ctx, `SELECT nextval('ingest.batch')`).Scan(&batch); err != nil {
		return 0, fmt.Errorf("number batch: %w", err)
	}
	rows.stamp(batch, runID)
	return tx.Land(ctx, "ingest.failed_sign_ins", "sign_in_id", rows)
}
