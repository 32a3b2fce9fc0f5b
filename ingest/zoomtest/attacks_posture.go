package zoomtest

import (
	"fmt"
	"slices"
	"time"
)

// PostureAttack asks for an attack beside the others: somebody signs in to an administrator's account from a data centre abroad and weakens ten settings within the hour.
// The operation log has Zoom's rows for it, and the settings that the account serves change at that time.
type PostureAttack struct {
	At     time.Time // of the sign-in, within the company's days; zero: six hours before End, on the same UTC day where that lies within it
	Hidden bool      // a further setting changes with them that the log has no row for
}

// postureAttackLasts bounds the time from the sign-in to the last change.
const postureAttackLasts = time.Hour

// The ten settings, and the one behind the log's back. What they are before is how the company has them.
var (
	weakenPosture = []weakening{
		{"Security", "Sign in with Two-Factor Authentication", "On", "Off", "security.sign_in_with_two_factor_auth", "none"},
		{"Security", "Automatically sign users out after a specified time", "On", "Off", "security.sign_again_period_for_inactivity_on_web", 0},
		{"Sign-In Password Requirement", "Have at least specified length of characters", "10", "8", "security.password_requirement.minimum_password_length", 8},
		{"Security", "Require that all meetings are secured with one security option", "On", "Off", "meeting_security.auto_security", false},
		{"Security", "Waiting Room", "On", "Off", "meeting_security.waiting_room", false},
		{"Security", "Only authenticated users can join meetings from Web client", "On", "Off", "meeting_security.only_authenticated_can_join_from_webclient", false},
		{"Schedule Meeting", "Allow participants to join before host", "Off", "On", "schedule_meeting.join_before_host", true},
		{"In Meeting (Basic)", "File transfer", "Off", "On", "in_meeting.file_transfer", true},
		{"Recording", "Require passcode to access shared cloud recordings", "On", "Off", "recording.required_password_for_shared_cloud_recordings", false},
		{"Recording", "Only account members can view cloud recordings", "On", "Off", "recording.account_user_access_recording", false},
	}
	weakenHidden = weakening{"Security", "Require passcode for participants joining by phone", "On", "Off", "meeting_security.phone_password", false}
)

// repair has administrators put back what attacks before had left weakened of the ten, a day after the last of them: an attack that weakens what is weak already changes nothing.
func (c *Company) repair(before int64) {
	var broken []weakening
	var last int64
	for _, w := range append(slices.Clone(weakenPosture), weakenHidden) {
		changes := slices.DeleteFunc(slices.Clone(c.posture.changed[w.path]), func(x settingAt) bool { return x.at >= before })
		if len(changes) > 0 {
			broken = append(broken, w)
			last = max(last, changes[len(changes)-1].at)
		}
	}
	when := min(last+26*3600, before-3*3600)
	for h := int64(0); h < 72 && when+h*3600 < before-3*3600; h++ { // in somebody's working hours
		if c.adminOnDuty(when+h*3600, floorDiv(when+h*3600, secondsPerDay), nil) != scimOperator {
			when += h * 3600
			break
		}
	}
	for i, w := range broken {
		at := max(when+int64(i)*120, last+60)
		who := c.adminOnDuty(at, floorDiv(at, secondsPerDay), nil)
		c.schedule(at, Operation{Operator: who, Category: catAccount, Action: "Update", Detail: change(w.section, w.label, w.to, w.from)})
		c.posture.set(w.path, c.posture.original(w.path), at)
	}
}

// plantPostureAttack plants it after the others, so that asking for it leaves them as they are; what they left weakened is put right before.
func (c *Company) plantPostureAttack(o PostureAttack) error {
	at := o.At
	if at.IsZero() {
		at = c.opt.End.Add(-6 * time.Hour)
		if midnight := dayTime(c.last); at.Before(midnight) && c.opt.End.Sub(midnight) > postureAttackLasts {
			at = midnight
		}
	}
	if at.Before(c.Start()) || !at.Add(postureAttackLasts).Before(c.opt.End) {
		return fmt.Errorf("simulate company: the settings cannot be weakened at %s: it is not an hour within %s and %s", at.Format(time.RFC3339), c.Start().Format(time.RFC3339), c.opt.End.Format(time.RFC3339))
	}
	a := &planter{c: c, s: newStream()}
	a.s.reseed(hash(c.opt.Seed, forAttacks, len(attackKinds), 0))
	q := a.administrator()
	if q == nil { // a small account: one who plays a part already
		if i := slices.IndexFunc(c.admins, func(p *person) bool { return p.role == roleAdmin && p.promoted < at.Unix() }); i >= 0 {
			q = c.admins[i]
		}
	}
	if q == nil {
		return fmt.Errorf("simulate company: there is no administrator to weaken settings: use more users")
	}
	c.repair(at.Unix())
	begin := at.Unix()
	where := a.foreignTo(q, tripCities, len(cities))
	a.sign(q, begin, a.session(clientBrowser, floorDiv(begin, secondsPerDay), 0, c.nets.hosting[where], hostingPool))
	when := begin + 240
	for _, w := range weakenPosture {
		a.operate(when, q, catAccount, "Update", change(w.section, w.label, w.from, w.to))
		c.posture.weaken(w, when)
		when += 60 + int64(a.s.IntN(180))
	}
	if o.Hidden {
		c.posture.weaken(weakenHidden, when)
	}
	a.users = []*person{q}
	a.attack.Kind, a.attack.Strength = AttackPosture, StrengthBlatant
	a.attack.User, a.attack.Operator = q.email, q.email
	a.attack.Description = fmt.Sprintf("signed in from a data centre in %s and weakened %d settings", cities[where].name, len(weakenPosture))
	if o.Hidden {
		a.attack.Description += ", and one that the operation log does not show"
	}
	a.commit()
	return nil
}
