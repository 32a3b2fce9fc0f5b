package ocsf

import (
	"encoding/json"
	"strings"
	"time"
)

// Source says who reports, and on which account.
type Source struct {
	ProductVersion string
	AccountID      string    // id of the Zoom account; "" when it is not known
	LoggedAt       time.Time // when the findings were worked out
}

// Classes and the category that they belong to.
const (
	categoryFindings  = 2
	classCompliance   = 2003
	classDetection    = 2004
	captionFindings   = "Findings"
	captionCompliance = "Compliance Finding"
	captionDetection  = "Detection Finding"
)

// Activities of a finding.
const (
	activityCreate = 1
	activityUpdate = 2
	activityClose  = 3
)

// Statuses of a finding.
const (
	statusNew        = 1
	statusInProgress = 2
	statusSuppressed = 3
	statusResolved   = 4
)

// statusOther is for what an enumeration has no value for; the caption beside it says what it is.
const statusOther = 99

var (
	activityNames = map[int]string{activityCreate: "Create", activityUpdate: "Update", activityClose: "Close"}
	statusNames   = map[int]string{statusNew: "New", statusInProgress: "In Progress", statusSuppressed: "Suppressed", statusResolved: "Resolved", statusOther: "Not applicable"}
)

// Event is one event. Fields that are empty are left out.
type Event struct {
	ActivityID   int            `json:"activity_id"`
	ActivityName string         `json:"activity_name"`
	CategoryUID  int            `json:"category_uid"`
	CategoryName string         `json:"category_name"`
	ClassUID     int            `json:"class_uid"`
	ClassName    string         `json:"class_name"`
	TypeUID      int            `json:"type_uid"`
	TypeName     string         `json:"type_name"`
	Time         int64          `json:"time"` // when the finding was made, or last changed
	StartTime    int64          `json:"start_time,omitempty"`
	EndTime      int64          `json:"end_time,omitempty"`
	SeverityID   int            `json:"severity_id"`
	Severity     string         `json:"severity"`
	StatusID     int            `json:"status_id"`
	Status       string         `json:"status"`
	IsAlert      *bool          `json:"is_alert,omitempty"`
	Message      string         `json:"message,omitempty"`
	Comment      string         `json:"comment,omitempty"`
	Metadata     metadata       `json:"metadata"`
	FindingInfo  findingInfo    `json:"finding_info"`
	Compliance   *compliance    `json:"compliance,omitempty"`
	Remediation  *remediation   `json:"remediation,omitempty"`
	Resources    []resource     `json:"resources,omitempty"`
	Evidences    []evidence     `json:"evidences,omitempty"`
	Observables  []observable   `json:"observables,omitempty"`
	Unmapped     map[string]any `json:"unmapped,omitempty"`
}

type metadata struct {
	Version    string  `json:"version"`
	Product    product `json:"product"`
	EventCode  string  `json:"event_code"`
	LogName    string  `json:"log_name"`
	TenantUID  string  `json:"tenant_uid,omitempty"`
	LoggedTime int64   `json:"logged_time,omitempty"`
}

type product struct {
	Name       string `json:"name"`
	VendorName string `json:"vendor_name"`
	Version    string `json:"version,omitempty"`
}

type findingInfo struct {
	UID           string   `json:"uid"`
	Title         string   `json:"title"`
	Desc          string   `json:"desc,omitempty"`
	Types         []string `json:"types,omitempty"`
	CreatedTime   int64    `json:"created_time,omitempty"`
	ModifiedTime  int64    `json:"modified_time,omitempty"`
	FirstSeenTime int64    `json:"first_seen_time,omitempty"`
	LastSeenTime  int64    `json:"last_seen_time,omitempty"`
	Analytic      analytic `json:"analytic"`
	Attacks       []attack `json:"attacks,omitempty"`
}

type analytic struct {
	UID    string `json:"uid"`
	Name   string `json:"name"`
	TypeID int    `json:"type_id"`
	Type   string `json:"type"`
}

type attack struct {
	Technique    *technique `json:"technique,omitempty"`
	SubTechnique *technique `json:"sub_technique,omitempty"`
	Version      string     `json:"version,omitempty"`
}

type technique struct {
	UID string `json:"uid"`
}

type resource struct {
	UID  string `json:"uid,omitempty"`
	Name string `json:"name,omitempty"`
	Type string `json:"type"`
}

type remediation struct {
	Desc string `json:"desc"`
}

type evidence struct {
	User      *user           `json:"user,omitempty"`
	Data      json.RawMessage `json:"data,omitempty"`
	VerdictID int             `json:"verdict_id,omitempty"`
	Verdict   string          `json:"verdict,omitempty"`
}

type user struct {
	Name      string `json:"name"`
	EmailAddr string `json:"email_addr"`
}

type observable struct {
	Name   string `json:"name"` // path of the attribute
	TypeID int    `json:"type_id"`
	Type   string `json:"type"`
	Value  string `json:"value"`
}

// event fills in what every event has.
func (s Source) event(class int, caption string, activity, status int, severity string, at time.Time) Event {
	id, name := severityOf(severity)
	return Event{
		ActivityID: activity, ActivityName: activityNames[activity], CategoryUID: categoryFindings, CategoryName: captionFindings, ClassUID: class, ClassName: caption,
		TypeUID: class*100 + activity, TypeName: caption + ": " + activityNames[activity], Time: millis(at), SeverityID: id, Severity: name,
		StatusID: status, Status: statusNames[status],
		Metadata: metadata{Version: Version, Product: product{Name: "zoomward", VendorName: "zoomward", Version: s.ProductVersion}, TenantUID: s.AccountID, LoggedTime: millis(s.LoggedAt)},
	}
}

// account is the Zoom account as a resource.
func (s Source) account() resource {
	return resource{UID: s.AccountID, Type: "Zoom account"}
}

// severityOf maps a severity of zoomward's.
func severityOf(severity string) (id int, caption string) {
	switch severity {
	case "critical":
		return 5, "Critical"
	case "high":
		return 4, "High"
	case "medium":
		return 3, "Medium"
	case "low":
		return 2, "Low"
	case "info":
		return 1, "Informational"
	}
	return 0, "Unknown"
}

// millis is a time as the schema has it; 0 for a time that is not known.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// attacks names techniques of MITRE ATT&CK (T1078, T1078.004) in a version of it.
func attacks(ids []string, version string) []attack {
	var out []attack
	for _, id := range ids {
		id = strings.TrimSpace(id)
		if id == "" {
			continue
		}
		a := attack{Version: version}
		parent, _, sub := strings.Cut(id, ".")
		a.Technique = &technique{parent}
		if sub {
			a.SubTechnique = &technique{id}
		}
		out = append(out, a)
	}
	return out
}
