package main

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/zoomward/zoomward/features"
)

// ruleWords begin the sentence that says what a rule looks for.
const ruleWords = "The rule: "

// shortHistory is below how many active days a forecast still leans on the peers more than people think.
const shortHistory = 20

// reasons puts evidence into words. row is the finding that it belongs to.
func (f *alertFacts) reasons(row *foundRow, e alertEvidence) []reason {
	var out []reason
	_, indicators := e.Details["indicators"]
	told := indicators && len(e.Details) == 1 && len(e.Contributions) > 0 // by what follows, in better words
	if words := detailWords(e.Details); len(words) > 0 && !told {
		d := detectionOf(row.Detection)
		if d.Kind == "rule" && d.About != "" && !strings.HasPrefix(row.Detection, "ZW-CFG") {
			words = append([]string{ruleWords + d.About}, words...)
		}
		out = append(out, reason{Kind: "rule", Name: row.Detection, Title: d.Title, Words: words})
	}
	channels := reason{Kind: "identity", Name: row.Detection, Title: "The day looks like another person's"}
	at := -1
	for _, c := range e.Contributions {
		if c.Part == nil {
			out = append(out, f.reasonOf(c))
			continue
		}
		if at < 0 {
			at, out = len(out), append(out, channels)
		}
		channels.Parts = append(channels.Parts, f.channelReason(c))
	}
	if at >= 0 {
		out[at] = f.identityReason(channels, row)
	}
	// What several findings have in common is told once.
	said := map[string]bool{}
	for i := range out {
		if k := out[i].Kind; k == "rule" || k == "finding" {
			out[i].Words = slices.DeleteFunc(out[i].Words, func(s string) bool { return said[s] })
			if about := detectionOf(out[i].Name).About; len(out[i].Words) == 0 && len(out[i].Parts) == 0 && about != "" {
				out[i].Words = []string{ruleWords + about}
			}
			for _, s := range out[i].Words {
				said[s] = true
			}
		}
	}
	return out
}

// reasonOf puts one contribution into words that is no channel of the identity score.
func (f *alertFacts) reasonOf(c contribution) reason {
	r := plainReason(c)
	_, numeric := c.Observed.(float64)
	switch i := slices.IndexFunc(features.Behaviours, func(b features.Behaviour) bool { return b.ID == c.Name }); {
	case i >= 0:
		return f.volumeReason(r, features.Behaviours[i].Unit)
	case detectionOf(c.Name).About != "" && f.Evidence.addsUp():
		return f.weekReason(r)
	case detectionOf(c.Name).About != "":
		return f.findingReason(r)
	case numeric && c.Expected != nil:
		return f.volumeReason(r, humanName(c.Name))
	}
	r.Kind, r.Title = "other", capital(humanName(c.Name))
	switch x := c.Observed.(type) {
	case string:
		r.Words = append(r.Words, x)
	case float64:
		r.Words = append(r.Words, "Seen: "+figure(x)+".")
	}
	if c.P != nil {
		if p := oneInWords(*c.P); p != "" {
			r.Words = append(r.Words, "As strange: "+p+".")
		}
	}
	return r
}

func plainReason(c contribution) reason {
	return reason{Name: c.Name, Observed: c.Observed, Expected: c.Expected, Lower: c.Lower, Upper: c.Upper, HistoryDays: c.HistoryDays,
		Peers: c.Peers, PeerRate: c.PeerRate, P: c.P, Tokens: c.Tokens}
}

// volumeReason explains a count against its forecast.
func (f *alertFacts) volumeReason(r reason, unit string) reason {
	r.Kind = "volume"
	seen, _ := r.Observed.(float64)
	r.Title = fmt.Sprintf("%s: %s on %s, UTC", capital(unit), amount(seen), dayWords(f.Day))
	if r.Expected != nil {
		s := "Expected of this user on such a day: " + perDay(*r.Expected)
		if r.Lower != nil && r.Upper != nil {
			s += "; on 95 of 100 such days: " + intervalWords(*r.Lower, *r.Upper)
		}
		r.Words = append(r.Words, s+".")
	}
	if r.HistoryDays != nil {
		r.Words = append(r.Words, historyWords(*r.HistoryDays))
	}
	if r.PeerRate != nil && r.Peers != "" {
		r.Words = append(r.Words, fmt.Sprintf("Of each of the peers (%s, all that were ever seen) on such a day: %s.", r.Peers, perDay(*r.PeerRate)))
	}
	if r.P != nil {
		if p := oneInWords(*r.P); p != "" {
			r.Words = append(r.Words, "By this forecast alone, as many or more come up on "+p+" active days.")
		}
	}
	return r
}

func intervalWords(lower, upper float64) string {
	switch {
	case upper <= 0:
		return "none"
	case lower == upper:
		return "just " + amount(upper)
	case lower <= 0:
		return "at most " + amount(upper)
	}
	return amount(lower) + " to " + amount(upper)
}

func historyWords(days int64) string {
	switch {
	case days <= 0:
		return "There is no earlier active day of this user: the forecast is the peers'."
	case days < shortHistory:
		return fmt.Sprintf("Own history: %s, which is not much; the forecast leans on the peers.", countWords(days, "active day", "active days"))
	}
	return fmt.Sprintf("Own history: %s.", countWords(days, "active day", "active days"))
}

// findingReason explains a further finding of the day with its own evidence.
func (f *alertFacts) findingReason(r reason) reason {
	d := detectionOf(r.Name)
	r.Kind, r.Title = "finding", d.Title
	if s, ok := r.Observed.(string); ok {
		r.Words = append(r.Words, s)
	} else if b := f.own(r.Name); b != nil {
		r.Words = append(r.Words, withoutUser(b.Summary, b.User))
	}
	if b := f.own(r.Name); b != nil && b.Evidence != f.Alert.Evidence {
		e := readEvidence(b.Evidence)
		e.Contributions = slices.DeleteFunc(e.Contributions, func(c contribution) bool { return detectionOf(c.Name).About != "" }) // findings hold no findings
		r.Parts = f.reasons(b, e)
	}
	p := r.P
	// What the rule of the finding itself says stands with it; one figure that is left stands for the finding.
	r.Parts = slices.DeleteFunc(r.Parts, func(part reason) bool {
		if part.Kind != "rule" || part.Name != r.Name {
			return false
		}
		said := slices.DeleteFunc(part.Words, func(s string) bool { return strings.HasPrefix(s, ruleWords) })
		if len(r.Parts) == 1 {
			r.Words = said
		} else {
			r.Words = append(r.Words, said...)
		}
		return true
	})
	if len(r.Parts) == 1 && len(r.Words) < 2 {
		part := r.Parts[0]
		part.Title = pick(part.Kind == "identity", d.Title, d.Title+" ("+lowerFirst(part.Title)+")")
		part.P, r = cmp.Or(p, part.P), part
	}
	if p != nil {
		if s := oneInWords(*p); s != "" {
			r.Words = append(r.Words, capital(s)+" of the organisation's past user-days had a finding of this kind as strange.")
		}
	}
	return r
}

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// withoutUser leaves out the address that summaries begin with.
func withoutUser(summary, user string) string {
	if s, ok := strings.CutPrefix(summary, user+": "); ok && user != "" {
		return capital(s)
	}
	return summary
}

// identityReason explains the score that the channels add up to.
func (f *alertFacts) identityReason(r reason, row *foundRow) reason {
	score := row.Score
	if row != &f.Alert {
		score = row.Observed
	}
	if known(score) != nil {
		r.Observed = score
		r.Words = append(r.Words, likelihoodWords(score))
	}
	sum := 0.0
	var days int64
	for _, p := range r.Parts {
		sum += math.Max(*p.Share, 0)
		if p.HistoryDays != nil {
			days = max(days, *p.HistoryDays)
		}
	}
	for i := range r.Parts {
		share := 0.0
		if sum > 0 {
			share = math.Max(*r.Parts[i].Share, 0) / sum
		}
		r.Parts[i].Share = &share
	}
	slices.SortStableFunc(r.Parts, func(a, b reason) int { return cmp.Compare(*b.Share, *a.Share) })
	if days > 0 {
		r.HistoryDays = &days
		r.Words = append(r.Words, historyWords(days))
	}
	return r
}

// likelihoodWords says what log-odds mean.
func likelihoodWords(score float64) string {
	times := math.Exp(math.Min(math.Abs(score), 14))
	n := amount(times)
	if times >= 10 {
		n = thousands(twoDigits(times))
	}
	if times >= 1e6 {
		n = "more than 1,000,000"
	}
	if score < 0 {
		return fmt.Sprintf("Score %s: the day fits the user's own habits about %s times better than those of others.", amount(score), n)
	}
	return fmt.Sprintf("Score %s: the day fits the habits of other people about %s times better than the user's own.", amount(score), n)
}

// channelReason explains one channel. Share still is the part of the score; identityReason makes it a share.
func (f *alertFacts) channelReason(c contribution) reason {
	r := plainReason(c)
	r.Kind, r.Title, r.Share = "channel", channelTitle(c.Name), c.Part
	r.Tokens = nil
	for _, t := range c.Tokens {
		if n, rest, ok := strings.Cut(t, ":"); ok && c.Name == "asn" && f.ASNames[n] != "" {
			t = f.ASNames[n] + " (AS" + n + "):" + rest
		}
		r.Tokens = append(r.Tokens, tokenWords(c.Name, t))
	}
	return r
}

func channelTitle(name string) string {
	if name == "familiarity" {
		return "how familiar place and client are"
	}
	if name == features.Hour.String() {
		return "time of day, by the user's clock"
	}
	for c := features.Channel(0); c < features.Channels; c++ {
		if c.String() == name {
			return c.Meaning()
		}
	}
	return humanName(name)
}

// detailOrder is the order in which details read best; others follow by name.
var detailOrder = []string{"prefix", "accounts", "users_before", "grants", "changes", "to_himself", "operator_is_new_to_it", "settings_weakened_that_day",
	"removed_at", "source", "gap_days", "earlier_active_days", "familiar_place_and_client", "country", "user_days_in_organisation", "cusum"}

// detailWords puts the details of a finding into sentences.
func detailWords(details map[string]any) []string {
	left, words := lessDetails(details)
	for _, key := range append(slices.Clone(detailOrder), slices.Sorted(maps.Keys(left))...) {
		v, ok := left[key]
		if !ok {
			continue
		}
		delete(left, key)
		if s := detailWord(key, v); s != "" {
			words = append(words, s)
		}
	}
	return words
}

// detailWord is the sentence of one detail, "" for one that is told elsewhere.
func detailWord(key string, v any) string {
	n, _ := v.(float64)
	yes, _ := v.(bool)
	switch key {
	case "users": // they are listed as accounts
		return ""
	case "source":
		return fmt.Sprintf("Source: the %v.", v)
	case "prefix":
		return fmt.Sprintf("Address range: %v.", v)
	case "accounts":
		return fmt.Sprintf("It signed in to %s on one day; none of them had used it before.", countWords(int64(n), "account", "accounts"))
	case "users_before":
		if n == 0 {
			return "Nobody else in the organisation had used it either."
		}
		return fmt.Sprintf("%s of the organisation had used it before.", capital(countWords(int64(n), "other user", "other users")))
	case "grants", "changes":
		return fmt.Sprintf("%s: %s.", pick(key == "grants", "Granted", "Changed"), listWords(v))
	case "operator_is_new_to_it":
		return pick(yes, "What is new: this operator never did anything of the kind before.", "This operator has done such things before.")
	case "to_himself":
		return pick(yes, "The operator raised the role of their own account.", "")
	case "settings_weakened_that_day":
		if n < 2 {
			return ""
		}
		return fmt.Sprintf("%s protections were weakened by this operator on that day.", amount(n))
	case "removed_at":
		return fmt.Sprintf("The account was deactivated or deleted at %s; what is reported here came after that.", timeWords(fmt.Sprint(v), time.UTC))
	case "gap_days":
		return fmt.Sprintf("Nothing was seen of this account for %s.", countWords(int64(n), "day", "days"))
	case "earlier_active_days":
		if n == 0 {
			return "It was never active before, as far as the records go back."
		}
		return fmt.Sprintf("Before that it was active on %s.", countWords(int64(n), "day", "days"))
	case "familiar_place_and_client":
		return pick(yes, "The sign-ins came from networks and with clients of the user's own.",
			"What is new: at least one sign-in came from a network or with a client that the user had not used before, or nothing is known to compare it with.")
	case "country":
		return fmt.Sprintf("What is new: the country %v.", v)
	case "user_days_in_organisation":
		if n == 0 {
			return "Nobody else in the organisation was seen there lately."
		}
		return fmt.Sprintf("Others of the organisation were seen there: on about %s of late.", countWords(int64(math.Max(1, math.Round(n))), "user-day", "user-days"))
	case "cusum":
		return fmt.Sprintf("Each day's excess over the forecast, measured in its usual ups and downs (standard deviations), is added up and fades when days are normal. "+
			"The sum reached %s. No single day had to be remarkable for that.", amount(n))
	}
	switch x := v.(type) {
	case nil:
		return ""
	case map[string]any: // the risk indicators that hold, or what is known of a session
		var parts []string
		for _, name := range slices.Sorted(maps.Keys(x)) {
			switch value := x[name].(type) {
			case bool:
				parts = append(parts, pick(value, humanName(name), "not "+humanName(name)))
			case float64:
				parts = append(parts, humanName(name)+" "+figure(value))
			default:
				parts = append(parts, fmt.Sprintf("%s %v", humanName(name), value))
			}
		}
		return pick(len(parts) == 0, "", capital(humanName(key))+": "+strings.Join(parts, "; ")+".")
	case bool:
		return capital(humanName(key)) + ": " + pick(x, "yes", "no") + "."
	case float64:
		return capital(humanName(key)) + ": " + figure(x) + "."
	}
	return capital(humanName(key)) + ": " + listWords(v) + "."
}

// listWords writes a detail that is a list, or anything else, as text.
func listWords(v any) string {
	list, ok := v.([]any)
	if !ok {
		return fmt.Sprint(v)
	}
	var out []string
	for _, x := range list[:min(len(list), 10)] {
		out = append(out, fmt.Sprint(x))
	}
	if n := len(list) - len(out); n > 0 {
		out = append(out, fmt.Sprintf("%d more", n))
	}
	return strings.Join(out, "; ")
}

// travelWords takes the details of a journey out of details and tells it.
func travelWords(details map[string]any) []string {
	from, ok1 := details["from"].(string)
	to, ok2 := details["to"].(string)
	km, ok3 := details["distance_km"].(float64)
	minutes, ok4 := details["elapsed_minutes"].(float64)
	speed, ok5 := details["speed_kmh"].(float64)
	if !ok1 || !ok2 || !ok3 || !ok4 || !ok5 {
		return nil
	}
	words := []string{fmt.Sprintf("From %s to %s: %s km in %s, which is %s km/h.", from, to, thousands(km), durationWords(time.Duration(minutes)*time.Minute), thousands(speed))}
	for _, end := range []struct{ key, place string }{{"from_familiar", from}, {"to_familiar", to}} {
		if own, ok := details[end.key].(bool); ok {
			words = append(words, pick(own, end.place+" is a place that the user, or the organisation, signs in from.",
				"What is new: "+end.place+" is on no network that the user or the organisation signs in from."))
		}
	}
	for _, key := range []string{"from", "to", "distance_km", "elapsed_minutes", "speed_kmh", "min_travel_hours", "from_familiar", "to_familiar"} {
		delete(details, key)
	}
	return words
}

// dayWords writes a UTC day.
func dayWords(t time.Time) string { return t.Format("Mon 2 Jan 2006") }

// timeWords writes an RFC 3339 time in a zone, and in UTC when that is another.
func timeWords(s string, zone *time.Location) string {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return s
	}
	local, utc := t.In(zone), t.UTC()
	out := local.Format("Mon 2 Jan 2006 15:04")
	switch _, offset := local.Zone(); {
	case offset == 0:
		return out + " UTC"
	case local.Day() != utc.Day():
		return out + utc.Format(" (2 Jan 15:04 UTC)")
	}
	return out + utc.Format(" (15:04 UTC)")
}
