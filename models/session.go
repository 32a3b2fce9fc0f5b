package models

import (
	"time"

	"github.com/zoomward/zoomward/features"
)

// sessionReach is for how long before an operation a sign-in may be taken for the session that it belongs to: a working day and a night.
const sessionReach = 24 * time.Hour

// A session is the sign-in that an operation is taken to belong to. Rows of the operation log carry no address, so it is always inferred: the operator's last sign-in of any
// client in the sessionReach before. Whoever uses two clients at once may have worked from the other.
type session struct {
	features.Place     // of the sign-in: its time, address, network, country, client, category and tags; Country is "" when it is not known
	Row            int // of the sign-in among the day's rows; -1 when it was on the day before
}

// At returns when the session was opened.
func (x session) At() time.Time { return time.Unix(x.Second, 0).UTC() }

// details describes the session as evidence, marked as inferred.
func (x session) details() map[string]any {
	out := map[string]any{"at": x.At().Format(time.RFC3339), "ip": x.IP, "client_type": x.Client, "category": x.Category, "inferred": true}
	for name, v := range map[string]string{"country": x.Country, "city": x.City, "asn": x.Network, "tags": x.Tags} {
		if v != "" {
			out[name] = v
		}
	}
	return out
}

// sessionOf returns the session that a row of a user-day is taken to belong to; ok is false when the user did not sign in within sessionReach before it.
func (s *scene) sessionOf(u *features.UserDay, row int) (x session, ok bool) {
	r := s.day.Rows
	at := r.Second(row)
	earliest := at - int64(sessionReach/time.Second)
	for i := row - 1; i >= u.Lo; i-- {
		if r.Has(i, features.SignIn) {
			p, _ := r.Place(i)
			return session{p, i}, true
		}
	}
	for _, known := range u.Account.Sessions {
		if known.Second >= earliest && known.Second <= at && (!ok || known.Second > x.Second) {
			x, ok = session{known.Place, -1}, true
		}
	}
	return x, ok
}
