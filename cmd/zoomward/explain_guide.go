package main

import (
	"slices"
	"strings"

	"github.com/zoomward/zoomward/models"
)

// A guide is what an analyst should know of a kind of finding: what usually explains it away, and how to find out.
type guide struct {
	harmless string
	check    []string
}

// Where to look in Zoom's web portal, in the words of its menu.
const (
	portalSignIns = "Account Management > Reports > User Activity Reports: the sign-in and sign-out report"
	portalLog     = "Account Management > Reports > User Activity Reports > Admin Activity Logs"
	portalUsers   = "User Management > Users"
	askOutside    = "Ask the user by telephone or in person; whoever holds the account can answer its chat and mail."
)

var (
	signInGuide = guide{
		"a journey, a new home or office, a new laptop or telephone, a VPN or mobile network with its exit elsewhere, or a colleague who was let in on purpose",
		[]string{
			portalSignIns + " for this user and these days; compare addresses and clients with the usual ones above.",
			"Look at the same hours in your identity provider: was there a second factor, from which device?",
			askOutside,
			"If nobody can explain it: " + portalUsers + ", deactivate the user or reset the password, and have all sessions signed out.",
		},
	}
	riskyAddressGuide = guide{
		"a browser or telephone with a VPN service or Tor for privacy, a desktop in a cloud, or a list that is out of date",
		[]string{
			portalSignIns + " for this user: is the client the usual one, and what came before and after?",
			"Look the address up: zoomward geo lookup names the lists that hold it. If the network is yours, name it under geo.corporate or geo.vpn of the config.",
			askOutside,
			"If nobody can explain it: " + portalUsers + ", deactivate the user or reset the password, and have all sessions signed out.",
		},
	}
	adminGuide = guide{
		"a planned change, a migration or a maintenance window, a new administrator, or a script that works under this account",
		[]string{
			portalLog + " for this operator and day, with the changes before and after.",
			"Look for a change ticket; ask a second administrator, not the operator alone.",
			"Operations carry no address: look at the operator's sign-ins of that day for where they came from.",
			"If it was not planned: undo the changes, take the role away (" + portalUsers + "), and sign the operator out.",
		},
	}
	recordingGuide = guide{
		"tidying up at the end of a project or quarter, a retention rule, or an assistant who looks after somebody's recordings",
		[]string{
			portalLog + " for this user and day.",
			"Ask the user and the hosts of the meetings whether it was meant.",
			"If it was not: Account Management > Recording Management; deleted recordings stay in the trash for up to 30 days where the account allows recovery.",
		},
	}
	outsiderGuide = guide{
		"a customer, an auditor, an applicant, or a colleague who joined without signing in",
		[]string{"Ask the host who the people from outside are, and who invited them.", "Reports > Usage Reports > Active Hosts: the participants of the meeting, with when they came and left.",
			"If nobody knows them: change the meeting's link and passcode, and have the waiting room on."},
	}
	habitGuide = guide{
		"a new task or role, work at another time of day or in another way than usual, a script that works under this account, or a colleague who was let in on purpose",
		[]string{
			portalLog + ", and " + portalSignIns + ", for this user and these days: what was done, and from where?",
			"Ask the user or the manager what was going on; was it the user's own work?",
			askOutside,
			"If nobody can explain it: " + portalUsers + ", deactivate the user or reset the password, and have all sessions signed out.",
		},
	}
	volumeGuide = guide{
		"a busy day, a new task, or a script that works under this account",
		[]string{portalSignIns + ", and " + portalLog + ", for this user and day.", "Ask the user or the manager what was going on that day."},
	}
)

// guides are found by detection, else by the start of its id.
var guides = map[string]guide{
	"ZW-IDN": signInGuide, "ZW-TRV": signInGuide, "ZW-LOC": signInGuide, "ZW-COR": signInGuide,
	"ZW-ADM": adminGuide, "ZW-CFG": adminGuide, "ZW-DEV": signInGuide, "ZW-RTE-03": signInGuide, "ZW-RTE-13": signInGuide,
	"ZW-RTE": volumeGuide, "ZW-RTE-04": recordingGuide, "ZW-RTE-05": recordingGuide,
	"ZW-SLW": {"a new task or project whose work grows by and by", []string{
		portalLog + " for this user over the days of the chart: is it the same kind of thing every day?",
		"Ask the user or the manager whether the task changed. Slow copying of recordings looks just like this.",
	}},
	"ZW-INA-01": {"a return from leave, a seasonal worker, or an account used once a year", []string{
		"Ask the manager whether the person is back; " + portalUsers + " shows who owns the account.",
		portalSignIns + " for this user: is the place one where the person would be?",
		"If nobody needs the account: deactivate it. A sleeping account is one nobody misses when it is taken.",
	}},
	"ZW-INA-02": {"a session or room device that was still signed in, or a user who was brought back since", []string{
		portalUsers + ": is the user deactivated there now, and since when?",
		"If so: have the sessions and devices of the user signed out, and remove the user from your identity provider too.",
		portalLog + " for the removal itself: who did it, and was it meant?",
	}},
	"ZW-RIP-01": riskyAddressGuide, "ZW-RIP-02": riskyAddressGuide, "ZW-RIP-03": riskyAddressGuide, "ZW-RIP-04": riskyAddressGuide,
	"ZW-RIP-05": {"an administrator who browses through a VPN service or Tor for privacy; or another session than the last one was the one that worked", []string{
		portalLog + " for this operator: what was changed, and does anything open a door (roles, sign-in methods, apps)?",
		portalSignIns + " for this operator and the day before: the session is inferred, was another one open?",
		askOutside,
		"If it was not the operator: undo the changes, take the role away (" + portalUsers + "), and sign the operator out.",
	}},
	"ZW-RIP-06": {"a journey, a colleague who works from abroad for a while, or an address that the location database has in the wrong country", []string{
		"Look the address up in a second source: zoomward geo lookup shows what the databases in use say.",
		"Ask the manager about travel; people who are allowed to travel can be left out by exclusions or scopes of the config.",
		askOutside,
	}},
	"ZW-INA-03": {"somebody who looked something up during a leave, an early return, a telephone that signs in by itself, or a list that nobody has brought up to date", []string{
		"Look at the list itself (watch.leave, watch.list, watch.leavers of the config): is the person still to be on it?",
		portalSignIns + " for this user: was it a person at a computer, or the same telephone as ever?",
		"Ask the manager, and the person by telephone.",
	}},
	"ZW-INA-04": {"a return from leave with a new home or telephone, or a user deactivated by mistake", []string{
		portalLog + " for who brought the account back: is there a ticket, and does the operator remember it?",
		askOutside,
		"If nobody needs the account: " + portalUsers + ", deactivate it again and have its sessions signed out.",
	}},
	"ZW-INA": {"a new colleague on a lively first day, a seasonal worker, or an account used for one purpose a few times a year", []string{
		portalUsers + ": who owns the account, and since when?",
		portalSignIns + " for this user: is the place one where the person would be?",
		"If nobody needs the account: deactivate it.",
	}},
	"ZW-LGF-06": {"a forgotten or expired password that a device goes on trying, a new telephone for the second factor, or a helpdesk on a busy day", []string{
		"Look at the failures in your identity provider: from how many addresses, against how many accounts, and did one succeed?",
		portalLog + " for resets and unlocks of the account around then.",
		askOutside,
		"If the owner knows nothing of it: reset the password, and sign the account out everywhere.",
	}},
	"ZW-ADM-13": {"a change of the archive or of roles that the legal or audit department asked for", []string{
		portalLog + " for this operator and day: what else was done around then, before and after?",
		"Ask those who read the records, not the operator alone.",
		"Put it back until that is settled: what is not recorded meanwhile is lost.",
	}},
	"ZW-CFG-11": {"a certificate that was due, a change of identity provider, or a new attribute in the mapping", []string{
		"Ask whoever runs the identity provider: is there a change ticket with this date?",
		"Account's single sign-on page: are sign-in page URL, certificate and issuer those of your own provider?",
		portalLog + " for this operator and day, with the changes before and after.",
		"If it was not planned: put the old values back, and look at every sign-in since with SSO.",
	}},
	"ZW-CFG-15": {"an app that a department has asked for, or an integration that was renamed or made anew", []string{
		"App Marketplace > Manage > Apps on Account: who added it, for whom, with which scopes?",
		"Ask who approved it what it is for; an app that only schedules meetings needs no scope over the account.",
		"If nobody can say: remove it there, which revokes its tokens, and look for what it changed in " + portalLog + ".",
	}},
	"ZW-CFG-17": {"a change of defaults by Zoom, a change by Zoom's support, or one that the log of operations does not record", []string{
		"Zoom's release notes of that week: did a default change?",
		portalLog + " for the hours between the two readings, once more: rows may come late.",
		"Ask those who may change account settings; where nobody did, treat it as a change by a stranger and put it back.",
	}},
	"ZW-RIP": {"a new office, a training room, a conference, or a VPN exit that several people share", []string{
		"Find out whose address it is. If it is yours, name it under geo.corporate or geo.vpn of the config and it is not strange again.",
		portalSignIns + " for these users: did the sign-ins come one after another, with the same client?",
		"If it is nobody's you know: reset the passwords of all these users and sign them out; they may share a leaked password.",
	}},
	"ZW-ADM-14": {"a holiday that only some of the organisation keeps, a migration, or an outage at Zoom", []string{
		"Read the days again: zoomward run --overlap 336h. Rows that Zoom had late come in, and the alert goes.",
		portalLog + ", and " + portalSignIns + ", for the day: does Zoom itself show rows?",
		"If Zoom shows none either: find out who could have switched the logging off, or taken the app's scopes away, around that day.",
	}},
	"ZW-LGF": {"a forgotten or renewed password, a device that goes on with an old one, or an outage of the identity provider", []string{
		"Look at the failures in your identity provider: for which application, with which client, and did one of them succeed?",
		"Is the network yours, or a partner's? Name it under geo.corporate or geo.vpn of the config.",
		askOutside,
		"If it is an attack: block the network at the identity provider, and reset the passwords of accounts that signed in afterwards.",
	}},
	"ZW-RTE-06": recordingGuide, "ZW-RTE-07": recordingGuide,
	"ZW-RTE-09": outsiderGuide, "ZW-RTE-10": outsiderGuide, "ZW-RTE-12": outsiderGuide,
	"ZW-APP": {"a company that writes its name that way, or an app of your own", []string{
		"Zoom App Marketplace > Manage > Added Apps: who made the app, and which scopes does it hold?",
		"Compare it with the app that it looks like: is it of the same developer?",
		"If not: remove the app, sign out the users who added it, and look at what was read with its scopes.",
	}},
}

// guideFor finds the guide of a detection.
func guideFor(detection string) guide {
	if g, ok := guides[detection]; ok {
		return g
	}
	if parts := strings.SplitN(detection, "-", 3); len(parts) == 3 {
		if g, ok := guides[parts[0]+"-"+parts[1]]; ok {
			return g
		}
	}
	return volumeGuide
}

// detectionOf finds a detection of the catalogue; one that is not there, of another version, has its id alone.
func detectionOf(id string) models.Detection {
	if i := slices.IndexFunc(models.Catalogue, func(d models.Detection) bool { return d.ID == id }); i >= 0 {
		return models.Catalogue[i]
	}
	return models.Detection{ID: id, Title: id}
}
