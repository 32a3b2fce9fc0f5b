package zoomtest

import (
	"net/http"
	"net/url"
)

// Page sizes of the chat: channels come 10 at a time and 50 at most. For members and activities no maximum is documented.
const (
	defaultChatPage = 10
	maxChannelPage  = 50
	maxMemberPage   = 100
)

type channelSettings struct {
	AddMembers  int  `json:"add_member_permissions"`
	AddExternal int  `json:"allow_to_add_external_users"`
	Posting     int  `json:"posting_permissions"`
	MentionAll  int  `json:"mention_all_permissions"`
	SeeHistory  bool `json:"new_members_can_see_previous_messages_files"`
}

type channelRow struct {
	ID       string          `json:"id"`
	JID      string          `json:"jid"`
	Name     string          `json:"name"`
	Type     int             `json:"type"`
	URL      string          `json:"channel_url"`
	Settings channelSettings `json:"channel_settings"`
}

func channelRowOf(c Channel) channelRow {
	return channelRow{
		ID: c.ID, JID: c.ID + "@conference.xmpp.zoom.us", Name: c.Name, Type: c.Type, URL: "https://zoom.us/launch/chat/v2/" + c.ID,
		Settings: channelSettings{c.AddMembers, c.AddExternal, c.Posting, 1, c.SeeHistory},
	}
}

func (h *Handler) channelPage(q url.Values, endpoint, of string, rows []Channel) (any, *apiError) {
	p, refused := pageOf(h, q, endpoint, rows, maxChannelPage, defaultChatPage, of)
	if refused != nil {
		return nil, refused
	}
	return map[string]any{"total_records": p.total, "page_size": p.size, "next_page_token": p.next, "channels": eachRow(p.rows, channelRowOf)}, nil
}

// userChannels serves GET /chat/users/{userId}/channels.
func (h *Handler) userChannels(r *http.Request, id string) (any, *apiError) {
	u, refused := h.findUser(id)
	if refused != nil {
		return nil, refused
	}
	return h.channelPage(r.URL.Query(), "user channels", u.Email, h.messenger().UserChannels(u.ID))
}

// publicChannels serves GET /chat/channels.
func (h *Handler) publicChannels(r *http.Request, _ string) (any, *apiError) {
	var public []Channel
	for _, c := range h.messenger().Channels() {
		if c.Type == ChannelPublic {
			public = append(public, c)
		}
	}
	return h.channelPage(r.URL.Query(), "public channels", "", public)
}

type channelMemberRow struct {
	ID        string `json:"id,omitempty"`
	MemberID  string `json:"member_id"`
	Email     string `json:"email"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Name      string `json:"name"`
	Role      string `json:"role"`
	External  bool   `json:"is_external"`
}

// channelMembers serves GET /chat/users/{userId}/channels/{channelId}/members: of a channel the user is in, or a public one.
func (h *Handler) channelMembers(r *http.Request, channel string) (any, *apiError) {
	u, refused := h.findUser(segment(r, 2))
	if refused != nil {
		return nil, refused
	}
	c, ok := h.messenger().Channel(channel)
	if ok && c.Type != ChannelPublic {
		ok = false
		for _, mine := range h.messenger().UserChannels(u.ID) {
			ok = ok || mine.ID == channel
		}
	}
	if !ok {
		return nil, &apiError{status: http.StatusNotFound, Code: codeNoGroup, Message: "Channel does not exist: " + channel + "."}
	}
	p, refused := pageOf(h, r.URL.Query(), "channel members", h.messenger().ChannelMembers(channel), maxMemberPage, defaultChatPage, channel)
	if refused != nil {
		return nil, refused
	}
	return map[string]any{"total_records": p.total, "page_size": p.size, "next_page_token": p.next, "members": eachRow(p.rows, func(m ChannelMember) channelMemberRow {
		return channelMemberRow{m.ID, m.MemberID, m.Email, m.FirstName, m.LastName, m.FirstName + " " + m.LastName, m.Role, m.External}
	})}, nil
}

type chatPerson struct {
	Name     string `json:"display_name"`
	UserID   string `json:"user_id,omitempty"`
	MemberID string `json:"member_id"`
}

func chatPersonOf(m ChannelMember) chatPerson {
	return chatPerson{m.FirstName + " " + m.LastName, m.ID, m.MemberID}
}

type chatActivityRow struct {
	ChannelID string     `json:"channel_id"`
	Type      string     `json:"activity_type"`
	At        int64      `json:"activity_timestamp"` // seconds since 1970
	Operator  chatPerson `json:"operator"`
	Members   struct {
		Status string       `json:"member_status"`
		List   []chatPerson `json:"member_list"`
	} `json:"members"`
}

// channelActivities serves GET /chat/activities/channels, whose window is called start_date and end_date.
func (h *Handler) channelActivities(r *http.Request, _ string) (any, *apiError) {
	q := r.URL.Query()
	size, refused := positive(q, "page_size", defaultChatPage, maxReportPage)
	if refused != nil {
		return nil, refused
	}
	for _, name := range []string{"start_date", "end_date"} {
		if _, ok := readDate(q.Get(name)); !ok {
			return nil, invalid("Invalid field %s: a date in the format yyyy-MM-dd is required.", name)
		}
	}
	dates, refused := readRange(url.Values{"from": q["start_date"], "to": q["end_date"]}, true, h.today())
	if refused != nil {
		return nil, refused
	}
	kind, refused := oneOf(q, "activity_type", "membership", "membership")
	if refused != nil {
		return nil, refused
	}
	channel := q.Get("channel_id")
	keep := func(a ChannelActivity) bool { return channel == "" || a.ChannelID == channel }
	rows, next, refused := reportPage(h, q, "channel activities", h.messenger().ChannelActivities, keep, dates, size, channel)
	if refused != nil {
		return nil, refused
	}
	spell := func(a ChannelActivity) chatActivityRow {
		row := chatActivityRow{ChannelID: a.ChannelID, Type: kind, At: a.At.Unix(), Operator: chatPersonOf(a.Operator)}
		row.Members.Status = "left"
		if a.Joined {
			row.Members.Status = "joined"
		}
		row.Members.List = eachRow(a.Members, chatPersonOf)
		return row
	}
	return map[string]any{
		"start_date": dateOf(dates.from), "end_date": dateOf(dates.to), // in the answer since November 2026
		"page_size": size, "next_page_token": next, "channel_activity_logs": eachRow(rows, spell),
	}, nil
}
