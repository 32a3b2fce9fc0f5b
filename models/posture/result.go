package posture

import "time"

// Status is the verdict on a control; see the package comment.
type Status string

// Statuses.
const (
	Pass          Status = "pass"
	Fail          Status = "fail"
	PartialPass   Status = "partial"
	Unknown       Status = "unknown"
	NotApplicable Status = "not_applicable"
	Manual        Status = "manual"
	Error         Status = "error"
)

// Judged says whether the status counts for the score.
func (s Status) Judged() bool { return s == Pass || s == Fail || s == PartialPass }

// LockVerdict is the verdict on a control's locks, apart from its value.
type LockVerdict string

// Lock verdicts.
const (
	LockNone    LockVerdict = "none"    // the control has no lock
	LockClosed  LockVerdict = "locked"  // all of them are locked
	LockOpen    LockVerdict = "open"    // at least one is open
	LockUnknown LockVerdict = "unknown" // Zoom did not send one, and none is open
)

// Result is the verdict on one control and resource.
type Result struct {
	Standing

	ControlID    string
	Title        string
	Severity     Severity
	ResourceType string
	ResourceID   string
	Status       Status
	Observed     string // what Zoom holds, in words; "" when nothing could be looked at
	Expected     string
	Lock         LockVerdict
	Locked       *bool // nil: the control has no lock, or Zoom sends none
	Points       float64
	MaxPoints    float64
	Exception    ExceptionState // "" for none
	Reason       string
	Remediation  string
	FetchedAt    time.Time  // when the oldest value looked at was read first
	Tally        Tally      // of a control on objects, or of a setting that groups and users have otherwise: how many hold
	Resources    []Resource // those that do not, or of which it is not known
}
