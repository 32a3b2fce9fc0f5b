package posture

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/zoomward/zoomward/store"
)

// readObjects reads what controls on single objects, and those on overrides, rest on. since is when posture was judged last.
func readObjects(ctx context.Context, q store.Querier, c *Catalog, in *Input, asOf, since time.Time) error {
	for _, part := range []struct {
		what string
		read func() error
	}{
		{"users", func() error { return readUsers(ctx, q, in) }},
		{"groups", func() error { return readGroups(ctx, q, in) }},
		{"roles", func() error { return readRoles(ctx, q, in) }},
		{"chat channels", func() error { return readChannels(ctx, q, in) }},
		{"upcoming meetings", func() error { return readMeetings(ctx, q, in, asOf) }},
		{"recordings", func() error { return readRecordings(ctx, q, in) }},
		{"apps", func() error { return readApps(ctx, q, in) }},
		{"domains", func() error { return readDomains(ctx, q, in) }},
		{"logs and scopes", func() error { return readFacts(ctx, q, in) }},
		{"settings of groups and users", func() error { return readOverrides(ctx, q, c, in, since) }},
		{"how many groups and users have which settings", func() error { return readScoped(ctx, q, c, in, since) }},
	} {
		if err := part.read(); err != nil {
			return fmt.Errorf("read %s: %w", part.what, err)
		}
	}
	return nil
}

func readUsers(ctx context.Context, q store.Querier, in *Input) error {
	var r struct {
		ID            []string    `col:"user_id"`
		Email         []string    `col:"email"`
		RoleID        []string    `col:"role_id"`
		Groups        [][]string  `col:"groups"`
		Status        []string    `col:"status"`
		Type          []string    `col:"type"`
		LastLoginAt   []time.Time `col:"last_login_at"`
		FirstSeenAt   []time.Time `col:"first_seen_at"`
		JoinedAt      []time.Time `col:"joined_at"`
		Verified      []*bool     `col:"verified"`
		Client        []string    `col:"last_client"`
		HasLoginTypes []bool      `col:"has_login_types"`
		LoginTypes    [][]string  `col:"login_types"`
		UsePMI        []*bool     `col:"use_pmi"`
		DelegatesRead []bool      `col:"delegates_read"`
		Delegates     [][]string  `col:"delegates"`
		Present       []*int64    `col:"present"`
		ReadAt        []time.Time `col:"settings_read_at"`
	}
	if err := q.Read(ctx, &r, query("users")); err != nil {
		return err
	}
	in.Users = make([]User, len(r.Email))
	for i := range r.Email {
		u := User{ID: r.ID[i], Email: r.Email[i], RoleID: r.RoleID[i], Groups: r.Groups[i], Status: r.Status[i], Type: r.Type[i], LastLoginAt: r.LastLoginAt[i], FirstSeenAt: r.FirstSeenAt[i],
			JoinedAt: r.JoinedAt[i], Verified: r.Verified[i], Client: r.Client[i], UsePMI: r.UsePMI[i], DelegatesRead: r.DelegatesRead[i], Delegates: r.Delegates[i], SettingsPresent: r.Present[i], SettingsReadAt: r.ReadAt[i]}
		if r.HasLoginTypes[i] {
			u.LoginTypes = append([]string{}, r.LoginTypes[i]...)
		}
		in.Users[i] = u
	}
	return nil
}

func readGroups(ctx context.Context, q store.Querier, in *Input) error {
	var r struct {
		ID      []string `col:"group_id"`
		Name    []string `col:"name"`
		Present []*int64 `col:"present"`
	}
	if err := q.Read(ctx, &r, query("groups")); err != nil {
		return err
	}
	for i, id := range r.ID {
		in.Groups = append(in.Groups, Group{id, r.Name[i], r.Present[i]})
	}
	return nil
}

func readRoles(ctx context.Context, q store.Querier, in *Input) error {
	var r struct {
		ID            []string   `col:"role_id"`
		Name          []string   `col:"name"`
		HasPrivileges []bool     `col:"has_privileges"`
		Privileges    [][]string `col:"privileges"`
		MembersRead   []bool     `col:"members_read"`
		Members       [][]string `col:"members"`
	}
	if err := q.Read(ctx, &r, query("roles")); err != nil {
		return err
	}
	for i, id := range r.ID {
		role := Role{ID: id, Name: r.Name[i], MembersRead: r.MembersRead[i], Members: r.Members[i]}
		if r.HasPrivileges[i] {
			role.Privileges = r.Privileges[i]
		}
		in.Roles = append(in.Roles, role)
	}
	return nil
}

func readChannels(ctx context.Context, q store.Querier, in *Input) error {
	var r struct {
		ID          []string   `col:"channel_id"`
		Name        []string   `col:"name"`
		Type        []*int64   `col:"type"`
		AddExternal []*int64   `col:"allow_to_add_external_users"`
		AddMembers  []*int64   `col:"add_member_permissions"`
		MentionAll  []*int64   `col:"mention_all_permissions"`
		SeeHistory  []*bool    `col:"new_members_can_see_previous_messages_files"`
		Members     []*int64   `col:"members"`
		External    []*int64   `col:"external"`
		Leaders     [][]string `col:"outside_leaders"`
		Unsaid      []bool     `col:"leaders_unsaid"`
		ActiveOwner []*bool    `col:"active_owner"`
	}
	if err := q.Read(ctx, &r, query("channels")); err != nil {
		return err
	}
	in.Channels = make([]Channel, len(r.ID))
	for i, id := range r.ID {
		in.Channels[i] = Channel{ID: id, Name: r.Name[i], Type: r.Type[i], AddExternal: r.AddExternal[i], AddMembers: r.AddMembers[i], MentionAll: r.MentionAll[i], SeeHistory: r.SeeHistory[i],
			Members: r.Members[i], External: r.External[i], OutsideLeaders: r.Leaders[i], LeadersUnsaid: r.Unsaid[i], ActiveOwner: r.ActiveOwner[i]}
	}
	return nil
}

func readMeetings(ctx context.Context, q store.Querier, in *Input, asOf time.Time) error {
	var r struct {
		ID             []string `col:"meeting_id"`
		Topic          []string `col:"topic"`
		HasPasscode    []*bool  `col:"has_passcode"`
		WaitingRoom    []*bool  `col:"waiting_room"`
		JoinBeforeHost []*bool  `col:"join_before_host"`
		Authentication []*bool  `col:"meeting_authentication"`
		ApprovalType   []*int64 `col:"approval_type"`
		UsePMI         []*bool  `col:"use_pmi"`
		Encryption     []string `col:"encryption_type"`
		AutoRecording  []string `col:"auto_recording"`
		Read           []bool   `col:"settings_read"`
		Hosts          []string `col:"alternative_hosts"`
	}
	if err := q.Read(ctx, &r, query("meetings"), asOf); err != nil {
		return err
	}
	in.Meetings = make([]Meeting, len(r.ID))
	for i, id := range r.ID {
		in.Meetings[i] = Meeting{ID: id, Topic: r.Topic[i], HasPasscode: r.HasPasscode[i], WaitingRoom: r.WaitingRoom[i], Authentication: r.Authentication[i], JoinBeforeHost: r.JoinBeforeHost[i],
			UsePMI: r.UsePMI[i], ApprovalType: r.ApprovalType[i], Encryption: r.Encryption[i], AutoRecording: r.AutoRecording[i], HostsRead: r.Read[i], AlternativeHosts: addresses(r.Hosts[i])}
	}
	return nil
}

// addresses splits what Zoom writes into one text, with semicolons or commas.
func addresses(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return r == ';' || r == ',' || r == ' ' })
}

func readRecordings(ctx context.Context, q store.Querier, in *Input) error {
	var r struct {
		ID             []string `col:"meeting_uuid"`
		Topic          []string `col:"topic"`
		Share          []string `col:"share_recording"`
		HasPasscode    []*bool  `col:"has_password"`
		Authentication []*bool  `col:"recording_authentication"`
		OnDemand       []*bool  `col:"on_demand"`
	}
	if err := q.Read(ctx, &r, query("recordings")); err != nil {
		return err
	}
	in.Recordings = make([]Recording, len(r.ID))
	for i, id := range r.ID {
		in.Recordings[i] = Recording{id, r.Topic[i], r.Share[i], r.HasPasscode[i], r.Authentication[i], r.OnDemand[i]}
	}
	return nil
}

func readApps(ctx context.Context, q store.Querier, in *Input) error {
	var r struct {
		ID        []string   `col:"app_id"`
		Name      []string   `col:"name"`
		Developer []string   `col:"developer_type"`
		Scopes    [][]string `col:"scopes"`
	}
	if err := q.Read(ctx, &r, query("apps")); err != nil {
		return err
	}
	for i, id := range r.ID {
		in.Apps = append(in.Apps, App{id, r.Name[i], r.Developer[i], r.Scopes[i]})
	}
	return nil
}

func readFacts(ctx context.Context, q store.Querier, in *Input) error {
	var r struct {
		LastOperationAt []time.Time `col:"last_operation_at"`
		SignInsFrom     []time.Time `col:"sign_ins_from"`
		SettingsReadAt  []time.Time `col:"settings_read_at"`
		Recording       []*bool     `col:"call_recording"`
		Locked          []*bool     `col:"call_recording_locked"`
		Scopes          [][]string  `col:"scopes"`
		Missing         [][]string  `col:"missing"`
	}
	if err := q.Read(ctx, &r, query("facts")); err != nil {
		return err
	}
	in.LastOperationAt, in.SignInsFrom, in.SettingsReadAt = r.LastOperationAt[0], r.SignInsFrom[0], r.SettingsReadAt[0]
	in.Phone, in.Connector = Phone{r.Recording[0], r.Locked[0]}, Connector{r.Scopes[0], r.Missing[0]}
	return nil
}

func readOverrides(ctx context.Context, q store.Querier, c *Catalog, in *Input, since time.Time) error {
	var paths []string
	for _, w := range weakPaths {
		paths = append(paths, w.path)
	}
	for i := range c.Controls {
		if c.Controls[i].Scope != ScopeAccount {
			continue
		}
		c.Controls[i].reads(func(e *Expr) {
			for _, p := range e.paths() {
				if isSetting(p) && e.Of != OfLocked {
					paths = appendNew(paths, p)
				}
			}
		})
	}
	list, err := json.Marshal(paths)
	if err != nil {
		return err
	}
	var r struct {
		Scope []string    `col:"scope"`
		ID    []string    `col:"scope_id"`
		Path  []string    `col:"path"`
		Value []string    `col:"value"`
		Since []time.Time `col:"since"`
		New   []bool      `col:"recent"`
	}
	if err := q.Read(ctx, &r, query("overrides"), since, string(list)); err != nil {
		return err
	}
	var own struct {
		Path []string `col:"path"`
	}
	if err := q.Read(ctx, &own, query("user_paths"), string(list)); err != nil {
		return err
	}
	in.UserPaths = own.Path
	same := map[string]string{} // a path or a value stands in many rows: one copy of each
	in.Overrides = make([]Override, len(r.ID))
	for i, id := range r.ID {
		in.Overrides[i] = Override{shared(same, r.Scope[i]), shared(same, id), shared(same, r.Path[i]), json.RawMessage(r.Value[i]), r.Since[i], r.New[i]}
	}
	return nil
}

func shared(texts map[string]string, s string) string {
	if t, ok := texts[s]; ok {
		return t
	}
	texts[s] = s
	return s
}
