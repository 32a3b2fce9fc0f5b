package posture

import (
	"fmt"
	"slices"
	"strings"
)

// GroupsUnseen is part of the reason of a setting that is right for the account and open, where what groups have otherwise could not be looked at.
const GroupsUnseen = "what groups have otherwise was not looked at"

// Sections of settings that groups, and users, have of their own too.
var (
	groupSections = []string{"allow_authentication_exception", "audio_conferencing", "chat", "email_notification", "in_meeting", "meeting_authentication", "meeting_security",
		"other_options", "recording", "recording_authentication", "schedule_meeting", "telephony"}
	userSections = []string{"allow_authentication_exception", "audio_conferencing", "email_notification", "in_meeting", "meeting_authentication", "meeting_security", "recording",
		"recording_authentication", "schedule_meeting", "telephony"}
)

// unseen says of a right value whose settings are not locked whom nobody looked at who may have it otherwise, and why not; "" when all were.
func (ev *evaluation) unseen(ctl *Control) string {
	open := func(sections []string) (found bool) {
		ctl.Assert.walk(func(e *Expr) {
			for _, p := range e.paths() {
				section, _, _ := strings.Cut(p, ".")
				found = found || e.In == "" && e.Of != OfLocked && isSetting(p) && slices.Contains(sections, section) && !ev.lockedAbove(p)
			}
		})
		return found
	}
	var parts []string
	for _, x := range []struct {
		feed, what string
		sections   []string
	}{{FeedGroupSettings, GroupsUnseen, groupSections}, {FeedUserSettings, "what users have otherwise was not looked at", userSections}} {
		if why := ev.notLooked(x.feed); why != "" && open(x.sections) {
			parts = append(parts, fmt.Sprintf("%s: %s", x.what, why))
		}
	}
	return strings.Join(parts, ". ")
}

// notLooked says why nothing of a feed was read, "" when something was.
func (ev *evaluation) notLooked(feed string) string {
	if o, refused := ev.refused(feed); refused {
		return o.reason()
	}
	switch ev.in.Feeds[feed].State {
	case "", FeedNever:
		return ev.unread(feed)
	}
	return ""
}
