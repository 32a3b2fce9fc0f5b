package models

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/zoomward/zoomward/features"
)

func deviceDetections() []Detection {
	const group = "Device"
	return []Detection{
		{ID: "ZW-DEV-01", Title: "Kind of client new to the user", Class: Behavior, Severity: "info", Group: group, Kind: "rule", Data: []string{signins}, Techniques: []string{"T1078.004"}, Hint: true,
			About: "A kind of client that the user never signed in with, of a user who seldom uses a new one; not where at least one in twenty of the organisation starts with it on that day.",
			find:  findNewClient},
		{ID: "ZW-DEV-02", Title: "Outdated client", Class: Behavior, Severity: "low", Group: group, Kind: "rule", Data: []string{signins}, Techniques: []string{"T1190"}, Hint: true,
			About: "A client that lies at least three releases (the first two numbers of the version) behind the one that half of the organisation has or is past. Told once a month of a device.",
			find:  findOutdated},
		{ID: "ZW-DEV-03", Title: "Rare client version, older than the user's", Class: Behavior, Severity: "low", Group: group, Kind: "rule", Data: []string{signins}, Techniques: []string{"T1078.004"},
			About: "A version that hardly anybody in the organisation has, older than the newest that the user had of that kind of client and not the user's of late.",
			find:  findRareVersion},
		{ID: "ZW-DEV-04", Title: "Unknown client", Class: Alert, Severity: "medium", Group: group, Kind: "rule", Data: []string{signins}, Techniques: []string{"T1078.004"},
			About: "A kind of client, or a form of its version, that nobody in the organisation was seen with. An alert when it is none of Zoom's own kinds or its version is no number, as a " +
				"program would say; else a behavior.",
			find: findUnknownClient},
		{ID: "ZW-DEV-05", Title: "Two systems from one address within minutes", Class: Behavior, Severity: "low", Group: group, Kind: "rule", Data: []string{signins}, Techniques: []string{"T1539"},
			About: "One user signs in with two families of desktop systems from one address within ten minutes, one of them never used by that user; not from networks that several share.",
			find:  findTwoSystems},
		{ID: "ZW-DEV-06", Title: "Unfamiliar sign-in", Class: Alert, Severity: "high", Group: "Identity", Kind: "sequential", question: whoQuestion, urgent: true, Data: []string{signins}, Techniques: []string{"T1078.004"},
			About: "One sign-in of which at least three of country, network operator, network prefix, client, version and hour are new to the user, of at least two of place, client and time: together " +
				"rarer than on 1 of 500,000 of this user's days, or on 1 of 10,000 where nobody in the organisation was seen in that country " +
				"in two months or more.",
			find: findUnfamiliar},
	}
}

// rolloutShare is the share of the organisation that starts with a client on one day when it is rolled out.
const rolloutShare = 0.05

// newcomers counts, by kind of client, the users of the day to whom it is new.
func (s *scene) newcomers() map[string]int {
	out := map[string]int{}
	for i := range s.day.Users {
		u := &s.day.Users[i]
		rows := s.rows(u, func(r *features.Rows, k int) bool { return r.Has(k, features.SignIn) })
		for _, c := range distinct(rows, s.day.Rows.Client) {
			if u.Account.Days > 0 && s.state.Own(u.Account, features.Client, c) == 0 {
				out[c]++
			}
		}
	}
	return out
}

// rolledOut says whether so many users of one day are a roll-out.
func (s *scene) rolledOut(users int) bool {
	return users >= 3 && float64(users) >= rolloutShare*float64(s.people.Active())
}

// findNewClient reports kinds of client that are new to a user.
func findNewClient(s *scene) []Finding {
	r := s.day.Rows
	starting := s.newcomers()
	return s.users(func(_ int, u *features.UserDay, a *features.Account) (out []Finding) {
		seen := map[string]bool{}
		for i := u.Lo; i < u.Hi; i++ {
			client := r.Client(i)
			if !r.Has(i, features.SignIn) || seen[client] {
				continue
			}
			seen[client] = true
			p, ok := s.newTo(a, features.Client, client)
			if !ok || p > novelBar || s.rolledOut(starting[client]) {
				continue
			}
			at, _ := r.Place(i)
			f := s.finding(u)
			f.span(r, []int{i})
			f.Key, f.P = client, p
			f.Observed, f.Unit, f.Score = 1, "new kinds of client", -math.Log10(p)
			before := s.valuesOf(a, features.Client)
			indicators := s.indicators(a, at)
			indicators["client_type_rarity"] = rounded(s.rarity(a, features.Client, client))
			f.Evidence.Details = map[string]any{"client_type": client, "prior_clients": before, "p_value": rounded(p), "new_to_others_today": starting[client] - 1, "indicators": indicators}
			f.Evidence.Events = s.notes([]int{i})
			f.Summary = fmt.Sprintf("%s: first sign-in with %s; before, with %s. Judged from %s.", u.Email, clientWords(client), few(before), history(a))
			out = append(out, f)
		}
		return out
	})
}

// A release is the first two numbers of a version, which grow with it.
type release [2]int

func (a release) compare(b release) int {
	return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1]))
}

// releaseOf reads a version such as 6.3.10 (3501); ok is false when it does not begin with two numbers.
func releaseOf(version string) (out release, ok bool) {
	fields := strings.SplitN(version, ".", 3)
	if len(fields) < 2 {
		return out, false
	}
	for i := range out {
		digits := fields[i]
		if end := strings.IndexFunc(digits, func(r rune) bool { return r < '0' || r > '9' }); end >= 0 {
			digits = digits[:end]
		}
		n, err := strconv.Atoi(digits)
		if err != nil {
			return out, false
		}
		out[i] = n
	}
	return out, true
}

// releases of a kind of client, oldest first, and the one that half of the organisation's user-days of late had or were past.
func (s *scene) releases(client string) (list []release, median release) {
	weight := map[release]float64{}
	total := 0.0
	for version, w := range s.state.Releases(client) {
		if x, ok := releaseOf(version); ok {
			if weight[x] == 0 {
				list = append(list, x)
			}
			weight[x] += w
			total += w
		}
	}
	slices.SortFunc(list, release.compare)
	sum := 0.0
	for _, x := range list {
		if sum += weight[x]; sum >= total/2 {
			return list, x
		}
	}
	return list, median
}

// outdatedReleases is how many releases a client may lie behind the organisation's median. Zoom makes one in one to two months and supports none for longer than nine.
const outdatedReleases = 3

// findOutdated reports clients of old releases.
func findOutdated(s *scene) []Finding {
	r := s.day.Rows
	if s.watched() < watchedWeek {
		return nil
	}
	type known struct {
		list   []release
		median release
	}
	byClient := map[string]known{}
	for _, client := range s.state.Clients() {
		list, median := s.releases(client)
		byClient[client] = known{list, median}
	}
	month := features.DayNumber(time.Date(s.day.Start().Year(), s.day.Start().Month(), 1, 0, 0, 0, 0, time.UTC))
	return s.users(func(_ int, u *features.UserDay, a *features.Account) (out []Finding) {
		seen := map[string]bool{}
		for i := u.Lo; i < u.Hi; i++ {
			client, version := r.Client(i), r.Version(i)
			mine, ok := releaseOf(version)
			if !ok || !r.Has(i, features.SignIn) || seen[client+" "+version] {
				continue
			}
			seen[client+" "+version] = true
			k := byClient[client]
			behind := 0
			for _, x := range k.list {
				if x.compare(mine) > 0 && x.compare(k.median) <= 0 {
					behind++
				}
			}
			if behind < outdatedReleases {
				continue
			}
			x, ok := s.state.ContextOf(r, i)
			if ok && slices.ContainsFunc(a.Devices, func(d features.Device) bool { return d.Client == x.Client && d.Version == x.Version && d.Day >= month }) {
				continue // told this month
			}
			newest := k.list[len(k.list)-1]
			f := s.finding(u)
			f.span(r, []int{i})
			f.Key = client
			f.Observed, f.Expected, f.Unit, f.Score = float64(behind), 0, "releases behind", float64(behind)
			f.Evidence.Details = map[string]any{"client_type": client, "version": version, "tenant_median_version": k.median.String(), "newest_seen": newest.String(),
				"indicators": map[string]any{"client_outdated": behind}}
			f.Evidence.Events = s.notes([]int{i})
			f.Summary = fmt.Sprintf("%s: signed in with %s %s, %d releases behind %s, which half of the organisation has or is past; the newest seen is %s.", u.Email, clientWords(client), version,
				behind, k.median, newest)
			out = append(out, f)
		}
		return out
	})
}

func (a release) String() string { return fmt.Sprintf("%d.%d", a[0], a[1]) }

// rareVersion is below which share of the organisation's user-days of late, of one kind of client, a version is rare.
const rareVersion = 0.005

// findRareVersion reports versions that hardly anybody has and that are older than the user's.
func findRareVersion(s *scene) []Finding {
	if s.watched() < minTenantDays {
		return nil
	}
	r := s.day.Rows
	return s.users(func(_ int, u *features.UserDay, a *features.Account) (out []Finding) {
		if !s.settledIn(a) {
			return nil
		}
		seen := map[string]bool{}
		for i := u.Lo; i < u.Hi; i++ {
			client, version := r.Client(i), r.Version(i)
			if !r.Has(i, features.SignIn) || version == "" || seen[client+" "+version] {
				continue
			}
			seen[client+" "+version] = true
			x, ok := s.state.ContextOf(r, i)
			if !ok {
				continue
			}
			level, ok := s.state.Familiarity(a, x)
			if !ok || level.Device() != features.OlderDevice {
				continue
			}
			total := 0.0
			all := s.state.Releases(client)
			for _, w := range all {
				total += w
			}
			share := all[version] / math.Max(total, 1)
			if share >= rareVersion {
				continue
			}
			newest := newestOf(a, x.Client)
			at, _ := r.Place(i)
			indicators := s.indicators(a, at)
			indicators["client_version_regression"] = true
			f := s.finding(u)
			f.span(r, []int{i})
			f.Key = client
			f.Observed, f.Unit, f.Score = 1, "older versions", 1
			f.Evidence.Details = map[string]any{"client_type": client, "version": version, "user_max_version": newest, "tenant_share": rounded(share), "indicators": indicators}
			f.Evidence.Events = s.notes([]int{i})
			f.Summary = fmt.Sprintf("%s: signed in with %s %s, older than %s that this user had; %.2g %% of the organisation's days with such a client had it. Judged from %s.", u.Email,
				clientWords(client), version, newest, 100*share, history(a))
			out = append(out, f)
		}
		return out
	})
}

// newestOf returns the newest version of a kind of client that a user had of late.
func newestOf(a *features.Account, client int64) string {
	var newest uint64
	for _, d := range a.Devices {
		if d.Client == client {
			newest = max(newest, d.Version)
		}
	}
	return fmt.Sprintf("%d.%d.%d", newest>>48, newest>>32&0xffff, newest>>16&0xffff)
}

// zoomClients are words of the kinds of client that Zoom makes, in lower case. programWords are words of what strangers write sign-ins with: one of them is enough, as a program may
// name its system too.
var (
	zoomClients = []string{"windows", "mac", "macos", "macintosh", "linux", "ios", "iphone", "ipad", "ipados", "android", "chromeos", "chromebook", "browser", "web", "webclient", "chrome",
		"firefox", "safari", "edge", "zoom", "room", "rooms", "zoomroom", "zoomrooms", "phone", "phones", "mobile", "tablet", "desktop", "vdi", "pwa", "outlook", "visionos", "tv", "androidtv"}
	programWords = []string{"python", "curl", "wget", "java", "ruby", "perl", "php", "node", "nodejs", "axios", "postman", "insomnia", "powershell", "http", "https", "okhttp", "requests", "aiohttp",
		"golang", "bot", "crawler", "script", "cli", "headless", "selenium", "playwright", "puppeteer"}
)

// clientWordsOf splits the name of a kind of client into words in lower case: at what is no letter, and, beside the whole, at capitals: ZoomRooms is zoomrooms, zoom and rooms.
func clientWordsOf(client string) (out []string) {
	for _, whole := range strings.FieldsFunc(client, func(r rune) bool { return !unicode.IsLetter(r) }) {
		out = append(out, strings.ToLower(whole))
		start, runes := 0, []rune(whole)
		for i := 1; i <= len(runes); i++ {
			if i == len(runes) && start > 0 || i < len(runes) && unicode.IsUpper(runes[i]) && unicode.IsLower(runes[i-1]) {
				out = append(out, strings.ToLower(string(runes[start:i])))
				start = i
			}
		}
	}
	return out
}

// versionShape writes a version with every number as 9: 6.3.10 (3501) becomes 9.9.9 (9).
func versionShape(version string) string {
	var b strings.Builder
	digits := false
	for _, c := range version {
		switch is := c >= '0' && c <= '9'; {
		case !is:
			b.WriteRune(c)
			digits = false
		case !digits:
			b.WriteByte('9')
			digits = true
		}
	}
	return b.String()
}

// programmatic says whether client and version look like a program's rather than one of Zoom's clients.
func programmatic(client, version string) bool {
	words := clientWordsOf(client)
	among := func(list []string) bool {
		return slices.ContainsFunc(words, func(word string) bool { return slices.Contains(list, word) })
	}
	if client != "" && (!among(zoomClients) || among(programWords)) {
		return true
	}
	return version != "" && (version[0] < '0' || version[0] > '9')
}

// findUnknownClient reports kinds of client and forms of versions that are new to everybody: one finding about the first user of the day.
func findUnknownClient(s *scene) []Finding {
	if s.watched() < minTenantDays {
		return nil
	}
	r := s.day.Rows
	shapes := map[string]bool{}
	for _, client := range s.state.Clients() {
		shapes[client] = true
		for version := range s.state.Releases(client) {
			shapes[client+" "+versionShape(version)] = true
		}
	}
	type first struct {
		u     *features.UserDay
		row   int
		users map[string]bool
	}
	found := map[string]*first{}
	for i := range s.day.Users {
		u := &s.day.Users[i]
		for k := u.Lo; k < u.Hi; k++ {
			client, version := r.Client(k), r.Version(k)
			if !r.Has(k, features.SignIn) || client == "" {
				continue
			}
			key := client
			if shapes[client] && version != "" {
				key = client + " " + versionShape(version)
			}
			if shapes[key] {
				continue
			}
			x, ok := found[key]
			if !ok {
				x = &first{u, k, map[string]bool{}}
				found[key] = x
			}
			x.users[u.Email] = true
			if r.Second(k) < r.Second(x.row) {
				x.u, x.row = u, k
			}
		}
	}
	var out []Finding
	for _, key := range sortedKeys(found) {
		x := found[key]
		a := x.u.Account
		client, version := r.Client(x.row), r.Version(x.row)
		at, _ := r.Place(x.row)
		indicators := s.indicators(a, at)
		indicators["client_new_in_tenant"] = true
		f := s.finding(x.u)
		f.span(r, []int{x.row})
		f.Key = key
		f.Named = sortedKeys(x.users)
		f.Observed, f.Unit, f.Score = float64(len(x.users)), "users of it on that day", float64(len(x.users))
		f.Alert = programmatic(client, version) && !s.rolledOut(len(x.users))
		f.Evidence.Details = map[string]any{"client_type": client, "version": version, "ip": at.IP, "known_client_types": s.state.Clients(), "users_of_it_that_day": len(x.users), "indicators": indicators}
		f.Evidence.Events = s.notes([]int{x.row})
		what := fmt.Sprintf("signed in with %s %s, a kind of client that nobody in the organisation was seen with", client, version)
		if shapes[client] {
			what = fmt.Sprintf("signed in with %s %q, a version of a form that nobody in the organisation was seen with", client, version)
		}
		f.Summary = fmt.Sprintf("%s: %s in %d days (%s).", x.u.Email, what, s.watched(), at.IP)
		out = append(out, f)
	}
	return out
}

// desktop returns the family of desktop systems that a kind of client runs on, "" for another client.
func desktop(client string) string {
	lower := strings.ToLower(client)
	for _, family := range []string{"windows", "mac", "linux", "chromeos"} {
		if strings.HasPrefix(lower, family) {
			return family
		}
	}
	return ""
}

// systemsWithin is how soon after each other two systems must sign in.
const systemsWithin = 10 * time.Minute

// findTwoSystems reports two desktop systems from one address at once.
func findTwoSystems(s *scene) []Finding {
	r := s.day.Rows
	return s.users(func(_ int, u *features.UserDay, a *features.Account) []Finding {
		if !s.settledIn(a) {
			return nil
		}
		var signs []int
		for i := u.Lo; i < u.Hi; i++ {
			if r.Has(i, features.SignIn) && desktop(r.Client(i)) != "" && r.IP(i) != "" {
				signs = append(signs, i)
			}
		}
		for n, i := range signs {
			for _, k := range signs[n+1:] {
				p, _ := r.Place(i)
				if r.At(k).Sub(r.At(i)) > systemsWithin {
					break
				}
				if r.IP(i) != r.IP(k) || desktop(r.Client(i)) == desktop(r.Client(k)) || ours(p) || s.state.Own(a, features.Client, r.Client(i)) > 0 && s.state.Own(a, features.Client, r.Client(k)) > 0 ||
					s.state.PrefixOwners(p.Prefix, sharedSource) >= sharedSource {
					continue
				}
				indicators := s.indicators(a, p)
				indicators["os_family_flip"] = true
				f := s.finding(u)
				f.span(r, []int{i, k})
				f.Key = r.IP(i)
				f.Observed, f.Unit, f.Score = 2, "families of systems", 2
				f.Evidence.Details = map[string]any{"ip": r.IP(i), "clients": []string{r.Client(i), r.Client(k)}, "times": []string{r.At(i).Format(time.RFC3339), r.At(k).Format(time.RFC3339)},
					"prior_clients": s.valuesOf(a, features.Client), "indicators": indicators}
				f.Evidence.Events = s.notes([]int{i, k})
				f.Summary = fmt.Sprintf("%s: signed in with %s and %s later with %s from one address (%s); before, with %s. Judged from %s.", u.Email, r.Client(i),
					r.At(k).Sub(r.At(i)).Round(time.Second), r.Client(k), r.IP(i), few(s.valuesOf(a, features.Client)), history(a))
				return []Finding{f}
			}
		}
		return nil
	})
}

const (
	// relearnDays is after how long a silence a user is learnt anew (Entra does so after long inactivity).
	relearnDays = 30
	// unfamiliarBar is how rare a sign-in must be altogether, unfamiliarProperties how many properties must be new.
	unfamiliarBar        = 2e-6
	unfamiliarProperties = 3
	// unfamiliarAbroad is how many times more frequent a sign-in may be that comes from a country where nobody in the organisation was ever seen: 1 in 10,000. A user's own past, of which
	// unfamiliarBar is made, says nothing of that. In a young organisation every country is new: it must have been watched for abroadWatched days, and the user active on abroadHistory.
	unfamiliarAbroad = 50
	abroadWatched    = 60
	abroadHistory    = 40
	// reportUnfamiliar is how many times more frequent a sign-in may be that is kept as a behavior: 1 in 1,000.
	reportUnfamiliar = 500
)

// A property is one thing about a sign-in that is new to its user.
type property struct {
	name, value, group string
	p                  float64
}

// hourOf judges the hour of a sign-in: how much of the user's activity is at hours as rare, and whether he was never active around it. Whoever travels keeps the hours of home or
// those of the place, by its longitude: the more usual of both counts, and abroad without coordinates no hour is strange.
func (s *scene) hourOf(a *features.Account, row int, hours *features.Hours) (hour int, tail float64, apart bool) {
	r := s.day.Rows
	hour = r.Local(row).Hour()
	tail, apart = hours.Tail(hour), hours.Apart(hour)
	at, known := r.Place(row)
	if !known || s.state.Own(a, features.Prefix, at.Prefix) > 0 {
		return hour, tail, apart
	}
	if math.IsNaN(at.Lon) {
		if s.state.Own(a, features.Country, at.Country) == 0 {
			return hour, 1, false
		}
		return hour, tail, apart
	}
	there := r.At(row).Add(solarOffset(at.Lon)).Hour()
	return hour, max(tail, hours.Tail(there)), apart && hours.Apart(there)
}

// solarOffset is how far the sun is ahead of UTC at a longitude in degrees, in whole hours: location databases that are in use seldom name the time zone of an address. Clocks differ
// from it by up to three hours.
func solarOffset(lon float64) time.Duration {
	return time.Duration(math.Round(lon/15)) * time.Hour
}

// unfamiliar lists what is new about a sign-in, and how often one of the user's own is as unfamiliar in place, client and hour together.
func (s *scene) unfamiliar(a *features.Account, row int, hours *features.Hours) (list []property, p float64) {
	r := s.day.Rows
	at, _ := r.Place(row)
	x, ok := s.state.ContextOf(r, row)
	if !ok {
		return nil, 1
	}
	class, ok := s.state.Familiarity(a, x)
	if !ok {
		return nil, 1
	}
	for _, c := range []struct {
		name, value, group string
		c                  features.Channel
	}{{"country", at.Country, "place", features.Country}, {"asn", at.Network, "place", features.Network}, {"prefix", at.Prefix, "place", features.Prefix}, {"client", at.Client, "client", features.Client}} {
		if c.value != "" && len(a.Profiles[c.c].IDs) > 0 && s.state.Own(a, c.c, c.value) == 0 {
			list = append(list, property{c.name, c.value, c.group, s.rarity(a, c.c, c.value)})
		}
	}
	if d := class.Device(); d == features.OlderDevice {
		list = append(list, property{"version", r.Version(row), "client", s.rarity(a, features.Version, at.Client+" "+r.Version(row))})
	}
	hour, tail, apart := s.hourOf(a, row, hours)
	if apart {
		list = append(list, property{"hour", fmt.Sprintf("%02d h", hour), "hour", tail})
	}
	// How often a sign-in of this user's is of a class as rare as this one, and how often at such an hour; both together by Fisher's method for two.
	all := s.state.FamiliarityOf(a)
	familiar := 0.0
	for _, q := range all {
		if q <= all[class] {
			familiar += q
		}
	}
	both := familiar * tail
	return list, min(1, both*(1-math.Log(both)))
}

// findUnfamiliar reports sign-ins of which much is new at once.
func findUnfamiliar(s *scene) []Finding {
	if s.watched() < minTenantDays {
		return nil
	}
	everybody := s.state.EverybodysHours()
	r := s.day.Rows
	return s.users(func(n int, u *features.UserDay, a *features.Account) []Finding {
		if s.judged[n].learning || !s.settledIn(a) || s.day.Number-a.LastDay > relearnDays {
			return nil
		}
		hours := s.state.HoursOf(a, &everybody)
		best, row, least, tries := []property(nil), -1, 1.0, 0.0
		for i := u.Lo; i < u.Hi; i++ {
			if p, _ := r.Place(i); !r.Has(i, features.SignIn) || ours(p) || s.state.NoPlace(p) {
				continue
			}
			tries++
			list, p := s.unfamiliar(a, i, &hours)
			groups := map[string]bool{}
			for _, x := range list {
				groups[x.group] = true
			}
			if len(list) >= unfamiliarProperties && len(groups) >= 2 && p < least {
				best, row, least = list, i, p
			}
		}
		sensitivity, _ := s.policy.of(s.looking, u.Email)
		bar := unfamiliarBar * sensitivity.weight()
		least = min(1, least*tries) // any of the day's sign-ins would have done
		if row < 0 || least > reportUnfamiliar*bar {
			return nil
		}
		at, _ := r.Place(row)
		code, abroad := s.abroad(row)
		abroad = abroad && s.state.KnownCountry(code) == 0 && s.watched() >= abroadWatched && a.Days >= abroadHistory
		if abroad {
			bar *= unfamiliarAbroad
		}
		f := s.finding(u)
		f.span(r, []int{row})
		f.P, f.Score, f.Observed, f.Unit, f.Alert = least, -math.Log10(least), float64(len(best)), "unfamiliar properties", least <= bar
		per := map[string]any{}
		var words []string
		for _, x := range best {
			per[x.name] = fmt.Sprintf("%s (expected of %.2g %% of this user's sign-ins)", x.value, 100*x.p)
			words = append(words, x.name+" "+x.value)
		}
		f.Evidence.Details = map[string]any{"per_property": per, "ip": at.IP, "country": at.Country, "asn": at.Network, "client_type": at.Client, "p_value": rounded(least),
			"country_new_to_organisation": abroad, "indicators": s.indicators(a, at)}
		f.Evidence.Events = s.notes([]int{row})
		f.Evidence.Method = "how seldom this user's own sign-ins are of so unfamiliar a place and client, and at so rare an hour, both together by Fisher's method"
		f.Summary = fmt.Sprintf("%s: one sign-in is new in %s (%s): about 1 in %.0f of this user's days would have one as unfamiliar%s. Judged from %s.", u.Email, few(words), at.IP, 1/least,
			map[bool]string{true: ", and nobody in the organisation was ever seen in that country"}[abroad], history(a))
		return []Finding{f}
	})
}
