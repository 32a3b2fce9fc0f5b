package models

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/zoomward/zoomward/features"
)

// A weakening is a change of a security setting in its risky direction.
type weakening struct {
	detection Detection
	category  []string // lower case; nil for account
	patterns  []pattern
	readings  []reading
	always    bool // an alert also where it is for a group alone, and where it is put back soon
}

// A pattern says which labels of settings, read together with their section in lower case, protect something, and which change of them is the risky one. Labels are those
// of Zoom's web portal, which the operation log repeats.
type pattern struct {
	any  []string // one of these must occur
	not  []string // none of these may
	risk risk
}

// A reading says the same of a setting as Zoom's API has it.
type reading struct {
	path  string
	label string // part of the label, in lower case, that tells it from what else the weakening is about; "" where nothing else is
	risk  risk
}

var both = []string{"account", "user group"}

var weakenings = []weakening{
	{Detection{ID: "ZW-CFG-01", Title: "Two-factor sign-in turned off", Severity: "high", Techniques: []string{"T1556.006"}}, both,
		[]pattern{{[]string{"two-factor"}, nil, whenOff}},
		[]reading{{"security.sign_in_with_two_factor_auth", "", whenOff}}, true},
	{Detection{ID: "ZW-CFG-02", Title: "End-to-end encryption turned off", Severity: "medium", Techniques: []string{"T1040"}}, both,
		[]pattern{{[]string{"end-to-end", "e2ee", "require encryption for"}, nil, whenOff}},
		[]reading{{"meeting_security.end_to_end_encrypted_meetings", "end", whenOff}, {"in_meeting.e2e_encryption", "", whenOff}}, false},
	{Detection{ID: "ZW-CFG-03", Title: "Meetings need no security option any more", Severity: "medium", Techniques: []string{"T1562.001"}}, nil,
		[]pattern{{[]string{"one security option"}, nil, whenOff}},
		[]reading{{"meeting_security.auto_security", "", whenOff}}, false},
	{Detection{ID: "ZW-CFG-04", Title: "Passcode for meetings turned off", Severity: "medium", Techniques: []string{"T1562.001"}}, nil,
		[]pattern{{[]string{"passcode"}, []string{"embed", "recording"}, whenOff}, {[]string{"passcode length", "passcode requirement"}, []string{"recording", "consecutive"}, whenLess}},
		passcodeReadings, false},
	{Detection{ID: "ZW-CFG-05", Title: "Passcode turned off for a group", Severity: "low", Techniques: []string{"T1125"}}, []string{"user group"},
		[]pattern{{[]string{"passcode"}, []string{"embed"}, whenOff}},
		passcodeReadings, true},
	{Detection{ID: "ZW-CFG-06", Title: "Automatic sign-out turned off or later", Severity: "medium", Techniques: []string{"T1539", "T1550.004"}}, nil,
		[]pattern{{[]string{"sign users out", "sign again", "sign in again", "inactivity"}, nil, whenLonger}},
		[]reading{{"security.sign_again_period_for_inactivity_on_web", "", whenLonger}, {"security.sign_again_period_for_inactivity_on_client", "", whenLonger}}, false},
	{Detection{ID: "ZW-CFG-07", Title: "Sign-in method opened", Severity: "medium", Techniques: []string{"T1556"}}, nil,
		[]pattern{{[]string{"allow users to sign in with"}, nil, whenOn}},
		[]reading{{"security.sign_in_with_work_email", "email", whenOn}, {"security.sign_in_with_google", "google", whenOn}, {"security.sign_in_with_facebook", "facebook", whenOn},
			{"security.sign_in_with_apple", "apple", whenOn}, {"security.sign_in_with_microsoft", "microsoft", whenOn}}, false},
	{Detection{ID: "ZW-CFG-08", Title: "Password requirement weakened", Severity: "medium", Techniques: []string{"T1556"}}, nil,
		[]pattern{{[]string{"password requirement"}, laxWithMore, whenLess}, {laxWithMore, []string{"passcode"}, whenLonger}},
		[]reading{{"security.password_requirement.minimum_password_length", "length", whenLess}, {"security.password_requirement.have_special_character", "special", whenOff},
			{"security.password_requirement.weak_enhance_detection", "weak", whenOff}, {"security.password_requirement.consecutive_characters_length", "consecutive", whenLonger}}, false},
	{Detection{ID: "ZW-CFG-09", Title: "Meetings opened to people who are not signed in", Severity: "low", Techniques: []string{"T1098"}}, both,
		[]pattern{{[]string{"authenticated users can join", "authenticated users can meet", "specified domains can join", "guest"}, []string{"allow guest"}, whenOff},
			{[]string{"allow guest", "authentication exception"}, nil, whenOn}},
		[]reading{{"meeting_authentication", "authenticated", whenOff}, {"schedule_meeting.enforce_login", "authenticated", whenOff},
			{"meeting_security.only_authenticated_can_join_from_webclient", "web client", whenOff}, {"in_meeting.alert_guest_join", "identify guest", whenOff},
			{"allow_authentication_exception", "exception", whenOn}}, false},
	{Detection{ID: "ZW-CFG-12", Title: "Waiting room or host control weakened", Severity: "low", Techniques: []string{"T1562.001"}}, both,
		[]pattern{{[]string{"waiting room"}, []string{"chat", "customize", "bypass"}, whenOff}, {[]string{"bypass the waiting room", "bypass waiting room"}, nil, whenOn},
			{[]string{"join before host", "participants to join anytime", "removed participants to rejoin"}, []string{"guest"}, whenOn},
			{[]string{"who can share"}, nil, whenForAll}},
		[]reading{{"meeting_security.waiting_room", "waiting room", whenOff}, {"in_meeting.waiting_room", "waiting room", whenOff},
			{"meeting_security.waiting_room_settings.participants_to_place_in_waiting_room", "waiting room", whenHigher},
			{"schedule_meeting.join_before_host", "join", whenOn}, {"in_meeting.allow_removed_participants_to_rejoin", "rejoin", whenOn},
			{"in_meeting.who_can_share_screen", "who can share", whenForAll}}, false},
	{Detection{ID: "ZW-CFG-13", Title: "Recording protection weakened", Severity: "medium", Techniques: []string{"T1530", "T1567"}}, both,
		[]pattern{{[]string{"view cloud recording", "recording passcode", "passcode to access", "passcode for shared", "recording disclaimer", "ip address access"}, nil, whenOff},
			{[]string{"can download cloud recording", "recording downloads", "share cloud recording", "recordings publicly"}, nil, whenOn}},
		[]reading{{"recording.account_user_access_recording", "account", whenOff}, {"recording_authentication", "authenticated", whenOff},
			{"recording.required_password_for_shared_cloud_recordings", "shared", whenOff}, {"recording.required_password_for_existing_cloud_recordings", "existing", whenOff},
			{"recording.ip_address_access_control.enable", "ip address", whenOff}, {"recording.recording_disclaimer", "disclaimer", whenOff},
			{"recording.cloud_recording_download", "download", whenOn}}, false},
	{Detection{ID: "ZW-CFG-14", Title: "Chat or file transfer opened", Severity: "low", Techniques: []string{"T1567"}}, both,
		[]pattern{{[]string{"file transfer", "file sharing", "send files", "add contacts", "chat with others", "chat with external", "external collaboration", "can add external users"},
			[]string{"only allow", "specified", "specific", "limit", "restrict", "block"}, whenOn},
			{[]string{"only allow specified file types", "only allow specific file types", "advanced chat encryption", "chat etiquette", "external user control", "approve external"}, nil, whenOff}},
		[]reading{{"in_meeting.file_transfer", "file transfer", whenOn}, {"chat.share_files.enable", "file", whenOn},
			{"chat.share_files.restrictions.only_allow_specific_file_types", "file types", whenOff}, {"chat.chat_etiquette_tool.enable", "etiquette", whenOff},
			{"chat.external_user_control.enable", "external user", whenOff}, {"chat.external_join_approve.enable", "approv", whenOff}, {"chat.external_invite_approve.enable", "approv", whenOff}}, false},
	{Detection{ID: "ZW-ADM-13", Title: "Records of what happens cut down", Severity: "high", Group: "Admin activity", Techniques: []string{"T1562.008"}}, []string{"account", "user group", "role"},
		[]pattern{{[]string{"archiv"}, []string{"notif", "prompt", "when archiving starts"}, whenOff},
			{[]string{"activity log", "operation log", "user activity report", "active host", "audit log"}, nil, whenLost},
			{[]string{"retention", "deleted after", "store chat", "keep chat"}, nil, whenShorter}},
		[]reading{{"recording.archive.enable", "archiv", whenOff}, {"chat.send_data_to_third_party_archiving_service.enable", "archiv", whenOff},
			{"chat.set_retention_period_in_cloud.retention_period_of_channels", "channel", whenShorter},
			{"chat.set_retention_period_in_cloud.retention_period_of_direct_messages_and_group_conversation", "direct", whenShorter}}, true},
}

// laxWithMore are requirements of passwords of which more, or none, asks for less.
var laxWithMore = []string{"password expires", "passwords expire", "consecutive characters", "change their password"}

// passcodeReadings are the settings of meetings' passcodes.
var passcodeReadings = slices.Concat(passcodes("meeting_security.meeting_password_requirement."), passcodes("schedule_meeting.meeting_password_requirement."), []reading{
	{"meeting_security.meeting_password", "new meetings", whenOff}, {"meeting_security.require_password_for_scheduled_meeting", "already", whenOff},
	{"meeting_security.pmi_password", "personal meeting id", whenOff}, {"meeting_security.phone_password", "phone", whenOff},
	{"schedule_meeting.require_password_for_scheduling_new_meetings", "new meetings", whenOff}, {"schedule_meeting.require_password_for_scheduled_meetings", "already", whenOff},
	{"schedule_meeting.require_password_for_instant_meetings", "instant", whenOff}})

// passcodes are the requirements that meetings' passcodes must meet.
func passcodes(under string) []reading {
	return []reading{{under + "length", "length", whenLess}, {under + "have_letter", "letter", whenOff}, {under + "have_number", "number", whenOff},
		{under + "have_special_character", "special", whenOff}, {under + "have_upper_and_lower_characters", "uppercase", whenOff},
		{under + "weak_enhance_detection", "weak", whenOff}, {under + "consecutive_characters_length", "consecutive", whenLonger}, {under + "only_allow_numeric", "numeric", whenOn}}
}

const aboutWeakening = "An alert; a behavior where an operator who has changed account settings before weakens this one protection and puts it back the same day"

func weakeningDetections() []Detection {
	var out []Detection
	for _, w := range weakenings {
		d := w.detection
		d.Class, d.Kind, d.Data = Alert, "rule", []string{oplog}
		d.Group = cmp.Or(d.Group, "Configuration")
		d.About = "The operation log says so"
		if w.readings != nil {
			d.About += ", or two readings of the settings do and the log names who it was or does not reach back so far"
		}
		d.About += ". "
		switch {
		case w.always:
			d.About += "Always an alert."
		case w.category == nil:
			d.About += aboutWeakening + "."
		default:
			d.About += aboutWeakening + ", or that is for a group alone."
		}
		d.find = func(s *scene) []Finding { return findWeakening(s, w) }
		out = append(out, d)
	}
	return out
}

// concerns says whether an operation of that category, in lower case, can be this weakening.
func (w weakening) concerns(category string) bool {
	return w.category == nil && category == "account" || slices.Contains(w.category, category)
}

// applies says whether one change of an operation is this weakening by its words.
func (w weakening) applies(category, subject string, c change) bool {
	if !w.concerns(category) {
		return false
	}
	text := strings.ToLower(subject + " " + c.Setting)
	holds := func(part string) bool { return strings.Contains(text, part) }
	return slices.ContainsFunc(w.patterns, func(p pattern) bool {
		return slices.ContainsFunc(p.any, holds) && !slices.ContainsFunc(p.not, holds) && p.risk.of(text).weaker(c.Old, c.New)
	})
}

// about says whether one change of an operation is about a setting that this weakening reads, whatever its direction.
func (w weakening) about(x reading, category, subject string, c change) bool {
	text := strings.ToLower(subject + " " + c.Setting)
	holds := func(part string) bool { return strings.Contains(text, part) }
	return w.concerns(category) && strings.Contains(text, x.label) && slices.ContainsFunc(w.patterns, func(p pattern) bool {
		return slices.ContainsFunc(p.any, holds) && !slices.ContainsFunc(p.not, holds)
	})
}

// weakens says whether a change of row i is this weakening: as the two readings between which it was made have it, else by its words.
func (s *scene) weakens(w weakening, i int, c change) bool {
	r := s.day.Rows
	category, subject := r.Category(i), r.Subject(i)
	read, weaker := false, false
	for _, x := range s.people.settings[s.day.Number] {
		if x.Operation != r.ID(i) {
			continue
		}
		for _, known := range w.readings {
			if known.path == x.Path && w.about(known, category, subject, c) {
				read, weaker = true, weaker || x.weaker(known.risk)
			}
		}
	}
	if read {
		return weaker
	}
	return w.applies(category, subject, c)
}

func findWeakening(s *scene, w weakening) []Finding {
	r := s.day.Rows
	told := map[string]bool{} // operations
	out := s.users(func(n int, u *features.UserDay, a *features.Account) []Finding {
		var rows []int
		var what []string
		wide, standing := false, false
		for _, i := range s.changed[n] {
			for _, c := range s.changes[i] {
				if s.weakens(w, i, c) {
					rows = once(rows, i)
					told[r.ID(i)] = true
					what = append(what, fmt.Sprintf("%s: from %s to %s", c.Setting, c.Old, c.New))
					wide = wide || r.Category(i) == "account"
					standing = standing || !s.putBack(n, i, c)
				}
			}
		}
		if len(rows) == 0 {
			return nil
		}
		f := s.finding(u)
		f.span(r, rows)
		f.Observed, f.Unit, f.Score = float64(len(rows)), "settings weakened", float64(len(rows))
		changed := 0 // settings weakened that day in any way
		for _, i := range s.changed[n] {
			for _, c := range s.changes[i] {
				if slices.ContainsFunc(weakenings, func(other weakening) bool { return s.weakens(other, i, c) }) {
					changed++
				}
			}
		}
		newToIt := s.watched() >= minTenantDays && a.Volumes[settingBehaviour].Max == 0
		f.Alert = w.always || newToIt || changed >= 2 || wide && standing
		f.Evidence.Details = map[string]any{"operator": u.Email, "scope": scopeOf(r, rows), "changes": what, "operator_is_new_to_it": newToIt, "settings_weakened_that_day": changed,
			"put_back_the_same_day": !standing, "indicators": map[string]any{"security_setting_weakened": len(what)}}
		s.addSession(&f, u, rows)
		f.Evidence.Events = s.notes(rows)
		f.Summary = fmt.Sprintf("%s weakened a protection: %s. Judged from %s.", u.Email, strings.Join(what[:min(len(what), 3)], "; "), history(a))
		return []Finding{f}
	})
	return append(out, s.readWeakening(w, told)...)
}

// readWeakening reports what two readings show to be weaker and no row of the day tells: the row that names who it was is of the evening before, in words that say nothing
// of a direction, or the log does not reach back so far. Where the log should have had a row and has none, ZW-CFG-17 tells.
func (s *scene) readWeakening(w weakening, told map[string]bool) []Finding {
	type group struct {
		changes []settingChange
		wide    bool
	}
	by := map[string]*group{} // operator
	for _, x := range s.people.settings[s.day.Number] {
		scope := "account"
		if x.Group != "" {
			scope = "user group"
		}
		weaker := slices.ContainsFunc(w.readings, func(known reading) bool { return known.path == x.Path && x.weaker(known.risk) })
		if !weaker || !w.concerns(scope) || told[x.Operation] {
			continue
		}
		operator := ""
		switch {
		case x.Operation != "" && !x.Named: // the drift of settings takes it for explained, and nobody can say by whom
		case x.Operation != "" && x.Operated.Before(s.day.Start().Add(24*time.Hour)):
			if x.Operated.Before(s.day.Start()) && slices.ContainsFunc(x.Changes, func(c change) bool { return w.applies(x.Category, x.Subject, c) }) {
				continue // its words told on their own day
			}
			operator = x.Operator
		case !x.Unlogged:
			continue
		}
		g := by[operator]
		if g == nil {
			g = &group{}
			by[operator] = g
		}
		g.changes, g.wide = append(g.changes, x), g.wide || x.Group == ""
	}
	var out []Finding
	for _, operator := range sortedKeys(by) {
		g := by[operator]
		day := s.day.Start()
		f := Finding{Email: operator, Key: "read", Day: day, Start: day, End: day.Add(24 * time.Hour), First: g.changes[0].After, Last: g.changes[0].At, Expected: math.NaN(), P: math.NaN(),
			Observed: float64(len(g.changes)), Unit: "settings weakened", Score: float64(len(g.changes)), Alert: w.always || g.wide}
		var what []string
		scopes := map[string]bool{}
		for _, x := range g.changes {
			what = append(what, fmt.Sprintf("%s: from %s to %s", x.Path, plainJSON(x.Old), plainJSON(x.New)))
			scopes[cmp.Or(x.GroupName, x.Group, "account")] = true
			f.First, f.Last = minTime(f.First, x.After), maxTime(f.Last, x.At)
			if x.Operation != "" {
				f.Evidence.Events = append(f.Evidence.Events, EventNote{ID: x.Operation, At: x.Operated.Format(time.RFC3339), What: x.Detail})
			}
		}
		f.Start, f.Evidence.Events = minTime(f.Start, f.First), f.Evidence.Events[:min(len(f.Evidence.Events), maxEvents)]
		f.Evidence.Details = map[string]any{"operator": operator, "scope": sortedKeys(scopes), "changes": what, "read_before": f.First.Format(time.RFC3339), "read_after": f.Last.Format(time.RFC3339),
			"indicators": map[string]any{"security_setting_weakened": len(what)}}
		who, why := operator+" weakened a protection", "as the operation log has it by the same operator in that time"
		if operator == "" {
			who, why = "settings/account: a protection is weaker", "the operation log has no row of that time that names it, or does not reach back so far, so nobody is named"
		}
		f.Summary = fmt.Sprintf("%s: %s. Two readings show it, of %s and %s; %s.", who, strings.Join(what[:min(len(what), 3)], "; "), f.First.Format("2006-01-02 15:04"), f.Last.Format("2006-01-02 15:04"), why)
		out = append(out, f)
	}
	return out
}

// putBack says whether the operator undid a change later the same day.
func (s *scene) putBack(n, i int, c change) bool {
	r := s.day.Rows
	return slices.ContainsFunc(s.changed[n], func(k int) bool {
		return k > i && r.Category(k) == r.Category(i) && r.Subject(k) == r.Subject(i) && slices.ContainsFunc(s.changes[k], func(later change) bool {
			return later.Setting == c.Setting && strings.EqualFold(later.New, c.Old)
		})
	})
}

// scopeOf names what the changes of rows hold for: the account, or the groups and roles that they name.
func scopeOf(r *features.Rows, rows []int) []string {
	scopes := map[string]bool{}
	for _, i := range rows {
		if r.Category(i) == "account" {
			scopes["account"] = true
		} else {
			scopes[r.Subject(i)] = true
		}
	}
	return sortedKeys(scopes)
}
