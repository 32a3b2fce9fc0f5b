package ocsf

import (
	"cmp"
	"fmt"
	"time"
)

// Verdict is what posture found of one control.
type Verdict struct {
	ControlID    string
	Title        string
	Severity     string
	ResourceType string
	ResourceID   string
	Status       string // pass, fail, partial, unknown, not_applicable, manual, error
	Observed     string
	Expected     string
	Reason       string
	Remediation  string
	Standards    []string // by the names that people know
	Requirements []string // ids in them
	ChangedAt    time.Time
	Points       float64
	MaxPoints    float64
	RawPoints    float64
	Gain         float64 // percentage points
	Rank         int64
	LockState    string
	MissingScope []string

	Exception       string // state of the one that applies, "" for none
	ExceptionReason string
	ExceptionOwner  string
}

type compliance struct {
	Control      string   `json:"control"`
	Standards    []string `json:"standards"`
	Requirements []string `json:"requirements,omitempty"`
	Desc         string   `json:"desc,omitempty"`
	StatusID     int      `json:"status_id"`
	Status       string   `json:"status"`
	StatusCode   string   `json:"status_code"` // in zoomward's own words
	StatusDetail string   `json:"status_detail,omitempty"`
}

// Statuses of a compliance check.
const (
	checkPass    = 1
	checkWarning = 2 // no result, for want of information
	checkFail    = 3
)

// Compliance writes a verdict as Compliance Finding. A finding of a control that holds is closed and informational; one with an exception that applies is suppressed, a
// planned one in progress. A partial verdict fails, as there is something for which the control does not hold.
func Compliance(s Source, v Verdict) Event {
	activity, status, severity := activityCreate, statusNew, v.Severity
	switch {
	case v.Status == "pass":
		activity, status, severity = activityClose, statusResolved, "info"
	case v.Status == "not_applicable":
		activity, status, severity = activityClose, statusOther, "info"
	case v.Exception == "planned":
		activity, status = activityUpdate, statusInProgress
	case v.Exception != "":
		activity, status = activityUpdate, statusSuppressed
	}
	e := s.event(classCompliance, captionCompliance, activity, status, severity, v.ChangedAt)
	e.Metadata.EventCode, e.Metadata.LogName = v.ControlID, "posture"
	e.Message = fmt.Sprintf("%s: %s (%s)", v.ControlID, v.Title, v.Status)
	e.Comment = v.ExceptionReason
	e.FindingInfo = findingInfo{
		UID: v.ControlID + "/" + v.ResourceType + "/" + v.ResourceID, Title: v.Title, Desc: v.Reason, Types: []string{"Posture"}, ModifiedTime: millis(v.ChangedAt),
		Analytic: analytic{UID: v.ControlID, Name: v.Title, TypeID: 1, Type: "Rule"},
	}
	c := compliance{Control: v.ControlID, Standards: v.Standards, Requirements: v.Requirements, Desc: v.Expected, StatusCode: v.Status, StatusDetail: v.Reason}
	if len(c.Standards) == 0 {
		c.Standards = []string{"zoomward"}
	}
	switch v.Status {
	case "pass":
		c.StatusID, c.Status = checkPass, "Pass"
	case "fail", "partial":
		c.StatusID, c.Status = checkFail, "Fail"
	case "not_applicable":
		c.StatusID, c.Status = statusOther, "Not applicable"
	default:
		c.StatusID, c.Status = checkWarning, "Warning"
	}
	e.Compliance = &c
	if v.Remediation != "" {
		e.Remediation = &remediation{v.Remediation}
	}
	e.Resources = []resource{s.account()}
	if v.ResourceType != "account" {
		e.Resources = []resource{{UID: v.ResourceID, Type: "Zoom " + v.ResourceType}}
	} else if s.AccountID == "" {
		e.Resources[0].UID = v.ResourceID
	}
	e.Unmapped = map[string]any{"severity": v.Severity, "points": v.Points, "max_points": v.MaxPoints, "raw_points": v.RawPoints}
	for key, text := range map[string]string{"observed": v.Observed, "expected": v.Expected, "exception": v.Exception, "exception_owner": v.ExceptionOwner, "lock_state": v.LockState} {
		if text != "" {
			e.Unmapped[key] = text
		}
	}
	if v.Rank > 0 {
		e.Unmapped["rank"], e.Unmapped["gain"] = v.Rank, v.Gain
	}
	if len(v.MissingScope) > 0 {
		e.Unmapped["missing_scopes"] = v.MissingScope
	}
	return e
}

// StandardName is the name of a framework of the catalogue's, as people know it; "" for what is a property of a control and no standard (the level of a CIS control).
func StandardName(key string) string {
	if key == "cis_level" {
		return ""
	}
	names := map[string]string{"cis_zoom_1.0.0": "CIS Zoom Benchmark v1.0.0", "ms_secure_score": "Microsoft Secure Score"}
	return cmp.Or(names[key], key)
}
