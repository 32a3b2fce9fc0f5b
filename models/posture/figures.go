package posture

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// userPrefix marks a path that is a figure of the user list rather than a setting.
const userPrefix = "users."

// loginDelay is how late Zoom may update a user's last sign-in.
const loginDelay = 3 * 24 * time.Hour

// Ids of Zoom's built-in roles.
const (
	roleOwner = "0"
	roleAdmin = "1"
)

// figure is a count over the users that some matter concerns. Users of whom too little is known make it a span: at least low, at most high.
type figure struct {
	low, high int
	of        int      // users concerned, or perhaps concerned
	good      int      // users surely concerned and surely not counted
	who       []string // those counted in low, sorted
	unknown   outcome  // set when nothing can be counted
	ok        bool
}

// userFigures are the figures that controls may assert on.
var userFigures = map[string]func(*evaluation) figure{
	usersOwners:                       func(ev *evaluation) figure { return ev.count(anyRole, hasRole(roleOwner)) },
	"users.admins":                    func(ev *evaluation) figure { return ev.count(anyRole, hasRole(roleAdmin)) },
	"users.admins_outside_two_factor": outsideTwoFactor(hasRole(roleOwner, roleAdmin)),
	"users.outside_two_factor":        outsideTwoFactor(anyRole),
	usersPasswordAlone:                (*evaluation).passwordAlone,
}

const (
	usersOwners        = "users.owners"
	usersPasswordAlone = "users.with_a_password_alone"
)

func active(u *User) bool { return u.Status == "active" }

// A userTest is unknown of a user of whom Zoom says too little.
type userTest func(*User) truth

func anyRole(*User) truth { return yes }

// hasRole tests for roles. Zoom gives every active user one: where none was sent, it may be any.
func hasRole(ids ...string) userTest {
	return func(u *User) truth {
		if u.RoleID == "" {
			return unknown
		}
		return truthOf(slices.Contains(ids, u.RoleID))
	}
}

// count counts those active users of the concerned that the test holds for.
func (ev *evaluation) count(concerned, test userTest) figure {
	f := figure{ok: true}
	for i := range ev.in.Users {
		u := &ev.in.Users[i]
		if !active(u) {
			continue
		}
		c, t := concerned(u), test(u)
		if c == no {
			continue
		}
		f.of++
		switch {
		case c == yes && t == yes:
			f.low++
			f.high++
			f.who = append(f.who, u.Email)
		case c == yes && t == no:
			f.good++
		case t != no:
			f.high++
		}
	}
	slices.Sort(f.who)
	return f
}

// Settings that say whom two-factor sign-in is required of.
const (
	twoFactorMode   = "security.sign_in_with_two_factor_auth" // all, group, role, none
	twoFactorRoles  = "security.sign_in_with_two_factor_auth_roles"
	twoFactorGroups = "security.sign_in_with_two_factor_auth_groups"
)

// outsideTwoFactor counts those of the concerned of whom Zoom does not require two-factor sign-in. It is a matter of policy: whether a user has enrolled, or
// signs in through an identity provider that asks for a second factor, Zoom does not say.
func outsideTwoFactor(concerned userTest) func(*evaluation) figure {
	return func(ev *evaluation) figure {
		covered, o := ev.twoFactorCover()
		if covered == nil {
			return figure{unknown: o}
		}
		return ev.count(concerned, func(u *User) truth { return outcome{truth: covered(u)}.negate().truth })
	}
}

// twoFactorCover returns the test for users who fall under the rule; without one, the outcome says why.
func (ev *evaluation) twoFactorCover() (userTest, outcome) {
	if o, no := ev.refused(FeedSettings); no {
		return nil, o
	}
	v, present, err := decodeJSON(ev.in.Settings[twoFactorMode].Value)
	if err != nil {
		return nil, unreadable(twoFactorMode, err.Error())
	}
	if !present {
		return nil, ev.absent(twoFactorMode)
	}
	mode, ok := asText(v)
	mode = strings.ToLower(mode)
	switch {
	case ok && mode == "all":
		return func(*User) truth { return yes }, outcome{}
	case ok && mode == "none":
		return func(*User) truth { return no }, outcome{}
	case ok && mode == "role":
		roles, o := ev.list(twoFactorRoles)
		if roles == nil {
			return nil, o
		}
		return hasRole(roles...), outcome{}
	case ok && mode == "group":
		groups, o := ev.list(twoFactorGroups)
		if groups == nil {
			return nil, o
		}
		return func(u *User) truth {
			return truthOf(slices.ContainsFunc(u.Groups, func(g string) bool { return slices.Contains(groups, g) }))
		}, outcome{}
	}
	return nil, unreadable(twoFactorMode, fmt.Sprintf("is %s, where Zoom documents all, group, role or none", showPlain(v)))
}

// list reads a list setting; nil with the reason when it cannot.
func (ev *evaluation) list(path string) ([]string, outcome) {
	v, present, err := decodeJSON(ev.in.Settings[path].Value)
	if err != nil {
		return nil, unreadable(path, err.Error())
	}
	if !present {
		return nil, ev.absent(path)
	}
	list, ok := asList(v)
	if !ok {
		return nil, unreadable(path, misfit(showPlain(v), v, "list"))
	}
	if list == nil {
		list = []string{}
	}
	return list, outcome{}
}

// countedFigure returns the figure of a path, counted once an evaluation.
func (ev *evaluation) countedFigure(path string) figure {
	if f, ok := ev.figures[path]; ok {
		return f
	}
	var f figure
	o, no := ev.refused(FeedUsers)
	switch {
	case no:
		f.unknown = o
	case len(ev.in.Users) == 0:
		f.unknown = unknownFor(causeMissing, "the list of users was not read yet: run `zoomward ingest`")
	case ev.in.Feeds[FeedUsers].Incomplete: // those who are missing may be the very ones that count
		f.unknown = unknownFor(causeMissing, "the list of users was never read to its end: run `zoomward ingest`")
	default:
		f = userFigures[path](ev)
		if f.ok && (f.of == 0 || path == usersOwners && f.high == 0) {
			f = figure{unknown: unknownFor(causeMissing, "every account has an owner, and the list of users names none among the active ones: it cannot be whole")}
		}
	}
	ev.figures[path] = f
	return f
}

// figure evaluates a comparison on a figure: where it holds for a part of the span alone, the truth is unknown.
func (ev *evaluation) figure(e *Expr) outcome {
	f := ev.countedFigure(e.Path)
	if !f.ok {
		return f.unknown
	}
	want := ev.number(e)
	low, high := holds(e.Op, float64(f.low), want), holds(e.Op, float64(f.high), want)
	what := strings.ReplaceAll(strings.TrimPrefix(e.Path, userPrefix), "_", " ")
	text := fmt.Sprintf("%d", f.low)
	if len(f.who) > 0 {
		text += " (" + strings.Join(f.who[:min(len(f.who), maxShownElements)], ", ")
		if more := len(f.who) - maxShownElements; more > 0 {
			text += fmt.Sprintf(" and %d more", more)
		}
		text += ")"
	}
	o := outcome{truth: truthOf(low), seen: []seen{{e.Path, text}}, reasons: []string{fmt.Sprintf("%s: %d of %d users", what, f.low, f.of)}}
	within := float64(f.low) < want && want < float64(f.high) && (e.Op == OpEq || e.Op == OpNe)
	if low != high || within {
		o.truth, o.cause = unknown, causeMissing
		o.reasons = []string{fmt.Sprintf("%s: %d of %d users, and perhaps %d more, of whom Zoom does not say enough", what, f.low, f.of, f.high-f.low)}
	}
	return o
}
