package posture

import (
	"slices"
	"strings"
	"testing"
)

// The three recommendations that Microsoft names for Zoom, in every status that they can have.
func TestMicrosoftRecommendations(t *testing.T) {
	const (
		idle = "security.sign_again_period_for_inactivity_on_web"
		e2ee = "meeting_security.end_to_end_encrypted_meetings"
		kind = "meeting_security.encryption_type"
	)
	people := []User{user(1, "0", "active", "licensed", 1, "g1"), user(2, "1", "active", "licensed", 1, "g1", "g2"), user(3, "2", "active", "basic", 1, "g2"),
		user(4, "2", "active", "basic", 1), user(5, "2", "inactive", "basic", 1), user(6, "1", "pending", "basic", -1)}
	refused := func(feed, state, message string) map[string]FeedState {
		f := feedsOK()
		f[feed] = FeedState{State: state, Message: message}
		return f
	}
	both := []string{e2ee, kind}
	for _, tc := range []struct {
		name     string
		id       string
		settings values_
		locked   []string
		open     []string
		feeds    map[string]FeedState
		nobody   bool
		want     Status
		points   float64
		observed string
		reason   string
	}{
		{name: "for all", id: "MS-ZOOM-01", settings: values_{twoFactorMode: "all"}, want: Pass, points: 10, observed: "all"},
		{name: "for nobody", id: "MS-ZOOM-01", settings: values_{twoFactorMode: "none"}, want: Fail, observed: "none", reason: "expected: all users"},
		{name: "for some groups", id: "MS-ZOOM-01", settings: values_{twoFactorMode: "group", twoFactorGroups: []string{"g1"}}, want: PartialPass, points: 5,
			observed: "group, covers 2 of 4 active users (50 %)", reason: "right for 2 of 4 users"},
		{name: "for two groups", id: "MS-ZOOM-01", settings: values_{twoFactorMode: "group", twoFactorGroups: []string{"g1", "g2"}}, want: PartialPass, points: 7.5,
			observed: "group, covers 3 of 4 active users (75 %)"},
		{name: "for a role", id: "MS-ZOOM-01", settings: values_{twoFactorMode: "role", twoFactorRoles: []string{"0"}}, want: PartialPass, points: 2.5,
			observed: "role, covers 1 of 4 active users (25 %)"},
		{name: "for a group of nobody", id: "MS-ZOOM-01", settings: values_{twoFactorMode: "group", twoFactorGroups: []string{"g9"}}, want: Fail,
			observed: "group, covers 0 of 4 active users (0 %)"},
		{name: "groups not sent", id: "MS-ZOOM-01", settings: values_{twoFactorMode: "group"}, want: Unknown, observed: "group", reason: twoFactorGroups},
		{name: "users refused", id: "MS-ZOOM-01", settings: values_{twoFactorMode: "role", twoFactorRoles: []string{"0"}}, feeds: refused(FeedUsers, FeedNotAuthorised, "add user:read:admin"),
			want: Unknown, observed: "role", reason: "add user:read:admin"},
		{name: "users not read", id: "MS-ZOOM-01", settings: values_{twoFactorMode: "role", twoFactorRoles: []string{"0"}}, nobody: true, want: Unknown, observed: "role", reason: "zoomward ingest"},
		{name: "all needs no users", id: "MS-ZOOM-01", settings: values_{twoFactorMode: "all"}, feeds: refused(FeedUsers, FeedNotAuthorised, ""), want: Pass, points: 10, observed: "all"},
		{name: "key not sent", id: "MS-ZOOM-01", settings: values_{}, want: Unknown, reason: "is not among what Zoom sends"},
		{name: "settings refused", id: "MS-ZOOM-01", settings: values_{twoFactorMode: "all"}, feeds: refused(FeedSettings, FeedNotAuthorised, "add account:read:admin"), want: Unknown, reason: "add account:read:admin"},
		{name: "another kind of value", id: "MS-ZOOM-01", settings: values_{twoFactorMode: []string{"all"}}, want: Error},

		{name: "an hour", id: "MS-ZOOM-02", settings: values_{idle: 60}, want: Pass, points: 8, observed: "60"},
		{name: "five minutes", id: "MS-ZOOM-02", settings: values_{idle: 5}, want: Pass, points: 8, observed: "5"},
		{name: "off", id: "MS-ZOOM-02", settings: values_{idle: 0}, want: Fail, observed: "0"},
		{name: "two hours", id: "MS-ZOOM-02", settings: values_{idle: 120}, want: Fail, observed: "120", reason: "at most 60 minutes"},
		{name: "not sent", id: "MS-ZOOM-02", settings: values_{}, want: Unknown, reason: idle},
		{name: "refused", id: "MS-ZOOM-02", settings: values_{idle: 5}, feeds: refused(FeedSettings, FeedNotAuthorised, "add account:read:admin"), want: Unknown, reason: "add account:read:admin"},
		{name: "a word", id: "MS-ZOOM-02", settings: values_{idle: "often"}, want: Error},

		{name: "right and locked", id: "MS-ZOOM-03", settings: values_{e2ee: true, kind: "e2ee"}, locked: both, want: Pass, points: 8, observed: "end_to_end_encrypted_meetings: on; encryption_type: e2ee"},
		{name: "one lock open", id: "MS-ZOOM-03", settings: values_{e2ee: true, kind: "e2ee"}, locked: both[:1], open: both[1:], want: PartialPass, points: 4, reason: "not locked"},
		{name: "locks not sent", id: "MS-ZOOM-03", settings: values_{e2ee: true, kind: "e2ee"}, want: Unknown, reason: "whether it is locked is not known"},
		{name: "not the default", id: "MS-ZOOM-03", settings: values_{e2ee: true, kind: "enhanced_encryption"}, locked: both, want: Fail},
		{name: "not allowed", id: "MS-ZOOM-03", settings: values_{e2ee: false, kind: "enhanced_encryption"}, locked: both, want: Fail},
		{name: "half sent", id: "MS-ZOOM-03", settings: values_{e2ee: true}, locked: both, want: Unknown, reason: kind},
		{name: "half sent and wrong", id: "MS-ZOOM-03", settings: values_{e2ee: false}, locked: both, want: Fail},
		{name: "plan", id: "MS-ZOOM-03", settings: values_{e2ee: true, kind: "e2ee"}, locked: both, feeds: refused(FeedSettings, FeedPlanTooLow, ""), want: NotApplicable, reason: "plan"},
	} {
		t.Run(tc.id+" "+tc.name, func(t *testing.T) {
			s := values(t, tc.settings)
			lockAll(s, true, tc.locked...)
			lockAll(s, false, tc.open...)
			in := Input{Settings: s, Users: people, Feeds: tc.feeds}
			if tc.nobody {
				in.Users = nil
			}
			r := judge(t, tc.id, in)
			if r.Status != tc.want || r.Points != tc.points {
				t.Errorf("%s with %v points (%s), want %s with %v", r.Status, r.Points, r.Reason, tc.want, tc.points)
			}
			if tc.observed != "" && r.Observed != tc.observed {
				t.Errorf("observed %q, want %q", r.Observed, tc.observed)
			}
			if !strings.Contains(r.Reason, tc.reason) {
				t.Errorf("reason %q, want one with %q", r.Reason, tc.reason)
			}
		})
	}
}

// Each of the three says click by click what to do, and every other control has at least where to go and what to change.
func TestSteps(t *testing.T) {
	c := catalogue(t)
	for i := range c.Controls {
		ctl := &c.Controls[i]
		steps := c.Steps(ctl, nil)
		if len(steps) < 2 {
			t.Errorf("%s: %q", ctl.ID, steps)
		}
		if strings.HasPrefix(ctl.ID, "MS-ZOOM-") && (len(ctl.Remediation.Steps) < 4 || ctl.Effort == "" || ctl.UserImpact == "") {
			t.Errorf("%s has %d steps of its own, effort %q, user impact %q", ctl.ID, len(ctl.Remediation.Steps), ctl.Effort, ctl.UserImpact)
		}
		for _, s := range steps {
			if s == "" || strings.ContainsAny(s, "{}") {
				t.Errorf("%s: step %q", ctl.ID, s)
			}
		}
	}
	for id, first := range map[string]string{"ZW-CON-03": "Open a shell on the machine", "ZW-CHN-03": "Sign in to the Zoom app as the owner of the channel", "ZW-APP-01": "Sign in to the Zoom App Marketplace",
		"CIS-1.1.1.2": "Sign in to the Zoom web portal"} {
		ctl, _ := c.Control(id)
		if steps := c.Steps(&ctl, nil); !strings.HasPrefix(steps[0], first) || strings.Contains(strings.Join(steps, " "), "Open "+thisMachine) {
			t.Errorf("%s: %q, want %q first", id, steps, first)
		}
	}
	// Whoever turns on end-to-end encryption knows before what stops working, and how Zoom's portal locks a setting.
	e2ee, _ := c.Control("MS-ZOOM-03")
	text := strings.Join(c.Steps(&e2ee, nil), "\n")
	for _, what := range []string{"telephone", "SIP", "H.323", "on-premise", "web client", "third-party clients", "Lync", "Skype", "joining before the host", "cloud recording", "live streaming", "live transcription",
		"AI Companion", "breakout rooms", "polls", "lock icon", "confirm with Lock", "green shield", "posture.profile"} {
		if !strings.Contains(text, what) {
			t.Errorf("the steps of MS-ZOOM-03 do not name %s", what)
		}
	}
	if strings.Index(text, "telephone") > strings.Index(text, "Turn on the switch") {
		t.Error("MS-ZOOM-03 says what stops working after it is turned on")
	}
	for _, other := range []string{"CIS-1.3.1", "CIS-1.1.4.14", "CIS-1.2.2.1", "CIS-1.1.4.2.1", "CIS-1.1.3.12"} {
		if !slices.Contains(e2ee.ConflictsWith, other) {
			t.Errorf("MS-ZOOM-03 does not exclude %s", other)
		}
	}
	// The lock is closed once, whoever says so.
	for _, ctl := range c.Controls {
		if ctl.Lock == nil || ctl.Lock.Want == LockOptional || len(ctl.Remediation.Steps) > 0 {
			continue
		}
		n := 0
		for _, s := range c.Steps(&ctl, nil) {
			if strings.Contains(s, "lock") {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%s: %d steps on the lock: %q", ctl.ID, n, c.Steps(&ctl, nil))
		}
	}
	idle, _ := c.Control("MS-ZOOM-02")
	if text := strings.Join(c.Steps(&idle, Params{"max_web_idle_minutes": 15}), " "); !strings.Contains(text, "to 15 minutes or less") {
		t.Errorf("the steps do not go by the configuration: %s", text)
	}
}

func TestPercentText(t *testing.T) {
	for _, tc := range []struct {
		part, whole int
		want        string
	}{{0, 4, "0 %"}, {1, 300, "under 1 %"}, {1, 3, "33 %"}, {299, 300, "over 99 %"}, {300, 300, "100 %"}} {
		if got := percentText(tc.part, tc.whole); got != tc.want {
			t.Errorf("%d of %d: %s, want %s", tc.part, tc.whole, got, tc.want)
		}
	}
}
