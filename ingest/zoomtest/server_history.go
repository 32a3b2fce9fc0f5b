package zoomtest

import (
	"fmt"
	"net/http"
	"strings"
)

type historyRow struct {
	UUID            string          `json:"meeting_uuid"`
	ID              int64           `json:"meeting_id"`
	Type            string          `json:"type"`
	HostDisplayName string          `json:"host_display_name"`
	HostEmail       string          `json:"host_email"`
	StartTime       string          `json:"start_time"`
	EndTime         string          `json:"end_time"`
	Topic           string          `json:"topic"`
	Participants    int             `json:"participants"`
	Duration        int             `json:"duration"`
	TotalMinutes    int             `json:"total_participant_minutes"`
	Department      string          `json:"department"`
	Group           []string        `json:"group"`
	Source          string          `json:"source"`
	CreateTime      string          `json:"create_time"`
	FeatureUsed     map[string]bool `json:"feature_used"`
}

// meetingFeatures are the documented names of what a meeting may have used.
var meetingFeatures = []string{
	"screen_sharing", "video_on", "remote_control", "closed_caption", "breakout_room", "language_interpretation", "telephone_usage", "in_meeting_chat", "poll",
	"join_by_room", "waiting_room", "live_transcription", "reaction", "zoom_apps", "annotation", "raise_hand", "virtual_background", "whiteboard", "immersive_scene",
	"avatar", "switch_to_mobile", "file_sharing", "meeting_summary", "meeting_questions", "record_to_computer", "record_to_cloud", "live_translation", "registration",
	"smart_recording", "multi_speaker", "meeting_wallpaper", "gen_ai_virtual_background", "multi_share", "document_collaboration", "portrait_lighting",
	"personalized_audio_isolation", "color_themes",
}

// used says what a meeting used.
func used(m Meeting) map[string]bool {
	out := make(map[string]bool, len(meetingFeatures))
	for _, name := range meetingFeatures {
		out[name] = false
	}
	out["screen_sharing"], out["video_on"], out["remote_control"], out["in_meeting_chat"] = m.ScreenShared, m.Video, m.RemoteControl, m.Chat
	out["telephone_usage"], out["record_to_cloud"], out["waiting_room"] = m.Phone, m.Recorded, m.Guests
	return out
}

// reportHistory serves GET /report/history_meetings. It walks back through the days, so a page costs no more than its own.
func (h *Handler) reportHistory(r *http.Request, _ string) (any, *apiError) {
	q := r.URL.Query()
	dates, size, refused := h.reportParams(q, true, maxReportPage)
	if refused != nil {
		return nil, refused
	}
	kind, refused := oneOf(q, "meeting_type", "all", "all", "meeting", "webinar")
	if refused != nil {
		return nil, refused
	}
	if _, refused = oneOf(q, "date_type", "start_time", "start_time", "end_time"); refused != nil {
		return nil, refused
	}
	report, refused := oneOf(q, "report_type", "all", "all", "poll", "survey", "qa", "resource", "reaction")
	if refused != nil {
		return nil, refused
	}
	feature, refused := oneOf(q, "meeting_feature", "", meetingFeatures...)
	if refused != nil {
		return nil, refused
	}
	group, refused := h.groupFilter(q.Get("group_id"))
	if refused != nil {
		return nil, refused
	}
	search := strings.ToLower(q.Get("search_key"))
	keep := func(m Meeting) bool {
		text := strings.ToLower(m.Topic + " " + m.HostEmail + " " + fmt.Sprint(m.Number))
		return kind != "webinar" && report == "all" && group(m.HostID) && (feature == "" || used(m)[feature]) && strings.Contains(text, search)
	}
	filter := strings.Join([]string{kind, report, feature, q.Get("group_id"), search}, "\x00")
	rows, next, refused := reportPage(h, q, "history_meetings", h.conferences().Meetings, keep, dates, size, filter)
	if refused != nil {
		return nil, refused
	}
	names := h.groupNames()
	return map[string]any{"page_size": size, "next_page_token": next, "history_meetings": eachRow(rows, func(m Meeting) historyRow {
		groups := []string{}
		for _, id := range h.directory().byKey[m.HostID].GroupIDs {
			groups = append(groups, names[id])
		}
		return historyRow{
			m.UUID, m.Number, "Meeting", m.HostName, m.HostEmail, instantOf(m.Start), instantOf(m.End), m.Topic, m.People, wholeMinutes(m.End.Sub(m.Start)),
			minutes(m.TotalSeconds), m.Dept, groups, meetingSource, instantOf(m.Created), used(m),
		}
	})}, nil
}

func (h *Handler) groupNames() map[string]string {
	out := map[string]string{}
	for _, g := range h.organization().Groups() {
		out[g.ID] = g.Name
	}
	return out
}
