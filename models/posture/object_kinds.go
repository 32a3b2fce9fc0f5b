package posture

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

const aDay = 24 * time.Hour

var userKind = kindOf("user", "users", func(in *Input) []User { return in.Users },
	func(u *User) (string, string) {
		if u.ID == "" { // nobody who is only invited has an id
			return u.Email, u.Email
		}
		return u.ID, u.Email
	},
	fields[User]{
		"status": func(_ *evaluation, u *User) any { return optText(u.Status) },
		"type":   func(_ *evaluation, u *User) any { return optText(u.Type) },
		"role":   func(_ *evaluation, u *User) any { return optText(u.RoleID) },
		// Days since the last sign-in, less the three by which Zoom may be late in telling of it.
		"days_away": func(ev *evaluation, u *User) any {
			if u.LastLoginAt.IsZero() {
				return nil
			}
			return since{u.LastLoginAt, max(0, ceil(ev.in.AsOf.Sub(u.LastLoginAt)-loginDelay, aDay))}
		},
		// Days since zoomward first saw the user: Zoom gives pending users no date of their own.
		"days_known": func(ev *evaluation, u *User) any {
			if u.FirstSeenAt.IsZero() {
				return nil
			}
			return since{u.FirstSeenAt, ceil(ev.in.AsOf.Sub(u.FirstSeenAt), aDay)}
		},
		"days_in_account": func(ev *evaluation, u *User) any {
			if u.JoinedAt.IsZero() {
				return nil
			}
			return since{u.JoinedAt, ceil(ev.in.AsOf.Sub(u.JoinedAt), aDay)}
		},
		// Whether there ever was a sign-in. That Zoom names none says nothing, unless the report of sign-ins goes back to the day on which the user came.
		"ever_signed_in": func(ev *evaluation, u *User) any {
			switch {
			case !u.LastLoginAt.IsZero():
				return true
			case u.JoinedAt.IsZero() || ev.in.SignInsFrom.IsZero() || ev.in.SignInsFrom.After(u.JoinedAt):
				return notKnown{causeMissing, "Zoom names no sign-in, and the sign-ins that were read do not go back to the day the user came"}
			}
			return false
		},
		"verified": func(_ *evaluation, u *User) any { return optBool(u.Verified) },
		"internal": func(ev *evaluation, u *User) any { return ev.allInternal([]string{u.Email}) },
		"two_factor_required": func(ev *evaluation, u *User) any {
			covered, o := ev.cover()
			if covered == nil {
				return notKnown{o.cause, o.reason()}
			}
			if t := covered(u); t != unknown {
				return t == yes
			}
			return notKnown{causeMissing, "Zoom does not say the role of the user, and the rule goes by roles"}
		},
		"login_types": func(_ *evaluation, u *User) any {
			if u.LoginTypes == nil {
				return nil
			}
			return u.LoginTypes
		},
		"personal_id_for_instant": func(_ *evaluation, u *User) any { return optBool(u.UsePMI) },
		"client_up_to_date": func(ev *evaluation, u *User) any {
			least := ev.params.lists["min_client_version"]
			switch {
			case len(least) == 0:
				return notKnown{causeParam, unset("min_client_version")}
			case u.Client == "":
				return nil
			}
			ok, known := atLeastVersion(u.Client, least)
			if !known {
				return notKnown{causeError, "the client version " + showText(u.Client) + " is no version"}
			}
			return ok
		},
		"weaker_settings": func(ev *evaluation, u *User) any {
			return ev.weaker(ScopeUser, u.ID, u.SettingsPresent, weakMeeting&^weakAuthentication|weakFiles)
		},
		"outside_delegates": func(ev *evaluation, u *User) any {
			if !u.DelegatesRead {
				return nil
			}
			return ev.outsiders(u.Delegates)
		},
	})

var groupKind = kindOf("group", "groups", func(in *Input) []Group { return in.Groups },
	func(g *Group) (string, string) { return g.ID, g.Name },
	fields[Group]{
		"weaker_meeting_security": func(ev *evaluation, g *Group) any { return ev.weaker(ScopeGroup, g.ID, g.SettingsPresent, weakMeeting) },
		"weaker_files":            func(ev *evaluation, g *Group) any { return ev.weaker(ScopeGroup, g.ID, g.SettingsPresent, weakFiles) },
	})

var roleKind = kindOf("role", "roles", func(in *Input) []Role { return in.Roles },
	func(r *Role) (string, string) { return r.ID, r.Name },
	fields[Role]{
		"own": func(_ *evaluation, r *Role) any {
			return !slices.Contains([]string{roleOwner, roleAdmin, roleMember}, r.ID)
		},
		"edit_privileges": func(ev *evaluation, r *Role) any {
			if r.Privileges == nil {
				return nil
			}
			edits := []string{}
			for _, p := range r.Privileges {
				if _, action, _ := strings.Cut(p, ":"); strings.EqualFold(action, "Edit") && !containsFold(ev.params.lists["allowed_role_edits"], p) {
					edits = append(edits, p)
				}
			}
			return edits
		},
		"outside_members": func(ev *evaluation, r *Role) any {
			if !r.MembersRead {
				return nil
			}
			return ev.outsiders(r.Members)
		},
	})

var channelKind = kindOf("channel", "channels", func(in *Input) []Channel { return in.Channels },
	func(c *Channel) (string, string) { return c.ID, c.Name },
	fields[Channel]{
		"type":               func(_ *evaluation, c *Channel) any { return optInt(c.Type) },
		"add_external_users": func(_ *evaluation, c *Channel) any { return optInt(c.AddExternal) },
		"add_members":        func(_ *evaluation, c *Channel) any { return optInt(c.AddMembers) },
		"mention_all":        func(_ *evaluation, c *Channel) any { return optInt(c.MentionAll) },
		"history_for_new":    func(_ *evaluation, c *Channel) any { return optBool(c.SeeHistory) },
		"members":            func(_ *evaluation, c *Channel) any { return optInt(c.Members) },
		"external_members":   func(_ *evaluation, c *Channel) any { return optInt(c.External) },
		"outside_leaders": func(_ *evaluation, c *Channel) any {
			switch {
			case c.Members == nil:
				return nil
			case c.LeadersUnsaid && len(c.OutsideLeaders) == 0:
				return notKnown{causeMissing, "Zoom does not say of every member who may lead the channel both the role and whether the person is from outside"}
			}
			return append([]string{}, c.OutsideLeaders...)
		},
		"active_owner": func(ev *evaluation, c *Channel) any {
			if c.ActiveOwner != nil && !*c.ActiveOwner && ev.in.Feeds[FeedUsers].Incomplete {
				return notKnown{causeMissing, "the list of users, which may hold the owner, was never read to its end"}
			}
			return optBool(c.ActiveOwner)
		},
	})

var meetingKind = kindOf("meeting", "meetings", func(in *Input) []Meeting { return in.Meetings },
	func(m *Meeting) (string, string) { return m.ID, m.Topic },
	fields[Meeting]{
		"has_passcode":     func(_ *evaluation, m *Meeting) any { return optBool(m.HasPasscode) },
		"waiting_room":     func(_ *evaluation, m *Meeting) any { return optBool(m.WaitingRoom) },
		"sign_in_required": func(_ *evaluation, m *Meeting) any { return optBool(m.Authentication) },
		"registration":     func(_ *evaluation, m *Meeting) any { return optInt(m.ApprovalType) },
		"join_before_host": func(_ *evaluation, m *Meeting) any { return optBool(m.JoinBeforeHost) },
		"personal_id":      func(_ *evaluation, m *Meeting) any { return optBool(m.UsePMI) },
		"encryption":       func(_ *evaluation, m *Meeting) any { return optText(m.Encryption) },
		"auto_recording":   func(_ *evaluation, m *Meeting) any { return optText(m.AutoRecording) },
		"outside_hosts": func(ev *evaluation, m *Meeting) any {
			if !m.HostsRead {
				return nil
			}
			return ev.outsiders(m.AlternativeHosts)
		},
	})

var recordingKind = kindOf("recording", "recordings", func(in *Input) []Recording { return in.Recordings },
	func(r *Recording) (string, string) { return r.ID, r.Topic },
	fields[Recording]{
		"shared":           func(_ *evaluation, r *Recording) any { return optText(r.Share) },
		"has_passcode":     func(_ *evaluation, r *Recording) any { return optBool(r.HasPasscode) },
		"sign_in_required": func(_ *evaluation, r *Recording) any { return optBool(r.Authentication) },
		"on_demand":        func(_ *evaluation, r *Recording) any { return optBool(r.OnDemand) },
	})

var appKind = kindOf("app", "apps", func(in *Input) []App { return in.Apps },
	func(a *App) (string, string) { return a.ID, a.Name },
	fields[App]{
		"developer": func(_ *evaluation, a *App) any { return optText(a.Developer) },
		"write_scopes": func(ev *evaluation, a *App) any {
			reviewed := ev.params.lists["reviewed_apps"]
			switch {
			case containsFold(reviewed, a.ID) || containsFold(reviewed, a.Name):
				return []string{}
			case len(a.Scopes) == 0:
				return nil
			}
			return slices.DeleteFunc(writeScopes(a.Scopes), func(s string) bool { return !strings.HasSuffix(s, ":admin") && !strings.HasSuffix(s, ":master") })
		},
	})

// roleMember is the id of the built-in role of everybody who has no other.
const roleMember = "2"

// writeScopes picks the scopes that allow more than to read. Classic scopes say write, granular ones what exactly.
func writeScopes(scopes []string) []string {
	out := []string{}
	for _, s := range scopes {
		for _, part := range strings.Split(s, ":")[1:] {
			if part == "write" || part == "create" || part == "update" || part == "delete" {
				out = append(out, s)
				break
			}
		}
	}
	return out
}

// atLeastVersion compares a client's version with the least one that a person asked for: "6.2.0", or "6.2.0(mac)" for that kind of client alone. A client that none of
// them concerns is up to date.
func atLeastVersion(version string, least []string) (ok, known bool) {
	have, client, _ := strings.Cut(strings.TrimSuffix(version, ")"), "(")
	for _, l := range least {
		want, only, limited := strings.Cut(strings.TrimSuffix(l, ")"), "(")
		if limited && !strings.EqualFold(only, client) {
			continue
		}
		older, known := olderVersion(have, want)
		if !known || older {
			return false, known
		}
	}
	return true, true
}

func olderVersion(have, want string) (older, known bool) {
	a, b := strings.Split(strings.TrimSpace(have), "."), strings.Split(strings.TrimSpace(want), ".")
	for i := range b {
		y, err := strconv.Atoi(b[i])
		if err != nil {
			return false, false
		}
		x := 0
		if i < len(a) {
			if x, err = strconv.Atoi(a[i]); err != nil {
				return false, false
			}
		}
		if x != y {
			return x < y, true
		}
	}
	return false, true
}

// internalDomains are the company's: the managed domains that Zoom has verified, and those that the configuration names.
func (ev *evaluation) internalDomains() []string {
	if ev.domains == nil {
		ev.domains = append(append([]string{}, ev.in.ManagedDomains...), ev.params.lists["company_domains"]...)
	}
	return ev.domains
}

// outsiders picks the addresses that are not of the company; it cannot where nothing says which domains are, or where none is found and somebody has no address.
func (ev *evaluation) outsiders(addresses []string) any {
	out := []string{}
	if len(addresses) == 0 {
		return out
	}
	domains := ev.internalDomains()
	if len(domains) == 0 && ev.in.Feeds[FeedDomains].State == FeedFailed {
		return notKnown{causeMissing, ev.unread(FeedDomains)}
	}
	if len(domains) == 0 {
		return notKnown{causeParam, "no managed domain is verified; " + unset("company_domains")}
	}
	unsaid := false
	for _, a := range addresses {
		at := strings.LastIndexByte(a, '@')
		switch {
		case at < 0: // an id, or nothing at all
			unsaid = true
		case !containsFold(domains, a[at+1:]):
			out = append(out, a)
		}
	}
	if unsaid && len(out) == 0 {
		return notKnown{causeMissing, "Zoom does not give the e-mail address of everybody concerned"}
	}
	return out
}

func (ev *evaluation) allInternal(addresses []string) any {
	out := ev.outsiders(addresses)
	if list, ok := out.([]string); ok {
		return len(list) == 0
	}
	return out
}

// cover is twoFactorCover, worked out once an evaluation.
func (ev *evaluation) cover() (userTest, outcome) {
	if !ev.covered.done {
		ev.covered.test, ev.covered.why = ev.twoFactorCover()
		ev.covered.done = true
	}
	return ev.covered.test, ev.covered.why
}
