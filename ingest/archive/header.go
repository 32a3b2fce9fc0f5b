package archive

import (
	"strings"
	"unicode"
)

// column is one thing that a row says.
type column int

const (
	colTime column = iota
	colDate        // of a time that stands in two columns
	colUser
	colType
	colIP
	colClient
	colVersion
	colCategory
	colAction
	colDetail
	colID
	colResult
	colCode
	colReason
	colApplication
	colAppType
	columns
)

// A layout is what the columns of a kind are called, each by its names from the most to the least telling, and which of them must be there.
type layout struct {
	kind  Kind
	names map[column][]string
	need  []column
	mark  []column // at least one of these
}

// layouts lists the kinds from the most to the least particular, so that a header which fits several is taken for what it says most clearly. The names are
// written as plainName writes them. Zoom's: the fields of the API, the columns that the portal shows, and what others call them.
var layouts = []layout{
	{kind: Okta, names: map[column][]string{
		colTime: {"published", "timestamp", "time"}, colUser: {"actoralternateid"}, colType: {"eventtype"}, colIP: {"clientipaddress"},
		colClient: {"clientuseragentrawuseragent", "clientuseragent"}, colID: {"uuid"}, colResult: {"outcomeresult"}, colReason: {"outcomereason"},
		colDetail: {"displaymessage"}, colApplication: {"target0displayname"}, colAppType: {"target0type"},
	}, need: []column{colTime, colUser, colType, colResult}},
	{kind: Entra, names: map[column][]string{
		colTime: {"createddatetime", "date", "dateutc", "datetime", "time"}, colUser: {"userprincipalname", "username"}, colIP: {"ipaddress"},
		colClient: {"useragent", "clientapp", "clientappused"}, colID: {"requestid", "id"}, colResult: {"status"}, colCode: {"signinerrorcode", "errorcode", "statuserrorcode"},
		colReason: {"failurereason", "statusfailurereason"}, colApplication: {"application", "appdisplayname"},
	}, need: []column{colTime, colUser}, mark: []column{colResult, colCode}},
	{kind: ZoomOperations, names: map[column][]string{
		colTime: {"time", "datetime", "dateandtime", "timestamp", "operationtime", "activitytime", "logtime", "date"}, colDate: {"date"},
		colUser:     {"operator", "operatoremail", "admin", "adminemail", "administrator", "operatedby", "performedby", "operatingadmin", "email", "useremail", "user"},
		colCategory: {"categorytype", "category", "actioncategory", "operationcategory"}, colAction: {"action", "actiontype", "operation", "operationtype"},
		colDetail: {"operationdetail", "operationdetails", "details", "detail", "actiondetail", "actiondetails", "description"},
	}, need: []column{colTime, colUser, colDetail}, mark: []column{colCategory, colAction}},
	{kind: ZoomActivities, names: map[column][]string{
		colTime: {"time", "datetime", "dateandtime", "timestamp", "signinouttime", "signinsignouttime", "activitytime", "logtime", "eventtime", "date"}, colDate: {"date"},
		colUser: {"email", "useremail", "emailaddress", "useremailaddress", "account", "username", "user", "member"},
		colType: {"type", "activitytype", "eventtype", "activity", "event", "action", "signinsignout", "signinout", "operation"},
		colIP:   {"ipaddress", "ip", "ipaddr", "clientip", "sourceip", "publicip"}, colClient: {"clienttype", "client", "platform", "devicetype", "device", "clientplatform"},
		colVersion: {"version", "clientversion", "appversion", "zoomversion", "zoomclientversion"},
	}, need: []column{colTime, colUser, colType}},
}

// plainName writes the name of a column without case, blanks and punctuation, and without what stands in brackets at its end.
func plainName(s string) (name, bracketed string) {
	s = strings.TrimSpace(s)
	if open := strings.IndexAny(s, "(（["); open > 0 {
		bracketed = strings.Trim(s[open:], "()（）[] ")
		s = s[:open]
	}
	name = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
	return name, bracketed
}

// header says where the columns of a kind stand.
type header struct {
	kind   Kind
	at     [columns]int // -1: not there
	width  int
	zone   string   // what stands in brackets behind the time
	secret []bool   // columns whose name says that their content is nobody's business
	cells  []string // as written
	line   int
	comma  byte
}

func (h *header) has(c column) bool { return h.at[c] >= 0 }

// cell returns a field of a record, without blanks around it.
func (h *header) cell(fields []string, c column) string {
	if i := h.at[c]; i >= 0 && i < len(fields) {
		return strings.TrimSpace(fields[i])
	}
	return ""
}

// findHeader reads the names of a record as the header of a kind, nil when they are none. want "" stands for any kind.
func findHeader(fields []string, want Kind) *header {
	names := make([]string, len(fields))
	brackets := make([]string, len(fields))
	for i, f := range fields {
		names[i], brackets[i] = plainName(f)
	}
	for _, l := range layouts {
		if want != "" && l.kind != want {
			continue
		}
		h := l.match(names)
		if h == nil {
			continue
		}
		if !h.has(colDate) || h.at[colDate] == h.at[colTime] {
			h.at[colDate] = -1
		}
		h.zone = brackets[h.at[colTime]]
		h.secret = make([]bool, len(fields))
		for i, f := range fields {
			h.secret[i] = secretName.MatchString(f)
		}
		h.width, h.cells = len(fields), fields
		return h
	}
	return nil
}

func (l layout) match(names []string) *header {
	h := &header{kind: l.kind}
	for c := range columns {
		h.at[c] = -1
		for _, name := range l.names[c] {
			if h.at[c] < 0 {
				h.at[c] = indexOf(names, name)
			}
		}
	}
	for _, c := range l.need {
		if !h.has(c) {
			return nil
		}
	}
	for _, c := range l.mark {
		if h.has(c) {
			return h
		}
	}
	if l.mark != nil {
		return nil
	}
	return h
}

func indexOf(names []string, name string) int {
	for i, n := range names {
		if n == name {
			return i
		}
	}
	return -1
}
