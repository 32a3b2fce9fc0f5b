package zoomtest

import "time"

// A bareSource answers for sources without an optional interface: there is nothing.
type bareSource struct{}

func (bareSource) Roles() []Role                                        { return nil }
func (bareSource) Groups() []Group                                      { return nil }
func (bareSource) ManagedDomains() []ManagedDomain                      { return nil }
func (bareSource) IMGroups() []Group                                    { return nil }
func (bareSource) TrustedDomains() []string                             { return nil }
func (bareSource) UserSettings(string, string) map[string]any           { return map[string]any{} }
func (bareSource) GroupSettings(string, string) map[string]any          { return nil }
func (bareSource) GroupLockSettings(string, string) map[string]any      { return nil }
func (bareSource) HostKey(string) string                                { return "" }
func (bareSource) Meetings(time.Time) []Meeting                         { return nil }
func (bareSource) LiveMeetings() []Meeting                              { return nil }
func (bareSource) HostMeetings(string, time.Time) []Meeting             { return nil }
func (bareSource) JoinedMeetings(string, time.Time) []Meeting           { return nil }
func (bareSource) Meeting(string) (Meeting, bool)                       { return Meeting{}, false }
func (bareSource) LastMeeting(int64) (Meeting, bool)                    { return Meeting{}, false }
func (bareSource) Attendance(Meeting) []Participant                     { return nil }
func (bareSource) HostTotals(time.Time, time.Time) map[string]HostTotal { return nil }
func (bareSource) DayTotals(time.Time) DayTotal                         { return DayTotal{} }
func (bareSource) HostRecordings(string, time.Time, bool) []Recording   { return nil }
func (bareSource) Recording(string) (Recording, bool)                   { return Recording{}, false }
func (bareSource) RemoteSupports(time.Time) []RemoteSupport             { return nil }
func (bareSource) Channels() []Channel                                  { return nil }
func (bareSource) UserChannels(string) []Channel                        { return nil }
func (bareSource) Channel(string) (Channel, bool)                       { return Channel{}, false }
func (bareSource) ChannelMembers(string) []ChannelMember                { return nil }
func (bareSource) ChannelActivities(time.Time) []ChannelActivity        { return nil }
func (bareSource) Apps(string) []App                                    { return nil }
func (bareSource) LoginTypes(string) []int                              { return nil }
func (bareSource) UsesPersonalID(string) bool                           { return false }
func (bareSource) Assistants(string) []Assistant                        { return nil }
func (bareSource) ScheduledMeetings(string) []ScheduledMeeting          { return nil }
func (bareSource) ScheduledMeeting(int64) (ScheduledMeeting, bool)      { return ScheduledMeeting{}, false }
func (bareSource) PhoneSettings() map[string]any                        { return nil }

func feedsOf[T any](src Source, otherwise T) T {
	if feeds, ok := src.(T); ok {
		return feeds
	}
	return otherwise
}

func (h *Handler) organization() Organization { return feedsOf[Organization](h.src, bareSource{}) }
func (h *Handler) conferences() Conferences   { return feedsOf[Conferences](h.src, bareSource{}) }
func (h *Handler) messenger() Messenger       { return feedsOf[Messenger](h.src, bareSource{}) }
func (h *Handler) calendar() Calendar         { return feedsOf[Calendar](h.src, bareSource{}) }
