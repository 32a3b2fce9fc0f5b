package posture

import (
	"slices"
	"strings"
	"testing"
)

// Steampipe's Zoom compliance mod, the closest relative of this catalogue, has a number of controls that judge something else than they say. Each of its mistakes
// has a test here, named after what went wrong, so that it cannot come back.

func status1(t *testing.T, id string, settings values_, locked ...string) Status {
	t.Helper()
	ctl, _ := catalogue(t).Control(id)
	s := switchedOn(t, &ctl, values(t, settings))
	lockAll(s, true, locked...)
	return judge(t, id, Input{Settings: s}).Status
}

func pathsOf(t *testing.T, id string) []string {
	t.Helper()
	ctl, ok := catalogue(t).Control(id)
	if !ok {
		t.Fatalf("no control %s", id)
	}
	var paths []string
	ctl.reads(func(e *Expr) { paths = append(paths, e.paths()...) })
	if ctl.Lock != nil {
		paths = append(paths, ctl.Lock.Paths...)
	}
	return paths
}

// 1.1.2.6 and 1.1.2.7: personal IDs have to be off, where the mod takes on for right.
func TestLessonPersonalIDsAreNotInverted(t *testing.T) {
	for id, path := range map[string]string{"CIS-1.1.2.6": "schedule_meeting.use_pmi_for_scheduled_meetings", "CIS-1.1.2.7": "schedule_meeting.use_pmi_for_instant_meetings"} {
		if got := status1(t, id, values_{path: true}, path); got != Fail {
			t.Errorf("%s: on is %s, want fail", id, got)
		}
		if got := status1(t, id, values_{path: false}, path); got != Pass {
			t.Errorf("%s: off is %s, want pass", id, got)
		}
	}
}

// 1.1.2.3: the account's key is participant_video; participants_video is that of a user, and must not be looked at.
func TestLessonParticipantVideoIsSingular(t *testing.T) {
	const account, user = "schedule_meeting.participant_video", "schedule_meeting.participants_video"
	if got := status1(t, "CIS-1.1.2.3", values_{account: true, user: false}, account); got != Fail {
		t.Errorf("on in the account: %s, want fail", got)
	}
	if got := status1(t, "CIS-1.1.2.3", values_{account: false, user: true}, account); got != Pass {
		t.Errorf("off in the account and locked: %s, want pass", got)
	}
	if got := status1(t, "CIS-1.1.2.3", values_{user: false}, user); got != Unknown {
		t.Errorf("with the user's key alone: %s, want unknown", got)
	}
}

// 1.1.2.12: muting on entry is a setting of groups; the account has no such key.
func TestLessonMuteUponEntryIsOfGroups(t *testing.T) {
	const path = "schedule_meeting.mute_upon_entry"
	for _, value := range []bool{true, false} {
		if got := status1(t, "CIS-1.1.2.12", values_{path: value}); got != Unknown {
			t.Errorf("%v among the account's settings: %s, want unknown", value, got)
		}
	}
	all := map[string]Scoped{ScopeGroup: scopedOf(2, path, map[string]int{"true": 2})}
	if r := judge(t, "CIS-1.1.2.12", Input{Scoped: all}); r.Status != Pass {
		t.Errorf("on for both groups: %s (%s), want pass", r.Status, r.Reason)
	}
}

// 1.1.2.8: Zoom has no lock for the watermark, so none is asked for.
func TestLessonWatermarkHasNoLock(t *testing.T) {
	r := judge(t, "CIS-1.1.2.8", Input{Settings: values(t, values_{"in_meeting.watermark": true, "meeting_authentication": true})})
	if r.Status != Pass || r.Lock != LockNone || r.Points != r.MaxPoints {
		t.Errorf("%s, lock %s, %v points, want pass without a lock", r.Status, r.Lock, r.Points)
	}
}

// 3.1.1.1.3: the length of refused runs is 0 or 4 to 8, so that a limit of 9 can never be met. The same holds for meeting passcodes.
func TestLessonRunsOfCharactersHaveARange(t *testing.T) {
	for id, path := range map[string]string{"CIS-3.1.1.1.3": "security.password_requirement.consecutive_characters_length",
		"CIS-1.1.1.1.6": "meeting_security.meeting_password_requirement.consecutive_characters_length"} {
		for n := range 12 {
			want := Error // Zoom documents no such value
			switch {
			case n == 0:
				want = Fail
			case n >= 4 && n <= 8:
				want = Pass
			}
			if got := status1(t, id, values_{path: n}); got != want {
				t.Errorf("%s: %d is %s, want %s", id, n, got, want)
			}
		}
	}
}

// 1.1.4.1.x: data centres have keys of their own; the list of countries that people may join from says nothing about them.
func TestLessonDataCentresAreNotCountries(t *testing.T) {
	for _, id := range []string{"CIS-1.1.4.1.1", "CIS-1.1.4.1.2"} {
		for _, p := range pathsOf(t, id) {
			if !strings.HasPrefix(p, "in_meeting.") || !strings.Contains(p, "data_center_regions") {
				t.Errorf("%s reads %s", id, p)
			}
		}
		if got := status1(t, id, values_{"meeting_security.approved_or_denied_countries_or_regions.enable": true}); got != Unknown {
			t.Errorf("%s: countries alone make it %s, want unknown", id, got)
		}
	}
	if got := status1(t, "CIS-1.1.4.1.1", values_{"in_meeting.custom_data_center_regions": true}); got != Pass {
		t.Errorf("own regions: %s, want pass", got)
	}
}

// 1.1.1.1.6, 1.1.2.2 and 1.1.4.4.2 of the mod print another setting than they judge. Here no control says a word about a setting that is not its own.
func TestLessonEvidenceIsOfTheSettingJudged(t *testing.T) {
	c := catalogue(t)
	everything := Input{Feeds: feedsOK(), Settings: map[string]Setting{}, AsOf: asOf}
	cases := readCases(t)
	for _, ctl := range c.Controls {
		for _, bad := range cases[ctl.ID].Bad {
			for path, s := range values(t, bad) {
				everything.Settings[path] = s
			}
		}
	}
	all := settingPaths(c)
	for _, profile := range Profiles() {
		everything.Profile = profile
		for _, r := range Evaluate(c, everything) {
			own := pathsOf(t, r.ControlID)
			for _, word := range strings.FieldsFunc(r.Reason, func(r rune) bool { return r != '_' && r != '.' && (r < 'a' || r > 'z') && (r < '0' || r > '9') }) {
				word = strings.Trim(word, ".")
				if slices.Contains(all, word) && !slices.Contains(own, word) && !strings.HasPrefix(word, twoFactorMode) {
					t.Errorf("%s speaks of %s: %q", r.ControlID, word, r.Reason)
				}
			}
			if ctl, _ := c.Control(r.ControlID); r.Status == Fail && ctl.Scope == ScopeAccount && len(ctl.Assert.All)+len(ctl.Assert.Any) == 0 && ctl.Assert.Path != "" &&
				!strings.Contains(r.Reason, ctl.Assert.Path) && !(ctl.Under != nil && strings.Contains(r.Reason, ctl.Under.Switch)) && !slices.ContainsFunc(ctl.Assert.AltPaths, func(p string) bool { return strings.Contains(r.Reason, p) }) &&
				!strings.HasPrefix(ctl.Assert.Path, userPrefix) && ctl.Assert.Path != imGroups {
				t.Errorf("%s fails and does not name %s: %q", r.ControlID, ctl.Assert.Path, r.Reason)
			}
		}
	}
}

// 1.1.3.20 of the mod carries the id of 1.1.3.18. Here the reference to the benchmark is the id.
func TestLessonReferencesAreOfTheControl(t *testing.T) {
	for _, ctl := range catalogue(t).Controls {
		for _, ref := range ctl.Frameworks["cis_zoom_1.0.0"] {
			if ctl.ID != "CIS-"+ref {
				t.Errorf("%s refers to %s of the benchmark", ctl.ID, ref)
			}
		}
	}
}

// 23 controls of the mod end in "else ok" and 76 in "else alarm": a missing key passes or fails. Here it does neither, whichever key it is and whatever the
// others hold: taking a key away never makes a verdict that the key's values would not have allowed.
func TestLessonMissingKeyNeitherPassesNorFails(t *testing.T) {
	cases := readCases(t)
	for _, ctl := range catalogue(t).Controls {
		if ctl.Automation == AutomationManual || ctl.ID == "ZW-ID-07" || ctl.ID == "CIS-2.1.2.4" { // a list that came and is empty is an answer
			continue
		}
		if r := judge(t, ctl.ID, Input{}); !ctl.onObjects() && r.Status != Unknown && r.Status != NotApplicable {
			t.Errorf("%s: nothing known, yet %s", ctl.ID, r.Status)
		}
		if r := judge(t, ctl.ID, Input{Feeds: map[string]FeedState{FeedSettings: {State: FeedNever}}}); r.Status.Judged() {
			t.Errorf("%s: nothing read, yet %s", ctl.ID, r.Status)
		}
		for _, good := range cases[ctl.ID].Good {
			if len(good) != 1 {
				continue
			}
			for path := range good {
				for _, raw := range []string{"", "null"} {
					in := inputOf(t, &ctl, good)
					put(&in, &ctl, path, raw)
					if r := judge(t, ctl.ID, in); r.Status != Unknown || r.Points != 0 || r.Reason == "" {
						t.Errorf("%s: %s is %q: %s with %v points (%s), want unknown", ctl.ID, path, raw, r.Status, r.Points, r.Reason)
					}
				}
			}
		}
	}
}
