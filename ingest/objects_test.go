package ingest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zoomward/zoomward/ingest/zoom"
	"github.com/zoomward/zoomward/store"
)

// What Zoom does not send, or sends as something else than it documents, lands as NULL and never as a value; of a passcode only whether there is one lands.
func TestOddFieldsLandAsNothing(t *testing.T) {
	type row = map[string]any
	for _, tc := range []struct {
		name string
		t    *table
		args zoom.Args
		raw  string
		want row
	}{
		{"user", userDetailsTable, zoom.Args{"userId": "u"}, `{"login_types":[101,1],"use_pmi":false}`, row{"user_id": "u", "login_types": []string{"1", "101"}, "use_pmi": false}},
		{"user without", userDetailsTable, zoom.Args{"userId": "u"}, `{"login_types":[]}`, row{"user_id": "u"}},
		{"odd user", userDetailsTable, zoom.Args{"userId": "u"}, `{"login_types":"101","use_pmi":"perhaps"}`, row{"user_id": "u"}},
		{"odder user", userDetailsTable, zoom.Args{"userId": "u"}, `{"login_types":{"a":1},"use_pmi":[true]}`, row{"user_id": "u"}},
		{"meeting", meetingSettingsTable, zoom.Args{"meetingId": "1"}, `{"password":"secret","settings":{"waiting_room":true,"join_before_host":false,"approval_type":2,"encryption_type":"e2ee","alternative_hosts":"a@example.com"}}`,
			row{"meeting_id": "1", "has_passcode": true, "waiting_room": true, "join_before_host": false, "approval_type": int64(2), "encryption_type": "e2ee", "alternative_hosts": "a@example.com"}},
		{"meeting without passcode", meetingSettingsTable, zoom.Args{"meetingId": "1"}, `{"password":""}`, row{"meeting_id": "1", "has_passcode": false}},
		{"meeting of which nothing is said", meetingSettingsTable, zoom.Args{"meetingId": "1"}, `{"settings":null}`, row{"meeting_id": "1"}},
		{"odd meeting", meetingSettingsTable, zoom.Args{"meetingId": "1"}, `{"settings":{"waiting_room":"x","use_pmi":3,"approval_type":"two","auto_recording":["local"],"encryption_type":{}}}`, row{"meeting_id": "1"}},
		{"delegate", userAssistantsTable, zoom.Args{"userId": "u"}, `{"id":"x","email":"A@Example.com"}`, row{"user_id": "u", "assistant_id": "x", "email": "a@example.com"}},
		{"channel", chatChannelsTable, nil, `{"id":"c","channel_settings":{"mention_all_permissions":1}}`, row{"channel_id": "c", "mention_all_permissions": int64(1)}},
		{"odd channel", chatChannelsTable, nil, `{"id":"c","type":"public","channel_settings":[1]}`, row{"channel_id": "c"}},
	} {
		raw, err := zoom.NewRow([]byte(tc.raw))
		if err != nil {
			t.Fatal(err)
		}
		l := tc.t.landing()
		l.add(&runner{}, raw, tc.args)
		if len(l.rows) != 1 {
			t.Errorf("%s: %d rows landed", tc.name, len(l.rows))
			continue
		}
		got := row{}
		for i, c := range tc.t.columns {
			switch v := l.rows[0].vals[i]; {
			case v.b != nil:
				got[c.name] = *v.b
			case v.i != nil:
				got[c.name] = *v.i
			case v.l != nil:
				got[c.name] = v.l
			case v.s != "":
				got[c.name] = v.s
			}
		}
		if d := cmp.Diff(tc.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, d)
		}
	}
	// A text under the name of a secret is a choice of Zoom's, or what is kept says only that it is some text.
	for value, kept := range map[string]bool{"all": true, "jbh_only": true, "none": true, "true": true, "hunter2": false, "12345678901": false} {
		tree := map[string]any{"schedule_meeting": map[string]any{"require_password_for_pmi_meetings": value}}
		got := flattenSettings(zoom.OptionAll, tree)["schedule_meeting.require_password_for_pmi_meetings"]
		if _, odd := store.IsOtherKind(got); odd == kept || strings.Contains(got, value) != kept {
			t.Errorf("%s is kept as %s", value, got)
		}
	}
}
