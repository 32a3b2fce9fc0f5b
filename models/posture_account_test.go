package models_test

import (
	"testing"
	"time"

	"github.com/zoomward/zoomward/ingest"
	"github.com/zoomward/zoomward/ingest/zoom"
	"github.com/zoomward/zoomward/ingest/zoomtest"
	"github.com/zoomward/zoomward/models/posture"
	"github.com/zoomward/zoomward/store"
)

// The three scopes that Microsoft's connector asks of Zoom.
var connectorScopes = []string{"account:read:admin", "user:read:admin", "chat_channel:read:admin"}

// judgeSimulated reads what posture needs from a simulated account with these scopes, nil for all, and judges it.
func judgeSimulated(t *testing.T, scopes []string, profile string) posture.Summary {
	t.Helper()
	now := time.Date(2026, 6, 15, 18, 30, 0, 0, time.UTC)
	company, err := zoomtest.NewCompany(zoomtest.Options{Seed: 7, Users: 60, Days: 60, End: now})
	if err != nil {
		t.Fatal(err)
	}
	server, err := zoomtest.NewServer(company, zoomtest.ServerOptions{AccountID: "account", ClientID: "client", ClientSecret: "secret", AsOf: now, NoLimits: true, Scopes: scopes})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	client, err := zoom.New(zoom.Config{AccountID: "account", ClientID: "client", ClientSecret: zoom.NewSecret("secret"), APIURL: server.URL + "/v2", OAuthURL: server.URL, Plan: zoom.PlanNone})
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), "", store.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	feeds := []string{"users", "settings", "domains", "groups", "group_settings", "user_settings"}
	if _, err := ingest.Run(t.Context(), ingest.Options{DB: db, Client: client, Now: now, RunID: "r", Feeds: feeds}); err != nil {
		t.Fatal(err)
	}
	s, err := posture.Run(t.Context(), db, posture.Options{RunID: "r", AccountID: "account", Now: func() time.Time { return now }, Profile: profile})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSeedCount(t *testing.T) {
	for _, p := range posture.Profiles() {
		s := judgeSimulated(t, connectorScopes, p)
		t.Log(p, s.Counts, s.Score)
		for _, r := range s.Results {
			if r.Status == posture.Unknown || r.Status == posture.Error {
				t.Log(r.ControlID, r.Status, r.Reason)
			}
		}
	}
	s := judgeSimulated(t, nil, "")
	t.Log("all scopes", s.Counts, s.Score)
}
