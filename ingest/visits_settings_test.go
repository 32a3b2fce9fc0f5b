package ingest

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zoomward/zoomward/ingest/zoom"
)

// answers is a Client that answers every endpoint with the same body.
type answers struct {
	Client
	bodies map[string]string // by endpoint
}

func (a answers) Get(_ context.Context, ep zoom.Endpoint, _ zoom.Args) (zoom.Row, error) {
	return zoom.NewRow([]byte(a.bodies[ep.Name]))
}

// What Zoom spells otherwise for a group or a user lands under the account's name, with its lock; where both names come, the account's counts.
func TestScopedSettingsHaveTheNamesOfTheAccount(t *testing.T) {
	for name, tc := range map[string]struct {
		scope, settings, locks string
		want                   map[string]string // value and lock by path
	}{
		"group": {scopeGroup, `{"schedule_meeting":{"use_pmi_for_schedule_meetings":true,"join_before_host":true}}`,
			`{"schedule_meeting":{"use_pmi_for_schedule_meetings":true,"join_before_host":false}}`,
			map[string]string{"schedule_meeting.use_pmi_for_scheduled_meetings": "true locked", "schedule_meeting.join_before_host": "true open"}},
		"user":      {scopeUser, `{"schedule_meeting":{"participants_video":false}}`, "", map[string]string{"schedule_meeting.participant_video": "false "}},
		"both":      {scopeUser, `{"schedule_meeting":{"participants_video":false,"participant_video":true}}`, "", map[string]string{"schedule_meeting.participant_video": "true "}},
		"null":      {scopeUser, `{"schedule_meeting":{"participants_video":false,"participant_video":null}}`, "", map[string]string{"schedule_meeting.participant_video": "false "}},
		"elsewhere": {scopeUser, `{"schedule_meeting":{"x":1},"in_meeting":{"participants_video":false,"chat":true}}`, "", map[string]string{"in_meeting.chat": "true "}},
	} {
		t.Run(name, func(t *testing.T) {
			locks := ""
			if tc.locks != "" {
				locks = "group_lock_settings"
			}
			r := &runner{Options: Options{Client: answers{bodies: map[string]string{"user_settings": tc.settings, locks: tc.locks}}}}
			l, err := askScopedSettings(tc.scope, "id", "user_settings", locks)(t.Context(), r, visit{parent: "p"})
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]string{}
			for _, row := range l.rows {
				got[row.vals[2].s] = row.vals[3].s + " " + row.vals[4].text
			}
			if d := cmp.Diff(tc.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

// Every name to rename to is one that is kept, and none that is renamed is one of the account's.
func TestAccountNamesAreKept(t *testing.T) {
	for from, to := range accountNames {
		if allowedSettings()[to] == "" || allowedSettings()[from] != "" {
			t.Errorf("%s is kept as %q and %s as %q", to, allowedSettings()[to], from, allowedSettings()[from])
		}
	}
}
