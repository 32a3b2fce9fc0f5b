package archive

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/zoomward/zoomward/ingest/zoom"
)

// kindOf tells the kind of a JSON row by its fields, "" when it is none.
func kindOf(v value) Kind {
	if k := listKeys[v.page]; k != "" {
		return k
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(v.raw, &fields) != nil {
		return ""
	}
	has := func(names ...string) bool {
		for _, n := range names {
			if _, ok := fields[n]; !ok {
				return false
			}
		}
		return true
	}
	switch {
	case has("eventType", "published"), has("eventType", "outcome"):
		return Okta
	case has("userPrincipalName", "createdDateTime"), has("UserPrincipalName", "CreatedDateTime"), isDiagnostic(fields):
		return Entra
	case has("time", "operation_detail"), has("time", "category_type"):
		return ZoomOperations
	case has("email", "time", "type"):
		return ZoomActivities
	}
	return ""
}

// isDiagnostic says whether a row is what Azure Monitor writes of a sign-in: the row of the Graph API stands under properties.
func isDiagnostic(fields map[string]json.RawMessage) bool {
	var p map[string]json.RawMessage
	if json.Unmarshal(fields["properties"], &p) != nil {
		return false
	}
	_, ok := p["userPrincipalName"]
	return ok
}

// fromJSON reads a row of a kind.
func fromJSON(kind Kind, v value) Row {
	r := Row{Line: v.line, Size: len(v.raw), Bad: v.bad, text: string(v.raw)}
	if r.Bad != "" {
		return r
	}
	if k := listKeys[v.page]; k != "" && k != kind {
		r.Bad = "row is one of " + string(k) + " in a file of " + string(kind)
		return r
	}
	var err error
	switch kind {
	case ZoomActivities:
		r.Activity, err = zoom.DecodeActivity(v.raw)
	case ZoomOperations:
		r.Operation, err = zoom.DecodeOperation(v.raw)
	case Okta:
		r.SignIn, r.Skip, err = decodeOkta(v.raw)
	case Entra:
		r.SignIn, r.Skip, err = decodeEntra(v.raw)
	}
	if err != nil {
		r.Bad = redact(err.Error())
	}
	return r
}

var errNoObject = errors.New("row is not an object")

// unmarshal reads the fields that are of their type and leaves the others empty: one odd field does not cost the row.
func unmarshal(raw json.RawMessage, into any) error {
	var odd *json.UnmarshalTypeError
	if len(raw) == 0 || raw[0] != '{' {
		return errNoObject
	}
	if err := json.Unmarshal(raw, into); err != nil && !errors.As(err, &odd) {
		return errNoObject
	}
	return nil
}

// decodeOkta reads an event of the System Log (GET /api/v1/logs).
func decodeOkta(raw json.RawMessage) (SignIn, Skip, error) {
	var v struct {
		UUID      string `json:"uuid"`
		EventType string `json:"eventType"`
		Published string `json:"published"`
		Message   string `json:"displayMessage"`
		Actor     struct {
			AlternateID string `json:"alternateId"`
		} `json:"actor"`
		Client struct {
			IPAddress string `json:"ipAddress"`
			UserAgent struct {
				Raw string `json:"rawUserAgent"`
			} `json:"userAgent"`
		} `json:"client"`
		Outcome struct {
			Result string `json:"result"`
			Reason string `json:"reason"`
		} `json:"outcome"`
		Target []struct {
			Type        string `json:"type"`
			DisplayName string `json:"displayName"`
			AlternateID string `json:"alternateId"`
		} `json:"target"`
	}
	if err := unmarshal(raw, &v); err != nil {
		return SignIn{}, SkipNone, err
	}
	if skip, err := judgeOkta(v.EventType, v.Outcome.Result); skip != SkipNone || err != nil {
		return SignIn{}, skip, err
	}
	at, err := time.Parse(time.RFC3339, v.Published)
	if err != nil {
		return SignIn{}, SkipNone, errors.New("published " + quoted(v.Published) + " is not RFC 3339")
	}
	s := SignIn{ID: v.UUID, Provider: string(Okta), User: v.Actor.AlternateID, Time: at.UTC(), IPAddress: v.Client.IPAddress,
		Reason: firstOf(v.Outcome.Reason, v.Message, v.Outcome.Result), Client: v.Client.UserAgent.Raw}
	for _, t := range v.Target {
		if t.Type == "AppInstance" {
			s.Application = firstOf(t.DisplayName, t.AlternateID)
			break
		}
	}
	return s, SkipNone, s.check()
}

// judgeOkta says which events are failed sign-ins: those of a session, an authentication or a sign-on policy whose outcome is FAILURE or DENY (the outcomes that
// Okta documents besides: SUCCESS, ALLOW, CHALLENGE, SKIPPED, SCHEDULED, UNKNOWN).
func judgeOkta(event, result string) (Skip, error) {
	switch {
	case event == "":
		return SkipNone, errors.New("event type is missing")
	case event != "user.session.start" && event != "policy.evaluate_sign_on" && event != "app.generic.unauth_app_access_attempt" &&
		!strings.HasPrefix(event, "user.authentication."):
		return SkipOther, nil
	case strings.EqualFold(result, "FAILURE"), strings.EqualFold(result, "DENY"):
		return SkipNone, nil
	case result == "":
		return SkipNone, errors.New("outcome is missing")
	}
	return SkipSuccess, nil
}

// decodeEntra reads a sign-in of the Graph API (GET /auditLogs/signIns), bare or as Azure Monitor wraps it.
func decodeEntra(raw json.RawMessage) (SignIn, Skip, error) {
	type signIn struct {
		ID        string `json:"id"`
		Created   string `json:"createdDateTime"`
		User      string `json:"userPrincipalName"`
		IPAddress string `json:"ipAddress"`
		App       string `json:"appDisplayName"`
		ClientApp string `json:"clientAppUsed"`
		UserAgent string `json:"userAgent"`
		Status    struct {
			Code    json.RawMessage `json:"errorCode"`
			Failure string          `json:"failureReason"`
		} `json:"status"`
	}
	var v struct {
		signIn
		Time       string  `json:"time"`
		Properties *signIn `json:"properties"`
	}
	if err := unmarshal(raw, &v); err != nil {
		return SignIn{}, SkipNone, err
	}
	row := v.signIn
	if v.Properties != nil {
		if row = *v.Properties; row.Created == "" {
			row.Created = v.Time
		}
	}
	code := strings.Trim(string(row.Status.Code), `" `)
	if n, err := strconv.ParseInt(code, 10, 64); err != nil {
		return SignIn{}, SkipNone, errors.New("status.errorCode is missing or no number")
	} else if n == 0 {
		return SignIn{}, SkipSuccess, nil
	}
	at, err := time.Parse(time.RFC3339, row.Created)
	if err != nil {
		return SignIn{}, SkipNone, errors.New("createdDateTime " + quoted(row.Created) + " is not RFC 3339")
	}
	s := SignIn{ID: row.ID, Provider: string(Entra), User: row.User, Time: at.UTC(), IPAddress: row.IPAddress, Reason: entraReason(code, row.Status.Failure),
		Application: row.App, Client: firstOf(row.UserAgent, row.ClientApp)}
	return s, SkipNone, s.check()
}

// entraReason puts Microsoft's code (AADSTS50126 is 50126) before its words: some codes are steps on the way to a sign-in, such as 50074 and 50140, and a query
// has to be able to leave them out.
func entraReason(code, words string) string {
	switch {
	case code == "":
		return words
	case words == "" || words == "Other.":
		return code
	}
	return code + ": " + words
}

// check says what a sign-in must not lack.
func (s *SignIn) check() error {
	if strings.TrimSpace(s.User) == "" {
		return errors.New("user is missing")
	}
	return nil
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
