package zoomtest

import (
	_ "embed"
	"maps"
	"strings"
	"sync"
	"time"
)

// The key lists of users and groups, in the form of those of the account.
var (
	//go:embed testdata/user-settings-keys.txt
	userKeys string
	//go:embed testdata/group-settings-keys.txt
	groupKeys string
	//go:embed testdata/group-lock-settings-keys.txt
	groupLockKeys string

	userBlocks      = sync.OnceValue(func() map[string][]settingKey { return parseKeys(userKeys) })
	groupBlocks     = sync.OnceValue(func() map[string][]settingKey { return parseKeys(groupKeys) })
	groupLockBlocks = sync.OnceValue(func() map[string][]settingKey { return parseKeys(groupLockKeys) })
)

// A deviation is what some people set differently from the account, unless the account locks it.
type deviation struct {
	path  string
	value any
	share float64
}

var deviations = []deviation{
	{"schedule_meeting.join_before_host", true, 0.2},
	{"schedule_meeting.embed_password_in_join_link", false, 0.1},
	{"schedule_meeting.require_password_for_instant_meetings", false, 0.06},
	{"schedule_meeting.use_pmi_for_scheduled_meetings", true, 0.05},
	{"in_meeting.file_transfer", true, 0.1},
	{"in_meeting.who_can_share_screen", "all", 0.15},
	{"in_meeting.remote_support", true, 0.04},
	{"in_meeting.private_chat", false, 0.03},
	{"in_meeting.waiting_room", false, 0.1},
	{"recording.auto_recording", "cloud", 0.05},
	{"recording.local_recording", false, 0.1},
	{"meeting_security.waiting_room", false, 0.05},
	{"meeting_security.embed_password_in_join_link", false, 0.08},
}

// groupDeviations are settings of a whole group, by its place among the groups: the people who record do so by default.
var groupDeviations = map[int]map[string]any{
	1: {"in_meeting.file_transfer": true, "in_meeting.remote_control": true},
	2: {"schedule_meeting.join_before_host": true},
	9: {"recording.auto_recording": "cloud", "recording.auto_delete_cmr_days": 90},
}

// UserSettings implements Organization. Personal rooms have a passcode, which is a secret.
func (c *Company) UserSettings(userID, option string) map[string]any {
	return c.UserSettingsAt(userID, option, c.opt.End)
}

// UserSettingsAt is what UserSettings was at a time.
func (c *Company) UserSettingsAt(userID, option string, at time.Time) map[string]any {
	p := c.byID(userID)
	if p == nil {
		return nil
	}
	values := c.sharedValues(option, at)
	values["in_meeting.waiting_room"] = true
	for i, d := range deviations {
		if unit(hash(c.opt.Seed, forPersonSettings, p.index, i)) < d.share && !c.locked(d.path) {
			values[d.path] = d.value
		}
	}
	passcode := RoomPasscode + opaque(hash(c.opt.Seed, forPersonSettings, p.index, -2), 6)
	values["schedule_meeting.pmi_password"] = passcode
	values["schedule_meeting.default_password_for_scheduled_meetings"] = passcode
	return c.personBody(userBlocks(), option, values)
}

// GroupSettings implements Organization.
func (c *Company) GroupSettings(groupID, option string) map[string]any {
	return c.GroupSettingsAt(groupID, option, c.opt.End)
}

// GroupSettingsAt is what GroupSettings was at a time.
func (c *Company) GroupSettingsAt(groupID, option string, at time.Time) map[string]any {
	n := c.groupIndex(groupID)
	if n < 0 {
		return nil
	}
	values := c.sharedValues(option, at)
	for path, v := range groupDeviations[n] {
		if !c.locked(path) {
			values[path] = v
		}
	}
	return c.personBody(groupBlocks(), option, values)
}

// GroupLockSettings implements Organization: a group locks what the account does, and what it sets itself.
func (c *Company) GroupLockSettings(groupID, option string) map[string]any {
	n := c.groupIndex(groupID)
	keys, ok := groupLockBlocks()[blockOf(option)]
	if n < 0 || !ok {
		return nil
	}
	values := map[string]any{
		"in_meeting.entry_exit_chime": "host", "recording.ip_address_access_control.ip_addresses_or_ranges": "",
		"meeting_security.encryption_type": "enhanced_encryption",
	}
	for _, k := range keys {
		if _, set := values[k.path]; !set && k.kind == "boolean" {
			values[k.path] = c.locked(k.path) || groupDeviations[n][k.path] != nil
		}
	}
	return c.posture.body(keys, "lock", values, nil, c.opt.End)
}

func (c *Company) groupIndex(id string) int {
	for n := range len(departments) + 1 {
		if c.groupID(n) == id {
			return n
		}
	}
	return -1
}

func blockOf(option string) string {
	if option == "" {
		return allSections
	}
	return option
}

// sharedValues are the account's at a time: everybody has them who has none of their own.
func (c *Company) sharedValues(option string, at time.Time) map[string]any {
	values := maps.Clone(settingValues)
	if option == "recording_authentication" {
		values = maps.Clone(recordingAuthentication)
	}
	for path, versions := range c.posture.changed {
		for _, w := range versions {
			if w.at < at.Unix() {
				values[path] = w.value
			}
		}
	}
	return values
}

// otherNames are settings that Zoom calls otherwise for groups or users than for the account.
var otherNames = map[string]string{
	"schedule_meeting.use_pmi_for_schedule_meetings": "schedule_meeting.use_pmi_for_scheduled_meetings", // of groups
	"schedule_meeting.participants_video":            "schedule_meeting.participant_video",              // of users
}

// personBody is the account's reply for somebody below it: what nobody wrote down is drawn as it is for the account, since everybody begins with its values.
func (c *Company) personBody(blocks map[string][]settingKey, option string, values map[string]any) map[string]any {
	keys, ok := blocks[blockOf(option)]
	if !ok {
		return nil
	}
	for theirs, accounts := range otherNames {
		if v, ok := values[accounts]; ok {
			values[theirs] = v
		}
	}
	for _, k := range keys { // what the account spells otherwise is drawn anew
		if v, ok := values[k.path]; ok && !k.takes(v) {
			delete(values, k.path)
		}
	}
	return c.posture.body(keys, option, values, absentByPlan, time.Unix(0, 0)) // changes of the account are in the values already, below people's own
}

// takes says whether a value is of the key's type.
func (k settingKey) takes(v any) bool {
	kind, list := strings.CutSuffix(k.kind, "[]")
	if _, isList := v.([]any); isList || list {
		return isList == list
	}
	switch v := v.(type) {
	case bool:
		return kind == "boolean"
	case string:
		return kind == "string" || strings.Contains(kind, `"`+v+`"`)
	default:
		return kind == "number" || kind != "boolean" && kind != "string" && !strings.Contains(kind, `"`)
	}
}

// locked says whether the account locks a setting for everybody, as its lock settings say.
func (c *Company) locked(path string) bool {
	option := ""
	if strings.HasPrefix(path, "meeting_security.") {
		option = "meeting_security"
	}
	var at any = c.lockedSettings()[option]
	for name := range strings.SplitSeq(path, ".") {
		section, _ := at.(map[string]any)
		at = section[name]
	}
	on, _ := at.(bool)
	return on
}

// lockedSettings are the account's locks by option, made once.
func (c *Company) lockedSettings() map[string]map[string]any {
	c.locksOnce.Do(func() {
		c.locks = map[string]map[string]any{"": c.LockSettings(""), "meeting_security": c.LockSettings("meeting_security")}
	})
	return c.locks
}
