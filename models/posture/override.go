package posture

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Override is a setting of a group or of a user that differs from the account's.
type Override struct {
	Scope string // ScopeGroup or ScopeUser
	ID    string
	Path  string
	Value json.RawMessage
	Since time.Time // of a group: when it was first read with this value; zero: not known
	New   bool      // first read after the last run that judged
}

// weakening is what a group has otherwise than the account.
type weakening struct {
	paths []string
	since time.Time // the latest of its values
}

// owner is whose an override is.
type owner struct{ scope, id string }

// overriding is the overrides by path, with what is needed to name and to count those who have them.
type overriding struct {
	byPath  map[string][]*Override
	byOwner map[owner][]*Override
	users   map[string]int // active users by id: number in Input.Users
	groups  map[string]int
	active  int
}

func (ev *evaluation) overriding() *overriding {
	if ev.overrides != nil {
		return ev.overrides
	}
	o := &overriding{byPath: map[string][]*Override{}, byOwner: map[owner][]*Override{}, users: map[string]int{}, groups: map[string]int{}}
	for i := range ev.in.Users {
		if u := &ev.in.Users[i]; active(u) && (ev.skip == nil || !ev.skip(ScopeUser, u.ID, u.Email)) {
			o.active++
			if u.ID != "" {
				o.users[u.ID] = i
			}
		}
	}
	for i := range ev.in.Groups {
		o.groups[ev.in.Groups[i].ID] = i
	}
	for i := range ev.in.Overrides {
		x := &ev.in.Overrides[i]
		if ev.lockedAbove(x.Path) {
			continue // the account holds everybody to its value, whatever a reading from before says
		}
		_, isUser := o.users[x.ID]
		_, isGroup := o.groups[x.ID]
		if x.Scope == ScopeUser && !isUser || x.Scope == ScopeGroup && !isGroup {
			continue
		}
		o.byPath[x.Path] = append(o.byPath[x.Path], x)
		of := owner{x.Scope, x.ID}
		o.byOwner[of] = append(o.byOwner[of], x)
	}
	ev.overrides = o
	return o
}

// lockPaths are locks that stand elsewhere than the setting that they hold.
var lockPaths = map[string]string{
	"meeting_authentication":   "schedule_meeting.meeting_authentication",
	"recording_authentication": "recording.recording_authentication",
}

// lockedAbove says whether the account locks a setting: by its own lock, or by that of the group of settings that it belongs to.
func (ev *evaluation) lockedAbove(path string) bool {
	if l, ok := lockPaths[path]; ok {
		path = l
	}
	for path != "" {
		if l := ev.in.Settings[path].Locked; l != nil && *l {
			return true
		}
		path = path[:max(0, strings.LastIndexByte(path, '.'))]
	}
	return false
}

// weaken takes points off an account setting that is right for as many users as have it otherwise, by themselves or by their group.
func (ev *evaluation) weaken(ctl *Control, o outcome, r *Result, reasons *[]string) {
	if o.truth != yes || r.Lock == LockClosed || len(ev.in.Overrides) == 0 || ctl.Scope != ScopeAccount {
		return
	}
	var paths []string
	locks := false
	ctl.reads(func(e *Expr) {
		locks = locks || e.Of == OfLocked
		for _, p := range e.paths() {
			if isSetting(p) {
				paths = appendNew(paths, p)
			}
		}
	})
	if locks { // an assertion on locks is about the account alone
		return
	}
	all := ev.overriding()
	candidates := map[owner]bool{}
	for _, p := range paths {
		for _, x := range all.byPath[p] {
			candidates[owner{x.Scope, x.ID}] = true
		}
	}
	if len(candidates) == 0 {
		return
	}
	type verdict struct {
		weak bool
		seen string
	}
	known := map[string]verdict{} // by what differs: few ways of differing stand for many who do
	weakGroups, weakUsers := map[string]weakening{}, map[string]bool{}
	said := map[string]bool{}
	for _, of := range slices.SortedFunc(maps.Keys(candidates), func(a, b owner) int {
		return cmp.Or(strings.Compare(a.scope, b.scope), strings.Compare(a.id, b.id))
	}) {
		overlay := map[string]json.RawMessage{}
		var theirs weakening
		var key strings.Builder
		for _, p := range paths {
			for _, x := range all.byOwner[of] {
				if x.Path == p {
					overlay[p] = x.Value
					theirs.paths = append(theirs.paths, p)
					if x.Since.After(theirs.since) {
						theirs.since = x.Since
					}
					key.WriteString(p + "\x1f" + string(x.Value) + "\x1e")
				}
			}
		}
		v, ok := known[key.String()]
		if !ok {
			o := ev.as(overlay).assertion(ctl)
			v = verdict{o.truth == no, o.observed()}
			known[key.String()] = v
		}
		if !v.weak {
			continue
		}
		said[v.seen] = true
		res := Resource{Type: of.scope, ID: of.id, Status: Fail, Observed: v.seen}
		if of.scope == ScopeUser {
			weakUsers[of.id] = true
			res.Name = ev.in.Users[all.users[of.id]].Email
		} else {
			weakGroups[of.id] = theirs
			res.Name = ev.in.Groups[all.groups[of.id]].Name
		}
		r.Resources = append(r.Resources, res)
	}
	if len(weakUsers)+len(weakGroups) == 0 {
		return
	}
	var t Tally
	for _, i := range all.users {
		u := &ev.in.Users[i]
		switch {
		case weakUsers[u.ID]:
			t.Failed++
		case len(weakGroups) == 0:
		default:
			switch ev.byGroup(u, weakGroups) {
			case yes:
				t.Failed++
			case unknown:
				t.Unknown++
			}
		}
	}
	t.Held = all.active - t.Failed - t.Unknown
	words := "otherwise"
	if len(said) == 1 {
		words = slices.Collect(maps.Keys(said))[0]
	}
	n := len(weakUsers) + len(weakGroups)
	text := fmt.Sprintf("the account says %s, %s %s %s", o.observed(), whoWeakens(len(weakUsers), len(weakGroups)), plural(n, "says", "say"), words)
	if t.Failed+t.Unknown == 0 {
		*reasons = append(*reasons, text+", which is so for no user")
		return // a group without members, or whose members have it as the account by their own settings, changes nothing for anybody
	}
	if t.Unknown > 0 {
		text += fmt.Sprintf("; %d %s in several groups, which differ, and own settings were not read yet", t.Unknown, plural(t.Unknown, "user is", "users are"))
	}
	*reasons = append(*reasons, text)
	r.Tally = t
	if r.Status == Pass || r.Status == PartialPass {
		r.settle(float64(t.Held) / float64(all.active))
	}
	r.Observed = o.observed()
	if t.Failed > 0 {
		r.Observed += fmt.Sprintf("; otherwise for %d of %d users", t.Failed, all.active)
	}
	if t.Unknown > 0 {
		r.Observed += fmt.Sprintf("; not known of %d of %d users", t.Unknown, all.active)
	}
}

// settle gives a right value of the account its points by the share of users who surely have it. As with single objects, nobody who surely has it otherwise leaves the verdict open.
func (r *Result) settle(share float64) {
	switch {
	case r.Tally.Failed == 0:
		r.Status, r.Points = Unknown, 0
	case share == 0:
		r.Status, r.Points = Fail, 0
	default:
		r.Status, r.Points = PartialPass, min(r.Points, share*r.MaxPoints)
	}
}

// byGroup says whether a user has a setting otherwise by group. What was read of the user since decides, and says in Input.Overrides what differs. Before that a group does: the
// only one, or all alike. Which of several counts (the primary group, or the rank of groups in newer accounts) Zoom's list of users does not say.
func (ev *evaluation) byGroup(u *User, weak map[string]weakening) truth {
	n := 0
	for _, g := range u.Groups {
		if w, ok := weak[g]; ok && !ev.readOf(u, w) {
			n++
		}
	}
	switch n {
	case 0:
		return no
	case len(u.Groups):
		return yes
	}
	return unknown
}

// readOf says whether what a group has otherwise was read of a user, and not before the group had it so. What is read of a user is read whole: a setting is missing where Zoom
// does not send it of users.
func (ev *evaluation) readOf(u *User, w weakening) bool {
	if u.SettingsPresent == nil || u.SettingsReadAt.Before(w.since) {
		return false
	}
	for _, p := range w.paths {
		i := slices.IndexFunc(weakPaths[:], func(w weakPath) bool { return w.path == p })
		if i >= 0 && *u.SettingsPresent>>i&1 == 0 || i < 0 && !slices.Contains(ev.in.UserPaths, p) {
			return false
		}
	}
	return true
}

func whoWeakens(users, groups int) string {
	var parts []string
	if users > 0 {
		parts = append(parts, fmt.Sprintf("%d %s", users, plural(users, "user", "users")))
	}
	if groups > 0 {
		parts = append(parts, fmt.Sprintf("%d %s", groups, plural(groups, "group", "groups")))
	}
	return strings.Join(parts, " and ")
}

// as is the evaluation with other values for some settings: the account as one group or user has it. It copies the settings, once for every way of differing and not
// for everybody who differs.
func (ev *evaluation) as(values map[string]json.RawMessage) *evaluation {
	in := *ev.in
	in.Settings = maps.Clone(in.Settings)
	for path, v := range values {
		s := in.Settings[path]
		s.Value = v
		in.Settings[path] = s
	}
	return &evaluation{in: &in, params: ev.params, figures: ev.figures, profile: ev.profile}
}

// weakPath is a setting that groups and users may weaken, with the value that is the stricter one.
type weakPath struct {
	path   string
	strict bool
}

// weakPaths are the settings of ZW-USR-12 and ZW-GRP-01/02; sql/present.sql numbers them in this order.
var weakPaths = [...]weakPath{
	{"meeting_security.waiting_room", true},
	{"meeting_security.meeting_password", true},
	{"meeting_authentication", true},
	{"in_meeting.file_transfer", false},
	{"recording.local_recording", false},
}

// Sets of weakPaths, a bit each.
const (
	weakAuthentication = 1 << 2
	weakMeeting        = 1<<0 | 1<<1 | weakAuthentication
	weakFiles          = 1<<3 | 1<<4
)

// weaker lists the settings of a set that a group or user has weaker than the account. present are the settings that were read of it, nil for none.
func (ev *evaluation) weaker(scope, id string, present *int64, set int64) any {
	if o, refused := ev.refused(FeedSettings); refused {
		return notKnown{o.cause, o.reason()}
	}
	if present == nil {
		return nil
	}
	account := ev.weakAccount()
	if account.odd != "" {
		return notKnown{causeError, account.odd}
	}
	var missing string
	for i, w := range weakPaths {
		if set>>i&1 == 1 && (account.absent>>i&1 == 1 || account.strict>>i&1 == 1 && *present>>i&1 == 0) {
			missing = w.path
		}
	}
	strict := account.strict & set
	out := []string{}
	for _, x := range ev.overriding().byOwner[owner{scope, id}] {
		i := slices.IndexFunc(weakPaths[:], func(w weakPath) bool { return w.path == x.Path })
		if i < 0 || strict>>i&1 == 0 {
			continue
		}
		v, _, err := decodeJSON(x.Value)
		on, ok := asBool(v)
		if err != nil || !ok {
			return notKnown{causeError, x.Path + " is " + show(&Expr{}, x.Path, v) + ", which is no switch"}
		}
		if on != weakPaths[i].strict {
			out = append(out, x.Path)
		}
	}
	if len(out) == 0 && missing != "" {
		return notKnown{causeMissing, missing + " is not among what Zoom sends"}
	}
	slices.Sort(out)
	return out
}

// strictness is which of weakPaths the account lacks, and which it has at their stricter value without locking it, a bit each.
type strictness struct {
	absent, strict int64
	odd            string // what is wrong with a value that is no switch
}

func (ev *evaluation) weakAccount() *strictness {
	if ev.strictness != nil {
		return ev.strictness
	}
	var s strictness
	for i, w := range weakPaths {
		v, there, err := decodeJSON(ev.in.Settings[w.path].Value)
		on, ok := asBool(v)
		switch {
		case err != nil || there && !ok:
			s.odd = w.path + " of the account is " + show(&Expr{}, w.path, v) + ", which is no switch"
		case !there:
			s.absent |= 1 << i
		case on == w.strict && !ev.lockedAbove(w.path):
			s.strict |= 1 << i
		}
	}
	ev.strictness = &s
	return &s
}
