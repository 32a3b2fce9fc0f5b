package ingest

// The tables of the feeds that come as lists of plain rows. What a row of Zoom's holds beyond these columns is not kept: play and download links, passcodes,
// host keys, serial numbers of disks and network cards.
var (
	rolesTable = &table{name: "ingest.roles", key: "role_id", listed: true, kept: versions{"role", []string{"name", "privileges"}}, columns: []column{
		col("role_id", text, "id"), col("name", text), col("description", text), col("type", text), col("total_members", integer), col("privileges", list)}}

	roleMembersTable = &table{name: "ingest.role_members", key: "member_key", keyOf: []string{"role_id", "user_id", "email"}, listed: true, columns: []column{
		col("role_id", argument, "roleId"), col("user_id", text, "id"), col("email", address), col("department", text)}}

	groupsTable = &table{name: "ingest.groups", key: "group_id", listed: true, columns: []column{
		col("group_id", text, "id"), col("name", text), col("total_members", integer)}}

	imGroupsTable = &table{name: "ingest.im_groups", key: "group_id", listed: true, columns: []column{
		col("group_id", text, "id"), col("name", text), col("total_members", integer)}}

	domainsTable = &table{name: "ingest.domains", key: "domain_key", keyOf: []string{"kind", "domain"}, listed: true, columns: []column{
		col("kind", argument), col("domain", address, "domain", ""), col("status", text)}}

	appsTable = &table{name: "ingest.apps", key: "app_key", keyOf: []string{"listing", "app_id", "name"}, listed: true, columns: []column{
		col("listing", argument, "type"), col("app_id", text), col("name", text, "app_name"), col("type", text, "app_type"), col("usage", integer, "app_usage"),
		col("status", text, "app_status"), col("developer_type", text, "app_developer_type"), col("scopes", idsOfList, "scopes.scope_name"),
		col("approved_type", text, "approval_info.approved_type"), col("approver_id", text, "approval_info.approver_id"),
		col("approved_at", instant, "approval_info.approved_time"), col("approval_closed", flag, "approval_info.app_approval_closed")}}

	hostsTable = &table{name: "ingest.hosts", key: "host_key", keyOf: []string{"user_id", "window_from", "window_to"}, hashed: true, columns: []column{
		col("user_id", text, "id"), col("email", address), col("window_from", argumentDay, "from"), col("window_to", argumentDay, "to"), col("meetings", integer)}}

	historyMeetingsTable = &table{name: "ingest.history_meetings", key: "meeting_uuid", hashed: true, batched: true, columns: []column{
		col("meeting_uuid", text), col("meeting_id", integer), col("type", text), col("topic", text), col("host_email", address), col("host_name", text, "host_display_name"),
		col("started_at", moment, "start_time"), col("ended_at", instant, "end_time"), col("duration_minutes", integer, "duration"), col("participants", integer),
		col("total_participant_minutes", integer), col("department", text), col("source", text), col("created_at", instant, "create_time"), col("features", usedKeys, "feature_used")}}

	userMeetingsTable = &table{name: "ingest.user_meetings", key: "meeting_uuid", hashed: true, batched: true, columns: []column{
		col("meeting_uuid", text, "uuid"), col("host_id", argument, "userId"), col("meeting_id", integer, "id"), col("type", integer), col("topic", text),
		col("host_email", address, "user_email"), col("host_name", text, "user_name"), col("started_at", moment, "start_time"), col("ended_at", instant, "end_time"),
		col("duration_minutes", integer, "duration"), col("total_minutes", integer), col("participants", integer, "participants_count"),
		col("participants_my_account", integer, "participants_count_my_account"), col("source", text), col("has_screen_share", flag), col("has_recording", flag),
		col("has_chat", flag), col("encryption", integer, "meeting_encryption_status")}}

	dashboardMeetingsTable = &table{name: "ingest.dashboard_meetings", key: "meeting_uuid", hashed: true, batched: true, columns: []column{
		col("meeting_uuid", text, "uuid"), col("meeting_id", integer, "id"), col("topic", text), col("host_email", address, "email"), col("host_name", text, "host"),
		col("user_type", text), col("dept", text), col("started_at", moment, "start_time"), col("ended_at", instant, "end_time"), col("duration_seconds", span, "duration"),
		col("participants", integer), col("has_pstn", flag), col("has_voip", flag), col("has_3rd_party_audio", flag), col("has_video", flag), col("has_screen_share", flag),
		col("has_recording", flag), col("has_sip", flag), col("has_archiving", flag), col("has_external_participant", flag)}}

	meetingParticipantsTable = &table{name: "ingest.meeting_participants", key: "participant_key",
		keyOf:   []string{"meeting_uuid", "participant_id", "user_id", "participant_user_id", "name", "user_email", "joined_at", "left_at", "status"},
		batched: true, columns: []column{
			col("meeting_uuid", argument, "meetingId"), col("participant_id", text, "id"), col("user_id", text), col("participant_user_id", text), col("name", text),
			col("user_email", address), col("joined_at", moment, "join_time"), col("left_at", instant, "leave_time"), col("duration_seconds", integer, "duration"),
			col("failover", flag), col("status", text)}}

	dashboardParticipantsTable = &table{name: "ingest.dashboard_participants", key: "participant_key", places: true,
		keyOf:   []string{"meeting_uuid", "participant_id", "user_id", "participant_user_id", "name", "user_email", "joined_at", "left_at", "status", "ip_address"},
		batched: true, columns: []column{
			col("meeting_uuid", argument, "meetingId"), col("participant_id", text, "id"), col("user_id", text), col("participant_user_id", text), col("name", text, "user_name"),
			col("user_email", address, "email"), col("joined_at", moment, "join_time"), col("left_at", instant, "leave_time"), col("leave_reason", text), col("status", text),
			col("role", text), col("ip_address", text), col("location", text), col("device", text), col("device_name", text), col("pc_name", text), col("os", text),
			col("os_version", text), col("client", text), col("client_version", text, "version"), col("browser", text, "browser_name"), col("network_type", text),
			col("connection_type", text), col("data_center", text), col("recorded", flag, "recording"), col("shared_desktop", flag, "share_desktop"),
			col("shared_application", flag, "share_application"), col("shared_whiteboard", flag, "share_whiteboard")}}

	// A meeting that was recorded in several pieces has several rows with one UUID; host and start tell them apart.
	recordingsTable = &table{name: "ingest.recordings", key: "recording_key", keyOf: []string{"meeting_uuid", "started_at"}, hashed: true, batched: true, columns: []column{
		col("meeting_uuid", text, "uuid"), col("meeting_id", integer, "id"), col("host_id", text), col("user_id", argument, "userId"), col("topic", text),
		col("started_at", moment, "start_time"), col("duration_minutes", integer, "duration"), col("total_size", integer), col("recording_count", integer), col("type", text),
		col("auto_delete", flag), col("auto_delete_on", calendarDay, "auto_delete_date"), col("file_types", idsOfList, "recording_files.file_type")}}

	recordingSettingsTable = &table{name: "ingest.recording_settings", key: "meeting_uuid", hashed: true, batched: true,
		kept: versions{"recording_sharing", []string{"share_recording", "has_password", "recording_authentication", "viewer_download", "approval_type"}}, columns: []column{
			col("meeting_uuid", argument, "meetingId"), col("share_recording", text), col("has_password", isSet, "password"), col("recording_authentication", flag),
			col("authentication_domains", text), col("viewer_download", flag), col("on_demand", flag), col("approval_type", integer), col("auto_delete", flag),
			col("auto_delete_on", calendarDay, "auto_delete_date")}}

	chatChannelsTable = &table{name: "ingest.chat_channels", key: "channel_id", listed: true, kept: versions{"channel", []string{"type"}}, columns: []column{
		col("channel_id", text, "id"), col("name", text), col("type", integer),
		col("allow_to_add_external_users", integer, "channel_settings.allow_to_add_external_users", "channels_settings.allow_to_add_external_users"),
		col("add_member_permissions", integer, "channel_settings.add_member_permissions"),
		col("mention_all_permissions", integer, "channel_settings.mention_all_permissions", "channels_settings.mention_all_permissions"),
		col("posting_permissions", integer, "channel_settings.posting_permissions", "channels_settings.posting_permissions"),
		col("new_members_can_see_previous_messages_files", flag, "channel_settings.new_members_can_see_previous_messages_files",
			"channels_settings.new_members_can_see_previous_messages_files"),
		col("via_user_id", argument, "userId")}}

	userDetailsTable = &table{name: "ingest.user_details", key: "user_id", hashed: true, columns: []column{
		col("user_id", argument, "userId"), col("login_types", listIfSent), col("use_pmi", flag)}}

	userAssistantsTable = &table{name: "ingest.user_assistants", key: "assistant_key", keyOf: []string{"user_id", "assistant_id", "email"}, listed: true, columns: []column{
		col("user_id", argument, "userId"), col("assistant_id", text, "id"), col("email", address)}}

	upcomingMeetingsTable = &table{name: "ingest.upcoming_meetings", key: "meeting_key", keyOf: []string{"host_id", "meeting_id"}, listed: true, columns: []column{
		col("host_id", argument, "userId"), col("meeting_id", text, "id"), col("topic", text), col("type", integer), col("starts_at", instant, "start_time")}}

	// Zoom answers with the passcode in five spellings and with links that carry it: of all that, whether there is one.
	meetingSettingsTable = &table{name: "ingest.meeting_settings", key: "meeting_id", hashed: true, columns: []column{
		col("meeting_id", argument, "meetingId"), col("has_passcode", isSet, "password"), col("waiting_room", flag, "settings.waiting_room"),
		col("join_before_host", flag, "settings.join_before_host"), col("meeting_authentication", flag, "settings.meeting_authentication"),
		col("approval_type", integer, "settings.approval_type"), col("use_pmi", flag, "settings.use_pmi"), col("encryption_type", text, "settings.encryption_type"),
		col("auto_recording", text, "settings.auto_recording"), col("alternative_hosts", text, "settings.alternative_hosts")}}

	channelMembersTable = &table{name: "ingest.channel_members", key: "member_key", keyOf: []string{"channel_id", "user_id", "member_id", "email"}, listed: true, columns: []column{
		col("channel_id", argument, "channelId"), col("user_id", text, "id"), col("member_id", text), col("email", address), col("name", text), col("role", text),
		col("is_external", flag)}}

	channelActivitiesTable = &table{name: "ingest.channel_activities", key: "activity_id", batched: true,
		keyOf: []string{"occurred_at", "channel_id", "activity_type", "operator_id", "operator_name", "member_status", "member_ids", "member_names"}, columns: []column{
			col("occurred_at", moment, "activity_timestamp"), col("channel_id", text), col("activity_type", text), col("operator_id", text, "operator.user_id", "operator.member_id"),
			col("operator_name", text, "operator.display_name"), col("member_status", text, "members.member_status"), col("member_ids", idsOfList, "members.member_list.user_id"),
			col("member_names", idsOfList, "members.member_list.display_name")}}

	dailyTable = &table{name: "ingest.daily_usage", key: "day_key", keyOf: []string{"day"}, hashed: true, columns: []column{
		col("day", momentDay, "date"), col("new_users", integer), col("meetings", integer), col("participants", integer), col("meeting_minutes", integer)}}

	telephoneTable = &table{name: "ingest.telephone_usage", key: "usage_id", batched: true,
		keyOf: []string{"started_at", "ended_at", "meeting_uuid", "meeting_id", "type", "phone_number", "signaled_number", "call_in_number", "host_email", "duration_minutes", "total"}, columns: []column{
			col("started_at", moment, "start_time"), col("ended_at", instant, "end_time"), col("meeting_uuid", text, "uuid"), col("meeting_id", integer), col("meeting_type", text),
			col("host_id", text), col("host_email", address), col("host_name", text), col("dept", text), col("type", text), col("phone_number", text), col("signaled_number", text),
			col("call_in_number", text), col("country_name", text), col("duration_minutes", integer, "duration"), col("rate", number), col("total", number)}}

	remoteSupportTable = &table{name: "ingest.remote_support", key: "support_id", batched: true,
		keyOf: []string{"started_at", "ended_at", "requested_at", "meeting_uuid", "supporter_email", "supportee_email", "supporter_name", "supportee_name"}, columns: []column{
			col("started_at", moment, "start_time", "request_time"), col("ended_at", instant, "end_time"), col("requested_at", instant, "request_time"), col("meeting_uuid", text),
			col("meeting_number", text), col("topic", text), col("meeting_host_id", text), col("supporter_email", address), col("supporter_name", text),
			col("supportee_email", address), col("supportee_name", text), col("wait_seconds", span, "wait_time"), col("duration_seconds", span, "duration")}}

	meetingActivitiesTable = &table{name: "ingest.meeting_activities", key: "activity_id", batched: true,
		keyOf: []string{"occurred_at", "meeting_number", "operator_email", "operator_name", "category", "detail"}, columns: []column{
			col("occurred_at", moment, "activity_time"), col("meeting_number", digits), col("operator_email", address), col("operator_name", text, "operator"),
			col("category", text, "activity_category"), col("detail", text, "activity_detail")}}
)
