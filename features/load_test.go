package features

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zoomward/zoomward/store"
)

// landed opens a database in memory with so many days of sign-ins and operations that bring new texts every day.
func landed(t *testing.T, days int) *store.DB {
	t.Helper()
	ctx := context.Background()
	db, err := store.Open(ctx, "", store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	err = db.Tx(ctx, func(tx *store.Tx) error {
		for _, q := range []string{
			`INSERT INTO ingest.activities (activity_id, user_email, occurred_at, kind, ip_address, client_type, client_version, ip_prefix, country_code, asn, network_category, network_tags, batch, run_id)
				SELECT 'a' || d || '-' || u, 'u' || u || '@example.com', TIMESTAMP '2026-01-05 08:00:00' + to_days(d::INTEGER) + to_minutes(u), if(u % 5 = 4, 'sign_out', 'sign_in'),
					'10.' || d || '.' || u || '.7', 'Client ' || d % 7, '6.' || d || '.' || u, '10.' || d || '.' || u || '.0/24', 'DE', 64500 + d, 'vpn ' || d, ['list ' || d], d, 'r'
				FROM range($1) AS days(d), range(20) AS users(u)`,
			`INSERT INTO ingest.operations (operation_id, operator, occurred_at, category, action, detail, subject, setting, batch, run_id)
				SELECT 'o' || d || '-' || u, 'u' || u || '@example.com', TIMESTAMP '2026-01-05 09:00:00' + to_days(d::INTEGER) + to_minutes(u), 'Account', 'Update ' || d, 'Detail ' || d, 'Subject ' || u,
					'Setting ' || d, d, 'r'
				FROM range($1) AS days(d), range(20) AS users(u)`,
		} {
			if _, err := tx.Exec(ctx, q, days); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// The next rows are read while the caller looks at those that it has, which must therefore share nothing with the reading that changes: the race detector sees to
// that here, as it takes a large account for a fold to read more than one chunk.
func TestRowsAreReadBesideTheNext(t *testing.T) {
	const days = 60
	db := landed(t, days)
	st := NewState()
	from := DayNumber(time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC))
	var seen int
	for d, err := range daysByChunks(t.Context(), db, st.Dictionary(), from, from+days, 1) {
		if err != nil {
			t.Fatal(err)
		}
		seen++
		st.Tokenise(d.Users)
		r := d.Rows
		Parallel(len(d.Users), func(i int) {
			u := &d.Users[i]
			for row := u.Lo; row < u.Hi; row++ {
				texts := []string{r.User(row), r.Kind(row), r.Action(row), r.Category(row), r.Detail(row), r.Subject(row), r.Setting(row), r.Changes(row), r.IP(row), r.Prefix(row),
					r.Country(row), r.City(row), r.Client(row), r.Version(row), r.Network(row), r.Org(row), r.NetworkCategory(row), r.ID(row), r.Local(row).String()}
				if texts[0] != u.Email {
					t.Errorf("row %d of %s is said to be of %s", row, u.Email, texts[0])
				}
				_, _, _ = r.Tags(row), r.Repeats(row), r.Has(row, OffHours)
				_, placed := r.Place(row)
				x, known := st.ContextOf(r, row)
				if signIn := r.Has(row, SignIn); known != signIn || placed != (r.Kind(row) != "operation") {
					t.Errorf("%s of %s: context %t, place %t", r.Kind(row), u.Email, known, placed)
				}
				if known && !slices.Contains(u.Contexts, x) {
					t.Errorf("%s: context %v of a sign-in is none of the day's %v", u.Email, x, u.Contexts)
				}
				if e := r.event(row); e.SignIn && (r.dict.Text(e.Network) != r.Network(row) || r.dict.Text(e.Version) != r.Client(row)+" "+r.Version(row)) ||
					!e.SignIn && strings.HasPrefix(r.Action(row), "Account") && r.dict.Text(e.Setting) != "Account|"+r.Setting(row) {
					t.Errorf("event %+v of %q", e, texts)
				}
			}
		})
		st.Day = d.Number
	}
	if seen != days {
		t.Errorf("%d days of %d", seen, days)
	}
}
