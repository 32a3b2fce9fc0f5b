package models

// feedDetections are statements over the tables of further feeds, and of the feeds themselves.
func feedDetections() []Detection {
	out := []Detection{
		{ID: "ZW-LGF-02", rows: []string{"ingest.failed_sign_ins"}, Title: "Password spray from one network", Class: Alert, Severity: "medium", Group: "Login failures", Kind: "rule", Data: []string{failures, signins}, Techniques: []string{"T1110.003"},
			About: "Within an hour a network that is new to them fails for at least five accounts, fifteen times in all however often for one; three times as many on networks of the organisation."},
		{ID: "ZW-LGF-03", rows: []string{"ingest.failed_sign_ins"}, Title: "One account attacked from many networks", Class: Alert, Severity: "medium", Group: "Login failures", Kind: "rule", Data: []string{failures, signins}, Techniques: []string{"T1110.001"},
			About: "Within an hour at least ten failed sign-ins of one user from five networks that are not the user's, in two countries, of three operators or from eight networks."},
		{ID: "ZW-LGF-04", rows: []string{"ingest.failed_sign_ins"}, Title: "Sign-in after an attack on the account", Class: Alert, Severity: "high", Group: "Login failures", Kind: "rule", Data: []string{failures, signins}, Techniques: []string{"T1110", "T1078.004"},
			About: "Within six hours of at least ten failed sign-ins, or of a network failing for five accounts, the user signs in from a network that is new to the user."},
		{ID: "ZW-LGF-05", rows: []string{"ingest.failed_sign_ins"}, Title: "Failed sign-ins all over the organisation", Class: Alert, Severity: "medium", Group: "Login failures", Kind: "sequential", Data: []string{failures}, Techniques: []string{"T1110", "T1110.003"},
			About: "A quarter of an hour with at least 20 failed sign-ins of five users, six robust standard deviations above the same hour of the week and more than any of four weeks."},
		{ID: "ZW-ADM-14", Title: "Gap in a feed", Class: Alert, Severity: "low", Group: "Admin activity", Kind: "rule", Data: []string{signins, oplog, "history_meetings"}, Techniques: []string{"T1562.008"},
			About: "On a day that was read to its end a feed has less than a tenth of what is usual on that weekday though other feeds go on, or nothing where even a holiday would leave something."},
		{ID: "ZW-RTE-06", rows: []string{"ingest.recordings"}, Title: "Many recordings open to anybody", Class: Alert, Severity: "medium", Group: "Activity rate", Kind: "sequential", Data: []string{"recordings", "recording_settings", users}, Techniques: []string{"T1567", "T1530"},
			About: "At least five recordings of a host come to be shared publicly without passcode or sign-in on one day, more than the month before foretells: recorded so, or read as open after they were read as closed. " +
				"How old recordings are shared is read weekly in their first month and monthly after it."},
		{ID: "ZW-RTE-07", rows: []string{"ingest.recordings"}, Title: "Unusual number of recordings", Class: Behavior, Severity: "low", Group: "Activity rate", Kind: "sequential", Data: []string{"recordings", users}, Techniques: []string{"T1125", "T1123"},
			About: "A host has at least five meetings recorded in the cloud on one day, more than two months foretell. Not where meetings are recorded automatically."},
		{ID: "ZW-RTE-08", rows: []string{"ingest.history_meetings"}, Title: "Burst of new meetings", Class: Behavior, Severity: "medium", Group: "Activity rate", Kind: "sequential", Data: []string{"history_meetings"}, Techniques: []string{"T1566.002"},
			About: "A host makes at least twenty meetings within an hour, more than the month before foretells of a whole day. Meetings are known once they were held."},
		{ID: "ZW-RTE-09", rows: []string{"ingest.meeting_participants", "ingest.dashboard_participants"}, Title: "Unexpectedly many outsiders in a meeting", Class: Behavior, Severity: "low", Group: "Activity rate", Kind: "sequential", Data: []string{"meeting_participants", "meetings", users},
			Techniques: []string{"T1125", "T1133"},
			About:      "At least five participants from outside, a share that the host's meetings of two months make improbable (beta-binomial tail below 1 in 1,000) and that none of them had."},
		{ID: "ZW-RTE-10", rows: []string{"ingest.meeting_participants", "ingest.dashboard_participants"}, Title: "Outsider in meetings of many hosts", Class: Alert, Severity: "medium", Group: "Activity rate", Kind: "sequential", Data: []string{"meeting_participants", "dashboard_participants", "meetings", users},
			Techniques: []string{"T1133", "T1125"},
			About:      "Somebody from outside joins meetings of at least five hosts on one day, more than the month before foretells. A behavior where all of them but one are of one department."},
		{ID: "ZW-RTE-12", rows: []string{"ingest.channel_members"}, Title: "Chat channel opened, or unusually many made", Class: Behavior, Severity: "low", Group: "Activity rate", Kind: "rule", Data: []string{"chat_channels", "channel_members", users}, Techniques: []string{"T1213"},
			About: "A channel gets its first members from outside, or somebody of a domain that was in no channel before; a private channel becomes public; or a user owns at least five channels more than a day before, " +
				"more than the month before foretells (p at most 0.001)."},
		{ID: "ZW-TRV-04", rows: []string{"ingest.dashboard_participants"}, Title: "Sign-in and meeting in incompatible places", Class: Alert, Severity: "medium", Group: "Location", Kind: "rule", Data: []string{signins, "dashboard_participants", "places", users},
			Techniques: []string{"T1078.004"},
			About:      "A user signs in and takes part in a meeting in different countries, more than 500 km apart and faster than 900 km/h; not from networks of the organisation, VPNs or telephones."},
		{ID: "ZW-APP-01", rows: []string{"ingest.apps"}, Title: "Misleading name of an app", Class: Alert, Severity: "high", Group: "Apps", Kind: "rule", Data: []string{"apps"}, Techniques: []string{"T1566", "T1528"}, sift: siftApps,
			About: "The name of an app that is new to the account looks like another app's, or mixes scripts whose letters look alike in one word (Unicode Technical Standard #39)."},
	}
	for i := range out {
		out[i].set = true
	}
	return out
}
