package archive

import (
	"strconv"
	"time"

	"github.com/zoomward/zoomward/ingest/zoom"
)

// Missing says what a row of a CSV export leaves open that the API tells, as bits.
type Missing int64

// What may be missing.
const (
	MissingSeconds  Missing = 1 << iota // the time is the beginning of its minute
	MissingIP                           // the file has no such column; an empty cell is an answer, as the API has empty fields
	MissingClient                       //
	MissingVersion                      //
	MissingCategory                     //
	MissingAction                       //
)

// Skip says why a row is none that lands.
type Skip int

// Reasons to skip a row.
const (
	SkipNone    Skip = iota
	SkipSuccess      // a sign-in that did not fail
	SkipOther        // an event that is no sign-in
)

// SignIn is a failed sign-in at an identity provider.
type SignIn struct {
	ID          string // the provider's own, "" when the file has none
	Provider    string // okta or entra
	User        string // as the provider writes it, most often the e-mail address
	Time        time.Time
	IPAddress   string
	Reason      string
	Application string // what it was meant for, "" when the provider does not say
	Client      string // user agent or kind of client
}

// Row is a row of a file. Depending on the kind of the file one of Activity, Operation and SignIn is filled, unless Skip or Bad say otherwise.
type Row struct {
	Line int // the first that it stands on, counting from 1
	Size int // bytes of its text

	Activity  zoom.Activity
	Operation zoom.Operation
	SignIn    SignIn

	// Portal says that the row comes from a CSV export of Zoom's portal: it tells the same as the API's row, in other words at times.
	Portal  bool
	Missing Missing
	// Alt is the later of two moments at which the clocks showed the row's time; its own time is the earlier. Zero for nearly all.
	Alt time.Time

	Skip Skip
	Bad  string // why the row cannot be read, "" when it can

	text    string
	secrets []string
}

// Raw returns the row's text, without what looks like a secret, at most MaxRaw bytes of it.
func (r *Row) Raw() string { return keep(r.text, r.secrets) }

// place says where a row stands.
func place(line int) string { return "line " + strconv.Itoa(line) }
