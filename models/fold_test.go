package models

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/zoomward/zoomward/store"
)

// landedActivities and landedOperations are rows as the ingestor lands them.
type landedActivities struct {
	ID      []string    `col:"activity_id"`
	Email   []string    `col:"user_email"`
	At      []time.Time `col:"occurred_at"`
	Kind    []string    `col:"kind"`
	IP      []string    `col:"ip_address"`
	Prefix  []string    `col:"ip_prefix"`
	Country []string    `col:"country_code"`
	ASN     []int64     `col:"asn"`
	Client  []string    `col:"client_type"`
	Version []string    `col:"client_version"`
	Batch   []int64     `col:"batch"`
	Run     []string    `col:"run_id"`
}

type landedOperations struct {
	ID       []string    `col:"operation_id"`
	Email    []string    `col:"operator"`
	At       []time.Time `col:"occurred_at"`
	Category []string    `col:"category"`
	Action   []string    `col:"action"`
	Detail   []string    `col:"detail"`
	Batch    []int64     `col:"batch"`
	Run      []string    `col:"run_id"`
}

var epoch = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC) // a Monday

// fill lands events of made-up users: each has hours, actions, networks and a client of his own.
func fill(t testing.TB, db *store.DB, users, days, perDay int) time.Time {
	t.Helper()
	ctx := context.Background()
	actions := [][2]string{{"Recording", "Download"}, {"Recording", "Delete"}, {"User Settings", "Update"}, {"User", "Update"}, {"Account", "Update"}, {"User Group", "Update"}, {"Im", "Export"}}
	for d := range days {
		var a landedActivities
		var o landedOperations
		day := epoch.AddDate(0, 0, d)
		for u := range users {
			rng := rand.New(rand.NewPCG(uint64(u), uint64(d)))
			habit := rand.New(rand.NewPCG(uint64(u), 1<<40))
			if rng.Float64() < 0.25 {
				continue
			}
			email := fmt.Sprintf("u%05d@example.com", u)
			start := time.Duration(6+habit.IntN(8))*time.Hour + time.Duration(rng.IntN(3600))*time.Second
			favourite := habit.Perm(len(actions))
			at := day.Add(start)
			n := 1 + rng.IntN(2*perDay-1)
			for k := range n {
				id := fmt.Sprintf("%d-%d-%d", u, d, k)
				if k%4 == 0 {
					p := fmt.Sprintf("10.%d.%d.0/24", u/250, u%250)
					country := "US"
					if rng.IntN(20) == 0 {
						p = fmt.Sprintf("10.250.%d.0/24", rng.IntN(40))
					}
					a.ID, a.Email, a.At, a.Kind = append(a.ID, "a"+id), append(a.Email, email), append(a.At, at), append(a.Kind, "sign_in")
					a.IP, a.Prefix, a.Country, a.ASN = append(a.IP, p[:len(p)-4]+"7"), append(a.Prefix, p), append(a.Country, country), append(a.ASN, 64500+int64(u%20))
					a.Client, a.Version = append(a.Client, []string{"Windows", "Mac", "Browser"}[u%3]), append(a.Version, fmt.Sprintf("6.%d.0", d/30))
					a.Batch, a.Run = append(a.Batch, int64(d)), append(a.Run, "r")
				} else {
					act := actions[favourite[min(rng.IntN(4), rng.IntN(4))]]
					o.ID, o.Email, o.At = append(o.ID, "o"+id), append(o.Email, email), append(o.At, at)
					o.Category, o.Action, o.Detail = append(o.Category, act[0]), append(o.Action, act[1]), append(o.Detail, "something")
					o.Batch, o.Run = append(o.Batch, int64(d)), append(o.Run, "r")
				}
				at = at.Add(time.Duration(1+rng.IntN(1<<(3+rng.IntN(9)))) * time.Second)
			}
		}
		err := db.Tx(ctx, func(tx *store.Tx) error {
			if _, err := tx.Append(ctx, "ingest.activities", a); err != nil {
				return err
			}
			_, err := tx.Append(ctx, "ingest.operations", o)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return epoch.AddDate(0, 0, days)
}

func memory(t testing.TB) *store.DB {
	t.Helper()
	db, err := store.Open(context.Background(), "", store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func foldAll(t testing.TB, db *store.DB, now time.Time) FoldSummary {
	t.Helper()
	s, err := Fold(context.Background(), db, FoldOptions{Config: DefaultConfig(), Now: now, RunID: "run"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestFoldScoresEveryActiveDay(t *testing.T) {
	db := memory(t)
	now := fill(t, db, 40, 30, 8)
	s := foldAll(t, db, now)
	t.Logf("%+v", s)
	var missing, rows int
	err := db.Row(t.Context(), `SELECT (SELECT count(*) FROM (SELECT user_email, occurred_at::DATE AS day FROM activities UNION SELECT operator, occurred_at::DATE FROM operations)
		ANTI JOIN user_days USING (user_email, day)), (SELECT count(*) FROM user_days)`).Scan(&missing, &rows)
	if err != nil || missing != 0 || rows != s.UserDays {
		t.Errorf("%d user-days missing, %d rows, %v", missing, rows, err)
	}
}
