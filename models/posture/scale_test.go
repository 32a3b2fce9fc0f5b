package posture

import (
	"math"
	"strings"
	"testing"
	"time"
)

// Of a movement of the score, what another configuration did and what the account did are told apart; scores of one scale have one fingerprint.
func TestScoreSaysWhatTheConfigurationDid(t *testing.T) {
	db := openDB(t)
	exec(t, db, `INSERT INTO meta.feeds (feed, state, message) VALUES ('settings', 'ok', NULL)`)
	for _, path := range []string{"meeting_security.waiting_room", "meeting_security.meeting_password", "meeting_security.pmi_password"} {
		setting(t, db, path, "false", false, asOf)
	}
	setting(t, db, "security.sign_again_period_for_inactivity_on_web", "30", false, asOf)
	day := 0
	next := func(o ...func(*Options)) Summary {
		day++
		at := asOf.AddDate(0, 0, day)
		return run(t, db, "r"+string(rune('0'+day)), at, func(opts *Options) {
			for _, f := range o {
				f(opts)
			}
		})
	}
	excepted := func(o *Options) {
		o.Exceptions = []Exception{{Control: "CIS-1.1.1.2", State: ThirdParty, Reason: "r", Owner: "it", ExpiresOn: asOf.AddDate(0, 0, 4)}}
	}
	strict := func(o *Options) { o.Params = Params{"max_web_idle_minutes": 10} }
	var at = func(n int) time.Time { return asOf.AddDate(0, 0, n) }
	type movement struct{ total, configuration float64 }
	move := func(since int) (m Movement) {
		t.Helper()
		m, ok, err := ReadMovement(t.Context(), db, at(since))
		if err != nil || !ok {
			t.Fatalf("movement since %d: %v, %v", since, ok, err)
		}
		return m
	}
	check := func(name string, m Movement, want movement, words string) {
		t.Helper()
		if math.Abs(m.To-m.From-want.total) > 1e-9 || math.Abs(m.Configuration-want.configuration) > 1e-9 || m.Unknown || !strings.Contains(m.Words(), words) || (words == "") != (m.Words() == "") {
			t.Errorf("%s: %+v (%s), want %+v with %q", name, m, m.Words(), want, words)
		}
	}
	first, second := next(), next()
	if first.Score != second.Score {
		t.Fatalf("%+v, then %+v", first.Score, second.Score)
	}
	check("nothing changed", move(1), movement{}, "")
	third := next(excepted)
	check("an exception", move(2), movement{third.Score.Score - second.Score.Score, third.Score.Score - second.Score.Score}, "exceptions for CIS-1.1.1.2")
	setting(t, db, "meeting_security.pmi_password", "true", false, at(4).Add(-time.Hour))
	fourth := next(excepted)
	check("the account", move(3), movement{fourth.Score.Score - third.Score.Score, 0}, "")
	fifth := next(excepted, strict) // the exception ran out as well
	m := move(4)
	check("a parameter, and an exception that ran out", m, movement{fifth.Score.Score - fourth.Score.Score, fifth.Score.Score - fourth.Score.Score}, "parameters max_web_idle_minutes; exceptions for CIS-1.1.1.2")
	if m.Configuration >= 0 {
		t.Errorf("points were lost by it: %+v", m)
	}
	check("all of it", move(2), movement{fifth.Score.Score - second.Score.Score, fifth.Score.Score - second.Score.Score - (fourth.Score.Score - third.Score.Score)}, "from the account")
	sixth := next(func(o *Options) { o.Profile = ProfileStrict })
	check("a profile", move(5), movement{sixth.Score.Score - fifth.Score.Score, sixth.Score.Score - fifth.Score.Score}, "profile strict instead of baseline")

	var scales int
	if err := db.Row(t.Context(), `SELECT count(DISTINCT scale) FROM main.posture_score WHERE scale IS NOT NULL AND profile IS NOT NULL`).Scan(&scales); err != nil || scales != 4 {
		t.Errorf("%d scales, %v; want one a configuration", scales, err)
	}
	// A run of an older version measured nobody knows how, and a catalogue that is gone cannot be asked.
	exec(t, db, `UPDATE models.posture_scores SET scale_of = replace(scale_of, catalogue, 'other') WHERE run_id = 'r6'`)
	next(func(o *Options) { o.Profile = ProfileStrict })
	if m := move(6); !m.Unknown || !strings.Contains(m.Words(), "cannot be told: another catalogue of controls") {
		t.Errorf("%+v (%s)", m, m.Words())
	}
	exec(t, db, `UPDATE models.posture_scores SET scale_of = NULL WHERE run_id = 'r7'`)
	next(func(o *Options) { o.Profile = ProfileStrict })
	if m := move(7); !m.Unknown || !strings.Contains(m.Words(), "did not note") {
		t.Errorf("%+v (%s)", m, m.Words())
	}
}
