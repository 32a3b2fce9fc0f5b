package models

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/zoomward/zoomward/store"
)

// A Need is a kind of data that a detection works on.
type Need struct {
	Name  string   `json:"name"`
	Feeds []string `json:"feeds,omitempty"` // of which one must have been read; none for what comes from elsewhere
	exist string   // query of one boolean: whether it is there, for what is no feed
	lack  string   // what to do when it is not
}

// needs are the kinds of data that feeds do not name themselves.
var needs = []Need{
	{Name: signins, Feeds: []string{"activities"}},
	{Name: oplog, Feeds: []string{"operations"}},
	{Name: users, Feeds: []string{"users"}},
	{Name: "meetings", Feeds: []string{"history_meetings", "user_meetings", "dashboard_meetings"}},
	{Name: "meeting_participants", Feeds: []string{"dashboard_participants", "meeting_participants"}},
	{Name: "chat_channels", Feeds: []string{"public_channels", "user_channels"}},
	{Name: failures, exist: `SELECT count(*) > 0 FROM ingest.failed_sign_ins`, lack: "import an identity provider's log of failed sign-ins (zoomward import)"},
	{Name: "places", exist: `SELECT count(*) > 0 FROM ingest.activities WHERE country_code IS NOT NULL`, lack: "name a location database in geo.files (zoomward geo)"},
	{Name: "network lists", exist: `SELECT count(*) > 0 FROM ingest.activities WHERE network_category NOT IN ('unknown', 'private') OR len(network_tags) > 0`,
		lack: "name lists of networks in geo.lists, such as Tor exits and proxies; without any, no address is risky"},
	{Name: "findings"},
}

// Needs returns what a detection works on.
func (d *Detection) Needs() []Need {
	out := make([]Need, len(d.Data))
	for i, name := range d.Data {
		k := slices.IndexFunc(needs, func(n Need) bool { return n.Name == name })
		if k < 0 { // a feed by its own name
			out[i] = Need{Name: name, Feeds: []string{name}}
		} else {
			out[i] = needs[k]
		}
	}
	return out
}

// Lacks returns, for every kind of data that some detection needs and the database does not hold, what is missing.
func Lacks(ctx context.Context, q store.Querier) (map[string]string, error) {
	var f struct {
		Feed  []string `col:"feed"`
		Why   []string `col:"why"`
		There []bool   `col:"there"`
	}
	if err := q.Read(ctx, &f, `SELECT feed, coalesce(message, state) AS why, state = 'ok' OR rows_landed > 0 AS there FROM meta.feeds`); err != nil {
		return nil, fmt.Errorf("read feeds: %w", err)
	}
	there, said := map[string]bool{}, map[string]string{}
	for i, name := range f.Feed {
		there[name], said[name] = f.There[i], f.Why[i]
	}
	out := map[string]string{}
	for i := range Catalogue {
		for _, n := range Catalogue[i].Needs() {
			if _, done := out[n.Name]; done {
				continue
			}
			switch {
			case n.exist != "":
				var there bool
				if err := q.Row(ctx, n.exist).Scan(&there); err != nil {
					return nil, fmt.Errorf("look for %s: %w", n.Name, err)
				}
				if !there {
					out[n.Name] = n.lack
				}
			case len(n.Feeds) > 0 && !slices.ContainsFunc(n.Feeds, func(feed string) bool { return there[feed] }):
				var why []string
				for _, feed := range n.Feeds {
					s := said[feed]
					if s == "" {
						s = "not read yet"
					}
					why = append(why, feed+": "+s)
				}
				out[n.Name] = strings.Join(why, "; ")
			}
		}
	}
	return out, nil
}

// An Unsupported detection is one that other systems have and that cannot be had from what zoomward reads of Zoom.
type Unsupported struct {
	ID, Title  string
	Class      Class
	Why        string
	Techniques []string // MITRE ATT&CK v18, as of Detection
}

// NotSupported lists them, so that nobody takes their silence for safety.
var NotSupported = []Unsupported{
	{"ZW-CFG-16", "Meeting created without a passcode", Behavior, "no listing of past meetings says whether a meeting had a passcode, and zoomward asks for no meeting of its own accord", []string{"T1133", "T1190"}},
	{"ZW-LGF-07", "Repeated registration denials followed by an approval", Behavior, "registrants of meetings, webinars and recordings are no feed of zoomward: they hold data of people outside the account", []string{"T1078"}},
	{"ZW-RTE-11", "Same link posted to many chat channels", Alert, "it needs the text of chat messages, which zoomward never reads: the scopes that open it open everybody's chats", []string{"T1534"}},
}

// AttackVersion is the version of MITRE ATT&CK whose ids Detection.Techniques holds.
const AttackVersion = "18"

// attackRenamed are techniques that another version of ATT&CK has under another id: version 19 took Impair Defenses (T1562) apart.
var attackRenamed = map[string]string{"T1562": "T1685", "T1562.001": "T1685", "T1562.008": "T1685.002"}

// Techniques19 returns the ids of version 19.
func (d *Detection) Techniques19() []string { return attack19(d.Techniques) }

// Techniques19 returns the ids of version 19.
func (u *Unsupported) Techniques19() []string { return attack19(u.Techniques) }

func attack19(techniques []string) []string {
	out := slices.Clone(techniques)
	for i, t := range out {
		if to, ok := attackRenamed[t]; ok {
			out[i] = to
		}
	}
	return out
}
