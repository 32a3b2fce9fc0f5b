package posture

import "slices"

// Severity says how much a control matters.
type Severity string

// Severities, and the points that a control of each is worth.
const (
	Critical Severity = "critical" // 10
	High     Severity = "high"     // 8
	Medium   Severity = "medium"   // 5
	Low      Severity = "low"      // 2
	Info     Severity = "info"     // 0: shown, never scored
)

// Points is what a control of this severity is worth. The weights are zoomward's own; the ceiling of 10 is that of Microsoft Secure Score.
func (s Severity) Points() float64 {
	switch s {
	case Critical:
		return 10
	case High:
		return 8
	case Medium:
		return 5
	case Low:
		return 2
	}
	return 0
}

func (s Severity) valid() bool {
	switch s {
	case Critical, High, Medium, Low, Info:
		return true
	}
	return false
}

// Profiles. Zoom's end-to-end encryption shuts out telephones and browsers and switches cloud recording off, so an account cannot satisfy every control at once: a profile says
// which side it takes.
const (
	ProfileBaseline   = "baseline"   // the default: what Microsoft recommends, end-to-end encryption with all that it costs, and what protects at little cost beside it
	ProfileStrict     = "strict"     // baseline, and what protects at the cost of further features
	ProfileFunctional = "functional" // meetings are recorded, features are on; what protects beside them
)

// Profiles lists the values that Input.Profile takes; the first is the default.
func Profiles() []string { return []string{ProfileBaseline, ProfileStrict, ProfileFunctional} }

// Kinds of resource that a control judges. The control has one result all the same: how many of them hold, with points in proportion.
const (
	ScopeAccount   = "account"
	ScopeUser      = "user"
	ScopeGroup     = "group"
	ScopeRole      = "role"
	ScopeChannel   = "channel"
	ScopeMeeting   = "meeting"
	ScopeRecording = "recording"
	ScopeApp       = "app"
	ScopeConnector = "connector"
)

// How a control is judged.
const (
	AutomationAuto   = "auto"
	AutomationProbe  = "probe"  // auto, on a key that is not in Zoom's published types
	AutomationManual = "manual" // Zoom's API does not show it: a person looks, at what Review says
)

// Weight is a rough amount: of work for an administrator, or of what users notice.
type Weight string

// Weights.
const (
	WeightLow      Weight = "low"
	WeightModerate Weight = "moderate"
	WeightHigh     Weight = "high"
)

func (w Weight) valid() bool {
	return w == "" || w == WeightLow || w == WeightModerate || w == WeightHigh
}

// Feeds whose state Input.Feeds carries.
const (
	FeedSettings      = "settings"       // account settings in all views, and their locks
	FeedUsers         = "users"          // the list of users
	FeedDomains       = "domains"        // managed and trusted domains
	FeedIMGroups      = "im_groups"      // groups of the chat directory
	FeedGroupSettings = "group_settings" // settings of groups
	FeedUserSettings  = "user_settings"  // settings of users
	FeedOperations    = "operations"     // the operation log
	FeedPhone         = "phone_settings" // settings of Zoom Phone
)

// Control is one rule of the catalogue.
type Control struct {
	ID             string              `yaml:"id"`      // CIS-*, MS-ZOOM-*, ZW-*
	Version        int                 `yaml:"version"` // raised when the pass condition changes
	Title          string              `yaml:"title"`   // the state that passes
	Frameworks     map[string][]string `yaml:"frameworks"`
	Profiles       []string            `yaml:"profiles"` // selected in these alone; none: in every profile
	Severity       Severity            `yaml:"severity"`
	Scope          string              `yaml:"scope"` // resource type of its results
	Source         Source              `yaml:"source"`
	RequiresScopes []string            `yaml:"requires_scopes"`
	Where          *Expr               `yaml:"where"` // objects that it concerns; none: all of its scope
	Under          *Under              `yaml:"under"` // the switch that the settings of Assert stand below
	Assert         Expr                `yaml:"assert"`
	Expected       string              `yaml:"expected"` // pass condition in words, {param} stands for a parameter; derived when empty
	Lock           *Lock               `yaml:"lock"`
	Partial        *Partial            `yaml:"partial"`
	Automation     string              `yaml:"automation"`  // auto, probe or manual
	Review         string              `yaml:"review"`      // of a manual control: what to look at, and what is right
	Effort         Weight              `yaml:"effort"`      // work that putting it right takes; low when empty
	UserImpact     Weight              `yaml:"user_impact"` // how much users notice; low when empty
	ConflictsWith  []string            `yaml:"conflicts_with"`
	CountedBy      string              `yaml:"counted_by"` // the control that asks for the same and has the points; this one is shown, and worth none
	Remediation    Remediation         `yaml:"remediation"`
	Note           string              `yaml:"note"`
}

// Source names the call that holds what the control reads.
type Source struct {
	Endpoint       string  `yaml:"endpoint"`        // account_settings, lock_settings, users, domains, im_groups, group_settings, user_settings, connector; none with feeds
	Option         string  `yaml:"option"`          // ?option= of the settings calls
	FallbackOption *string `yaml:"fallback_option"` // view to read when the first lacks the key; "" is the plain view
	// Feeds that it rests on, of a control on objects or facts: one that is refused leaves nothing to judge. The first lists the objects, and so do those of Lists.
	Feeds []string `yaml:"feeds"`
	Lists []string `yaml:"lists"`
}

// feeds are those that hold what the source names.
func (s *Source) feeds() []string {
	switch s.Endpoint {
	case "", endpointConnector:
		return s.Feeds
	case "account_settings", "lock_settings":
		return append([]string{FeedSettings}, s.Feeds...)
	}
	return append([]string{s.Endpoint}, s.Feeds...) // the others are named as their feeds
}

// endpointConnector is the source of what zoomward knows of its own access: no call, but the token and the last run.
const endpointConnector = "connector"

// onObjects says whether a control judges objects or facts, and not settings or figures of the user list.
func (c *Control) onObjects() bool {
	return len(c.Source.Feeds) > 0 || c.Source.Endpoint == endpointConnector
}

// LockWant says how a lock weighs.
type LockWant string

// Lock weights.
const (
	LockRequired    LockWant = "required"    // an open lock halves the points
	LockRecommended LockWant = "recommended" // an open lock shows in the reason
	LockOptional    LockWant = "optional"    // the state is reported, nothing more
)

// Lock names the locks that belong to a control's settings.
type Lock struct {
	Paths []string `yaml:"paths"`
	Want  LockWant `yaml:"want"`
}

// Partial gives a share of the points when the assertion does not hold.
type Partial struct {
	When  *Expr  `yaml:"when"`  // only if this holds; always when nil
	Ratio string `yaml:"ratio"` // see ratios
}

// Remediation says how to put a setting right.
type Remediation struct {
	Portal string   `yaml:"portal"` // click path in Zoom's admin portal
	Text   string   `yaml:"text"`
	Steps  []string `yaml:"steps"` // one by one, where a sentence does not do
}

// String is the remediation in one sentence.
func (r Remediation) String() string { return r.Portal + ": " + r.Text }

// Param is a number or list that the user may configure under posture.params.
type Param struct {
	Name        string   `yaml:"name"`
	Number      *float64 `yaml:"number"` // default of a number
	List        []string `yaml:"list"`   // default of a list; empty means that controls that need it are manual
	Description string   `yaml:"description"`
}

// maxPoints is what the control is worth.
func (c *Control) maxPoints() float64 {
	if c.CountedBy != "" {
		return 0
	}
	return c.Severity.Points()
}

func (c *Control) inProfile(profile string) bool {
	if len(c.Profiles) == 0 {
		return true
	}
	return slices.Contains(c.Profiles, profile)
}
