package features

// A Behaviour is one thing that is counted per user and day.
type Behaviour struct {
	ID       string // stable name, as in observations.behaviour
	Unit     string // what a count of one is, in the plural
	Rows     Trait  // counts the rows that have all of these, unless Further is set
	Further  Field  // counts the distinct values of a column beyond the first
	sequence func(r *Rows, lo, hi int) float64
}

// A Field is a column of sign-ins whose distinct values are counted.
type Field int

// The fields.
const (
	noField Field = iota
	prefixField
	networkField
	countryField
	clientField
)

// Behaviours is the catalogue, in a fixed order: the state of the fold follows it.
var Behaviours = []Behaviour{
	{ID: "sign_ins", Unit: "sign-ins", Rows: SignIn},
	{ID: "further_prefixes", Unit: "network prefixes beyond the first", Further: prefixField},
	{ID: "further_networks", Unit: "networks (ASN) beyond the first", Further: networkField},
	{ID: "further_countries", Unit: "countries beyond the first", Further: countryField},
	{ID: "further_clients", Unit: "kinds of client beyond the first", Further: clientField},
	{ID: "operations", Unit: "operations", Rows: Operation},
	{ID: "session_operations", Unit: "operations in the busiest session", sequence: busiestSession},
	{ID: "session_minutes", Unit: "minutes of the longest session", sequence: longestSession},
	{ID: "admin_operations", Unit: "admin operations", Rows: AdminOperation},
	{ID: "off_hours_admin_operations", Unit: "admin operations at night", Rows: AdminOperation | OffHours},
	{ID: "setting_changes", Unit: "account setting changes", Rows: SettingChange},
	{ID: "role_changes", Unit: "role changes", Rows: RoleChange},
	{ID: "user_removals", Unit: "users deleted or deactivated", Rows: UserRemoval},
	{ID: "user_additions", Unit: "users added", Rows: UserAddition},
	{ID: "recording_deletions", Unit: "recordings deleted", Rows: RecordingDelete},
	{ID: "recording_accesses", Unit: "recordings downloaded, shared or exported", Rows: RecordingAccess},
}

// Counts says whether a row is one of those that the behaviour counts; never so for distinct values.
func (b *Behaviour) Counts(r *Rows, i int) bool { return b.Rows != 0 && r.Has(i, b.Rows) }

// OfSession says whether it is about a session within the day.
func (b *Behaviour) OfSession() bool { return b.sequence != nil }

// count counts every behaviour over rows [lo, hi) of one user and day into out, by Behaviours.
func count(r *Rows, lo, hi int, out []float64) {
	clear(out)
	for i := lo; i < hi; i++ {
		t, n := r.traits[i], float64(r.Repeats(i))
		if t&Operation == 0 {
			if t&SignIn != 0 {
				out[signInsIndex] += n
			}
			continue
		}
		for b := range Behaviours {
			if m := Behaviours[b].Rows; m != 0 && t&m == m {
				out[b] += n
			}
		}
	}
	for b := range Behaviours {
		x := &Behaviours[b]
		if x.sequence != nil {
			out[b] = x.sequence(r, lo, hi)
		} else if x.Further != noField && hi-lo > 1 {
			out[b] = max(0, distinctValues(r, lo, hi, x.Further)-1)
		}
	}
}

// sessionPause ends a session: so long without a row. Zoom's own sign-outs do not serve, as a session may last for weeks and most end without one. Half an hour is
// the usual bar of web analytics (Catledge, Pitkow, Computer Networks and ISDN Systems 27, 1995: 25.5 minutes).
const sessionPause = 30 * 60 * 1e6

// sessions calls f for every session of rows [lo, hi).
func sessions(r *Rows, lo, hi int, f func(lo, hi int)) {
	for i := lo; i < hi; {
		j := i + 1
		for j < hi && r.micro(j)-r.micro(j-1) <= sessionPause {
			j++
		}
		f(i, j)
		i = j
	}
}

// Sessions calls f for every session of a user-day, rows [lo, hi): what no pause of half an hour interrupts.
func Sessions(r *Rows, u *UserDay, f func(lo, hi int)) { sessions(r, u.Lo, u.Hi, f) }

func busiestSession(r *Rows, lo, hi int) float64 {
	most := 0.0
	sessions(r, lo, hi, func(lo, hi int) {
		n := 0.0
		for i := lo; i < hi; i++ {
			if r.traits[i]&Operation != 0 {
				n += float64(r.Repeats(i))
			}
		}
		most = max(most, n)
	})
	return most
}

func longestSession(r *Rows, lo, hi int) float64 {
	var longest int64
	sessions(r, lo, hi, func(lo, hi int) { longest = max(longest, r.micro(hi-1)-r.micro(lo)) })
	return float64(longest / 60e6)
}

// distinctValues counts the distinct known values of a field over rows of sign-ins and sign-outs.
func distinctValues(r *Rows, lo, hi int, f Field) float64 {
	var few [8]int64 // hardly anybody has more in a day
	seen := few[:0]
next:
	for i := lo; i < hi; i++ {
		k := r.at[i]
		if k < 0 || r.traits[i]&Detached != 0 && (f == networkField || f == countryField) {
			continue
		}
		var v int64
		switch s := &r.signs; f {
		case prefixField:
			v = int64(s.Prefix.Codes[k])
		case networkField:
			v = s.ASN[k]
		case countryField:
			v = int64(s.Country.Codes[k])
		case clientField:
			v = int64(s.Client.Codes[k])
		}
		if v == 0 {
			continue
		}
		for _, x := range seen {
			if x == v {
				continue next
			}
		}
		seen = append(seen, v)
	}
	return float64(len(seen))
}

// behaviourIndex finds a behaviour by its id.
var behaviourIndex = func() map[string]int {
	m := make(map[string]int, len(Behaviours))
	for i, b := range Behaviours {
		m[b.ID] = i
	}
	return m
}()

var signInsIndex = behaviourIndex["sign_ins"]

// BehaviourIndex returns the place of a behaviour in Behaviours; it panics on an id that is not there.
func BehaviourIndex(id string) int {
	i, ok := behaviourIndex[id]
	if !ok {
		panic("features: no behaviour " + id)
	}
	return i
}
