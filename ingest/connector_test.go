package ingest

import (
	"context"
	"slices"
	"testing"
)

// scopedAccount is an account whose token has some scopes.
type scopedAccount struct {
	*account
	granted []string
}

func (a scopedAccount) Scopes(context.Context) ([]string, error) { return a.granted, nil }

// A run of some feeds notes what all feeds lack, without those that are never read.
func TestMissingScopesOfARunOfSomeFeeds(t *testing.T) {
	db := openStore(t)
	const groups, reports, users = "group:read:admin", "report:read:admin", "user:read:admin"
	for _, tt := range []struct {
		feeds, skip []string
	}{
		{nil, nil}, {[]string{"users"}, nil}, {[]string{"users"}, []string{"groups", "group_settings"}},
	} {
		o := Options{DB: db, Client: scopedAccount{smallAccount(), []string{users}}, Now: testNow, RunID: "r", Feeds: tt.feeds, Skip: tt.skip}
		feeds, err := selectFeeds(tt.feeds, tt.skip)
		if err != nil {
			t.Fatal(err)
		}
		if err := (&runner{Options: o}).noteConnector(t.Context(), feeds); err != nil {
			t.Fatal(err)
		}
		var got struct {
			Missing [][]string `col:"missing"`
		}
		if err := db.Read(t.Context(), &got, `SELECT missing FROM meta.connector`); err != nil || len(got.Missing) != 1 {
			t.Fatalf("%d rows, %v", len(got.Missing), err)
		}
		missing := got.Missing[0]
		if !slices.Contains(missing, reports) || slices.Contains(missing, users) || slices.Contains(missing, groups) != (tt.skip == nil) {
			t.Errorf("feeds %v without %v: missing %v", tt.feeds, tt.skip, missing)
		}
	}
}
