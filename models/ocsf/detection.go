package ocsf

import (
	"encoding/json"
	"time"
)

// Alert is one alert as the view of that name has it.
type Alert struct {
	ID          string
	DetectionID string
	Title       string
	Severity    string
	UserEmail   string // "" for none or several
	WindowStart time.Time
	WindowEnd   time.Time
	FirstSeen   time.Time
	LastSeen    time.Time
	RaisedAt    time.Time   // by the clock of the run that first raised it; zero when that is not known
	Score       json.Number // "" for none
	PValue      json.Number // "" for none
	Status      string      // new, in_progress, true_positive, benign, false_positive
	Summary     string
	Evidence    string   // JSON
	Techniques  []string // MITRE ATT&CK
	Attack      string   // version of MITRE ATT&CK whose ids Techniques holds
	Note        string
	Owner       string
	Kind        string // of the detection: rule, statistical, sequential; "" for a policy of the account's own
}

// observableEmail is the type of an observable that is a mail address.
const observableEmail = 5

// Detection writes an alert as Detection Finding. What triage said decides over activity and status: a true positive is resolved, a benign one and a false positive are
// suppressed.
func Detection(s Source, a Alert) Event {
	activity, status, verdictID, verdict := activityCreate, statusNew, 0, ""
	switch a.Status {
	case "in_progress":
		activity, status = activityUpdate, statusInProgress
	case "true_positive":
		activity, status, verdictID, verdict = activityClose, statusResolved, 2, "True Positive"
	case "benign":
		activity, status, verdictID, verdict = activityClose, statusSuppressed, 5, "Benign"
	case "false_positive":
		activity, status, verdictID, verdict = activityClose, statusSuppressed, 1, "False Positive"
	}
	at := a.RaisedAt
	if at.IsZero() {
		at = a.WindowEnd
	}
	e := s.event(classDetection, captionDetection, activity, status, a.Severity, at)
	e.Metadata.EventCode, e.Metadata.LogName = a.DetectionID, "alerts"
	e.StartTime, e.EndTime = millis(a.WindowStart), millis(a.WindowEnd)
	alerting := activity != activityClose
	e.IsAlert = &alerting
	e.Message, e.Comment = a.Summary, a.Note
	e.FindingInfo = findingInfo{
		UID: a.ID, Title: a.Title, Desc: a.Summary, Types: []string{"Alert"}, CreatedTime: millis(a.RaisedAt), FirstSeenTime: millis(a.FirstSeen), LastSeenTime: millis(a.LastSeen),
		Analytic: analytic{UID: a.DetectionID, Name: a.Title, TypeID: 1, Type: "Rule"}, Attacks: attacks(a.Techniques, a.Attack),
	}
	if a.Kind == "statistical" || a.Kind == "sequential" {
		e.FindingInfo.Analytic.TypeID, e.FindingInfo.Analytic.Type = 3, "Statistical"
	}
	x := evidence{VerdictID: verdictID, Verdict: verdict}
	if json.Valid([]byte(a.Evidence)) {
		x.Data = json.RawMessage(a.Evidence)
	}
	if a.UserEmail != "" {
		x.User = &user{Name: a.UserEmail, EmailAddr: a.UserEmail}
		e.Observables = []observable{{Name: "evidences[].user.email_addr", TypeID: observableEmail, Type: "Email Address", Value: a.UserEmail}}
	}
	if x.User != nil || x.Data != nil {
		e.Evidences = []evidence{x}
	}
	e.Resources = []resource{s.account()}
	if s.AccountID == "" {
		e.Resources = nil
	}
	e.Unmapped = map[string]any{"status": a.Status}
	if a.Score != "" {
		e.Unmapped["score"] = a.Score
	}
	if a.PValue != "" {
		e.Unmapped["p_value"] = a.PValue
	}
	if a.Owner != "" {
		e.Unmapped["owner"] = a.Owner
	}
	return e
}
