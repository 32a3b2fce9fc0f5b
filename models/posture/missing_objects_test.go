package posture

import "testing"

// Who leads a channel, and from where, counts only as far as Zoom says it.
func TestChannelMembersThatZoomSaysLittleOf(t *testing.T) {
	db := openDB(t)
	exec(t, db, `INSERT INTO meta.feeds (feed, state) VALUES ('users', 'ok'), ('public_channels', 'ok'), ('user_channels', 'ok'), ('channel_members', 'ok')`)
	exec(t, db, `INSERT INTO ingest.users (user_id, email, type, status, role_id, row_hash, first_seen_at, run_id) VALUES ('a', 'a@example.com', 'basic', 'active', '0', 'h', ?, 'r0'),
		('g', 'g@example.com', 'basic', 'inactive', '2', 'h', ?, 'r0')`, asOf, asOf)
	const owner = `('a', 'a@example.com', 'owner', false)`
	cases := []struct {
		name, members   string
		leaders, active Status // of ZW-CHN-06 and ZW-CHN-07; "" holds
	}{
		{"colleagues", owner + `, (NULL, NULL, 'member', NULL)`, "", ""},
		{"an outsider without rank", owner + `, (NULL, 'x@example.net', 'member', true)`, "", ""},
		{"an admin who may be from outside", owner + `, (NULL, 'x@example.net', 'admin', NULL)`, Unknown, ""},
		{"an outsider of a rank not sent", owner + `, (NULL, 'x@example.net', NULL, true)`, Unknown, ""},
		{"an outsider of a rank unheard of", owner + `, (NULL, 'x@example.net', 'co-owner', true)`, Unknown, ""},
		{"neither sent", owner + `, (NULL, 'x@example.net', NULL, NULL)`, Unknown, ""},
		{"a colleague of a rank not sent", owner + `, (NULL, 'b@example.com', NULL, false)`, "", ""},
		{"an outside admin, and one who may be", owner + `, (NULL, 'x@example.net', 'admin', true), (NULL, 'y@example.net', 'admin', NULL)`, Fail, ""},
		{"an owner without id and address", `(NULL, NULL, 'owner', false)`, "", Unknown},
		{"an owner from outside", `(NULL, NULL, 'owner', true)`, Fail, Fail},
		{"an owner who is gone", `('g', 'g@example.com', 'owner', false)`, "", Fail},
		{"an owner whom nobody lists", `('z', NULL, 'owner', false)`, "", Fail},
		{"no owner", `('a', 'a@example.com', 'member', false)`, "", Fail},
	}
	for i, tc := range cases {
		id := string(rune('a' + i))
		exec(t, db, `INSERT INTO ingest.chat_channels (channel_id, name, type, row_hash, first_seen_at, run_id) VALUES (?, ?, 3, 'h', ?, 'r0')`, id, tc.name, asOf)
		exec(t, db, `INSERT INTO ingest.channel_members SELECT ? || row_number() OVER (), ?, u, coalesce(e, 'm'), e, 'N', r, x, 'h', ?, NULL, 'r0'
			FROM (VALUES `+tc.members+`) AS m(u, e, r, x)`, id, id, asOf)
	}
	of := map[string]Result{}
	for _, r := range run(t, db, "r1", asOf).Results {
		of[r.ControlID] = r
	}
	for i, tc := range cases {
		for control, want := range map[string]Status{"ZW-CHN-06": tc.leaders, "ZW-CHN-07": tc.active} {
			if got := resourceOf(of[control], string(rune('a'+i))).Status; got != want {
				t.Errorf("%s, %s: %q, want %q", control, tc.name, got, want)
			}
		}
	}
}

func resourceOf(r Result, id string) Resource {
	for _, x := range r.Resources {
		if x.ID == id {
			return x
		}
	}
	return Resource{}
}

// Somebody whose address Zoom does not give is no outsider for that, nor a colleague.
func TestAddressThatZoomDoesNotGive(t *testing.T) {
	db := openDB(t)
	exec(t, db, `INSERT INTO meta.feeds (feed, state) VALUES ('users', 'ok'), ('user_assistants', 'ok'), ('domains', 'ok'), ('roles', 'ok'), ('role_members', 'ok')`)
	exec(t, db, `INSERT INTO ingest.domains VALUES ('k', 'managed', 'example.com', 'verified', 'h', ?, NULL, 'r0')`, asOf)
	cases := []struct {
		name, others string // id and address of those who may schedule, or hold the role
		want         Status // "" holds
	}{
		{"a colleague by address", `('x', 'x@example.com')`, ""},
		{"a colleague by id", `('a', NULL)`, ""},
		{"an outsider", `('y', 'y@example.net')`, Fail},
		{"an id that is not listed", `('z', NULL)`, Unknown},
		{"neither id nor address", `(NULL, NULL)`, Unknown},
		{"a colleague, and one who is not listed", `('a', NULL), ('z', NULL)`, Unknown},
		{"an outsider, and one who is not listed", `('y', 'y@example.net'), ('z', NULL)`, Fail},
	}
	for i, tc := range cases {
		id := string(rune('a' + i))
		exec(t, db, `INSERT INTO ingest.users (user_id, email, type, status, role_id, row_hash, first_seen_at, run_id) VALUES (?, ?, 'basic', 'active', '2', 'h', ?, 'r0')`, id, id+"@example.com", asOf)
		exec(t, db, `INSERT INTO ingest.user_assistants SELECT ? || row_number() OVER (), ?, u, e, 'h', ?, NULL, 'r0' FROM (VALUES `+tc.others+`) AS m(u, e)`, id, id, asOf)
		exec(t, db, `INSERT INTO ingest.roles VALUES (?, ?, NULL, 'common', 1, ['User:Read'], 'h', ?, NULL, 'r0')`, id, tc.name, asOf)
		exec(t, db, `INSERT INTO ingest.role_members SELECT ? || row_number() OVER (), ?, u, e, NULL, 'h', ?, NULL, 'r0' FROM (VALUES `+tc.others+`) AS m(u, e)`, id, id, asOf)
	}
	of := map[string]Result{}
	for _, r := range run(t, db, "r1", asOf).Results {
		of[r.ControlID] = r
	}
	for i, tc := range cases {
		for _, control := range []string{"ZW-USR-14", "ZW-ROLE-02"} {
			if got := resourceOf(of[control], string(rune('a'+i))).Status; got != tc.want {
				t.Errorf("%s, %s: %q, want %q", control, tc.name, got, tc.want)
			}
		}
	}
}
