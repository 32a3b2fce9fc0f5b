package main

// An explanation is everything that is said of an alert: the text is written from it alone, and --format json is it. Times are RFC 3339, days are UTC days.
// Text in it is as Zoom and the database hold it, not yet made safe for a terminal.
type explanation struct {
	Alert     explainedAlert   `json:"alert"`
	User      *explainedUser   `json:"user"`     // null when it is about no single user
	Accounts  []explainedUser  `json:"accounts"` // those that an alert about no single user names
	Timezone  string           `json:"timezone"` // of the local times
	Events    []explainedEvent `json:"events"`
	Unlisted  int64            `json:"events_not_listed"`
	Chart     chart            `json:"chart"`
	Reasons   []reason         `json:"reasons"` // why it is unusual
	Certainty certainty        `json:"certainty"`
	Around    []neighbour      `json:"around"` // other alerts and behaviors of the user, within 14 days
	Triage    triage           `json:"triage"`
	Harmless  string           `json:"harmless_when"` // what explains such alerts away most often
	Check     []string         `json:"check"`
	Commands  []commandLine    `json:"commands"`
}

type explainedAlert struct {
	ID          string   `json:"alert_id"`
	Detection   string   `json:"detection_id"`
	Title       string   `json:"title"`
	Severity    string   `json:"severity"`
	Status      string   `json:"status"`
	Summary     string   `json:"summary"`
	WindowStart string   `json:"window_start"`
	WindowEnd   string   `json:"window_end"`
	FirstSeen   string   `json:"first_seen_at"`
	LastSeen    string   `json:"last_seen_at"`
	Day         string   `json:"day"`              // that the evidence is about; an alert of several days tells its strongest, unless
	DayIs       string   `json:"day_is,omitempty"` // later_of_two: the second of two strange days; last_of_week: on which findings added up
	Days        int64    `json:"days"`
	Score       *float64 `json:"score"`
	Techniques  []string `json:"attack_techniques"`
	RunID       string   `json:"run_id"`
}

type explainedUser struct {
	Email          string   `json:"email"`
	Name           string   `json:"display_name"`
	Known          bool     `json:"known"` // whether Zoom's list of users has it
	Status         string   `json:"status"`
	Role           string   `json:"role"`
	Dept           string   `json:"dept"`
	Type           string   `json:"type"`
	Created        string   `json:"created_at"`
	LastLogin      string   `json:"last_login_at"`
	RiskScore      *float64 `json:"risk_score"`
	RiskPercentile *float64 `json:"risk_percentile"`
	OtherAlerts    int64    `json:"other_alerts"`
	Usual          *usual   `json:"usual"` // sign-ins of the 90 days before; null when there are none
}

// usual tells where and with what a user signs in, the commonest first.
type usual struct {
	SignIns  int64   `json:"sign_ins"`
	Days     int64   `json:"days"`
	Places   []share `json:"places"`
	Networks []share `json:"networks"`
	Clients  []share `json:"clients"`
}

type share struct {
	What  string  `json:"what"`
	Share float64 `json:"share"` // 0 to 1
}

type explainedEvent struct {
	ID       string   `json:"id"`
	At       string   `json:"at"`
	Local    string   `json:"local"`
	User     string   `json:"user_email"`
	What     string   `json:"what"`
	Place    string   `json:"place"`
	Address  string   `json:"ip_address"`
	Network  string   `json:"network"`
	Category string   `json:"network_category"`
	Client   string   `json:"client"`
	New      []string `json:"new_to_user"` // country, network operator, client: not seen of the user in the 90 days before
}

// A reason is one part of why an alert was raised.
type reason struct {
	Kind        string   `json:"kind"` // volume, identity, channel, rule, finding, other
	Name        string   `json:"name"`
	Title       string   `json:"title"`
	Words       []string `json:"words"`
	Observed    any      `json:"observed"`
	Expected    *float64 `json:"expected"`
	Lower       *float64 `json:"lower"` // 95 % predictive interval
	Upper       *float64 `json:"upper"`
	HistoryDays *int64   `json:"history_days"`
	Peers       string   `json:"peers"`
	PeerRate    *float64 `json:"peer_rate"`
	P           *float64 `json:"p_value"`
	Share       *float64 `json:"share"` // of the evidence against the owner, 0 to 1
	Tokens      []string `json:"tokens"`
	Parts       []reason `json:"parts"`
}

type certainty struct {
	Basis    string   `json:"basis"` // rank, tail, forecast, product, rule, combination, other
	PValue   *float64 `json:"p_value"`
	Learning *bool    `json:"learning"` // null when the day was not judged
	Gated    *bool    `json:"left_out_of_baseline"`
	Words    []string `json:"words"`
	Severity string   `json:"severity"` // why it is what it is
}

// A neighbour is another finding on the user.
type neighbour struct {
	Kind     string `json:"kind"` // alert, behavior
	ID       string `json:"id"`
	Day      string `json:"day"`
	User     string `json:"user_email"`
	Title    string `json:"title"`
	Severity string `json:"severity"`
	Status   string `json:"status"`
	Summary  string `json:"summary"`
	Days     int64  `json:"days"` // of findings of one kind that stand as one
}

type triage struct {
	Status  string        `json:"status"`
	History []triageEntry `json:"history"` // oldest first
}

type triageEntry struct {
	At     string `json:"at"`
	Status string `json:"status"`
	Note   string `json:"note"`
}

type commandLine struct {
	To      string `json:"to"`
	Command string `json:"command"`
}

// fillLists makes lists without members empty ones, so that readers of the JSON never meet null in the place of a list.
func (x *explanation) fillLists() {
	full(&x.Alert.Techniques)
	full(&x.Accounts)
	full(&x.Events)
	full(&x.Chart.Words)
	full(&x.Chart.Days)
	full(&x.Reasons)
	full(&x.Certainty.Words)
	full(&x.Around)
	full(&x.Triage.History)
	full(&x.Check)
	full(&x.Commands)
	for i := range x.Events {
		full(&x.Events[i].New)
	}
	if x.User != nil && x.User.Usual != nil {
		u := x.User.Usual
		full(&u.Places)
		full(&u.Networks)
		full(&u.Clients)
	}
	fillReasons(x.Reasons)
}

func fillReasons(list []reason) {
	for i := range list {
		full(&list[i].Words)
		full(&list[i].Tokens)
		full(&list[i].Parts)
		fillReasons(list[i].Parts)
	}
}

func full[T any](list *[]T) {
	if *list == nil {
		*list = []T{}
	}
}
