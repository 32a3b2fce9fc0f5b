// Package posture judges how safely a Zoom account is set up: a catalogue of controls, each one self-describing value in catalog/*.yaml, and their evaluation
// against the settings, locks and users that were read from Zoom.
//
// # Statuses
//
// Logic is three-valued: what was not read is unknown, never pass and never fail.
//
//	pass            the value is right (and locked, where the control requires the lock)
//	fail            the value is wrong
//	partial         right for some, or right but open to change: points in proportion
//	unknown         Zoom did not send the key, or the feed was refused for want of a scope
//	not_applicable  the account's plan has no such setting, it has nothing to judge, or the selected profile leaves the control out
//	manual          a person has to look, or to say what is right first: the reason says where, or names the key of the configuration
//	error           Zoom sent a value of a kind that the control cannot read
//
// # Points
//
// A control is worth its severity's weight: critical 10, high 8, medium 5, low 2, info 0; one of two that ask for the same is worth nothing beside the other (CountedBy). The score is the points earned in percent of the points of the controls
// judged (pass, fail, partial). The coverage is the points of the controls judged in percent of those of all controls but not_applicable ones. A missing scope
// lowers the coverage; the product of both never rises by it, but for one thing: what groups and users have otherwise than the account takes points off only where it is
// seen, and that takes group:read:admin and user:read:admin. The achievable score is what the score would be once everything judged were put right except the risks that
// somebody accepted; controls of a profile that was not selected are no part of it. Rank says what every open recommendation would gain, and in which order.
//
// # Exceptions
//
// An exception is a decision of the account's own about a control that does not pass. It never touches what was found, only what follows from it:
//
//	planned               nothing: the recommendation stays open, with a reason, an owner and a date
//	risk_accepted         no points, and none to be gained: the achievable score falls
//	third_party           full points, as something else sees to it; nobody verifies that. What could not be judged is part of the score by it, as attested
//	alternate_mitigation  full points, as another measure stands in; the same
//	false_result          no part of the score, as the verdict is said to be wrong; the coverage falls
//
// After its last day it applies no more, and every run says so until it is renewed or taken out.
//
// # Locks
//
// A lock says that users and groups cannot change a setting. It says nothing of the value, so both are judged apart: Status for the value, Lock for the lock. A
// lock that is recommended shows in the reason alone. Where a control requires it, a right value that is not locked is partial and earns half of the points.
//
// # Single objects
//
// A control on users, groups, roles, channels, meetings, recordings or apps judges every one of them and has one result all the same: pass where all that it
// concerns hold, fail where none does, partial with points by share where some do, not_applicable where it concerns none. Of an
// object of which something is not known nothing is held either way: it earns nothing, and with all others right the control is unknown. What does not hold, or is not
// known, is in Result.Resources.
//
// A setting of the account that is right and not locked may be otherwise for groups and users: they take points off by the share of active users who have it otherwise. A user's
// own settings decide where they were read since the group has its value; before that the user's group does, or all of several alike. Where several differ it is not known.
//
// # Switches and documented values
//
// Where a control's settings stand below a switch (Control.Under) that is off, the switch decides: what restricts passes, how a protection works fails with it, and how something
// useful works is not_applicable. Where Zoom documents the values of a setting, another one is an error, in whichever comparison.
package posture
