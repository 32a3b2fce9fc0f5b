package models

// accountDetections are statements on what happened to accounts, settings and apps over more than a day.
func accountDetections() []Detection {
	return []Detection{
		{ID: "ZW-ADM-02", rows: []string{"ingest.operations"}, Title: "Rare administrative action", Class: Behavior, Hint: true, Severity: "low", Group: "Admin activity", Kind: "rule", Data: []string{oplog}, Techniques: []string{"T1098"},
			About: "An operator does what is less than 1 in 100 of his operations and 1 in 20 of those of others, over half a year; after a week of his own and a month of the organisation's.",
			set:   true},
		{ID: "ZW-ADM-06", rows: []string{"ingest.operations"}, Title: "Administration from outside the organisation's networks", Class: Alert, Severity: "low", Group: "Admin activity", Kind: "rule", Data: []string{oplog, signins},
			Techniques: []string{"T1078.004"},
			About: "Administrative operations in a session (inferred from the sign-in before) from an address that is neither corporate nor VPN, by an operator who mostly works from such. " +
				"A behavior from a network or provider that he has used in the 90 days before. Mute until networks are named (geo.corporate, geo.vpn).",
			set: true},
		{ID: "ZW-ADM-10", rows: []string{"ingest.operations"}, Title: "Rogue administrator: many accounts reset", Class: Alert, Severity: "high", Group: "Admin activity", Kind: "rule", Data: []string{oplog}, Techniques: []string{"T1098", "T1531"},
			About: "Within an hour an operator resets password, second factor or address of at least five other accounts, or signs them out. A behavior for whoever has done half as much in an hour of the month before, and in the first week of the records.",
			set:   true},
		{ID: "ZW-ADM-11", rows: []string{"ingest.operations"}, Title: "First delegation between two people", Class: Behavior, Severity: "medium", Group: "Admin activity", Kind: "rule", Data: []string{oplog}, Techniques: []string{"T1098"},
			About: "Somebody gets the scheduling privilege for, or becomes assistant of, an account that he had no such right for in 90 days.",
			set:   true},
		{ID: "ZW-ADM-12", rows: []string{"ingest.operations"}, Title: "Protection turned off and back on", Class: Behavior, Severity: "medium", Group: "Configuration", Kind: "rule", Data: []string{oplog}, Techniques: []string{"T1562.001"},
			About: "The same protection of the account or of a group goes off and on again within 24 hours, or the same door open and shut.",
			set:   true},
		{ID: "ZW-CFG-10", Title: "Domain added to a list of allowed ones", Class: Alert, Severity: "medium", Group: "Configuration", Kind: "rule", Data: []string{oplog, "settings", "domains"}, Techniques: []string{"T1098"},
			About: "A list of domains whose people may sign in, join or pass the waiting room has got longer, by the operation log or between two readings of settings and domains. Lists of blocked domains do not count.",
			set:   true},
		{ID: "ZW-CFG-15", rows: []string{"ingest.apps"}, Title: "New app with scopes over the whole account", Class: Alert, Severity: "medium", Group: "Configuration", Kind: "rule", Data: []string{"apps"},
			Techniques: []string{"T1528", "T1550.001", "T1098.001"},
			About:      "An app that was not listed before holds scopes of administrators. High when it may change something. A behavior for apps of Zoom's own.",
			set:        true},
		{ID: "ZW-CFG-17", rows: []string{"ingest.setting_versions"}, Title: "Settings changed without a row in the log", Class: Alert, Severity: "medium", Group: "Configuration", Kind: "rule", Data: []string{"settings", oplog}, Techniques: []string{"T1562.001"},
			About: "Two readings differ in a setting of the account, or in its lock, while the operation log covers the time between and no row of it explains the change: none names the setting, " +
				"and none speaks of something unknown. A behavior where no setting of protections is among them.",
			set: true},
		{ID: "ZW-INA-04", rows: []string{"ingest.operations"}, Title: "Account brought back and soon used from elsewhere", Class: Alert, Severity: "medium", Group: "Inactive account", Kind: "rule", Data: []string{oplog, signins},
			Techniques: []string{"T1098", "T1078.004"},
			About: "Within seven days after its reactivation an account signs in from a network that it never used and that colleagues do not share, or the operator who brought it back never administrated before. " +
				"A behavior when provisioning did it, or five or more were brought back together.",
			set: true},
		{ID: "ZW-INA-05", rows: []string{"ingest.users"}, Title: "New account unlike other new accounts", Class: Behavior, Severity: "low", Group: "Inactive account", Kind: "rule", Data: []string{users, signins, oplog},
			Techniques: []string{"T1136.003", "T1078.004"},
			About:      "In its first 30 days an account has more operations or networks on a day than at least 20 others explain by theirs (p at most 0.01).",
			set:        true},
		{ID: "ZW-INA-06", Title: "Rarely used account used", Class: Behavior, Severity: "low", Group: "Inactive account", Kind: "rule", Data: []string{signins}, Techniques: []string{"T1078.004"},
			About: "After more than 30 days of silence somebody signs in to an account that is among the least used: accounts as rarely used make less than 0.5 % of the organisation's days.",
			find:  findRarelyUsed},
		{ID: "ZW-LGF-06", rows: []string{"ingest.operations"}, Title: "Burst of unlock and reset operations", Class: Behavior, Severity: "low", Group: "Login failures", Kind: "rule", Data: []string{oplog}, Techniques: []string{"T1110"},
			About: "At least three unlock or reset operations on one account in a day, or five on three accounts in an hour, far above the month before. Operators who do so on five days of a month do not count.",
			set:   true},
	}
}
