// Package features holds what happened and what is normal.
//
// What happened: every user's rows of a UTC day, the tokens they are made of (what, how much, at what pace, from where, with what) and the observations that are
// counted (sign-ins, deletions, role changes, ...).
//
// What is normal: a state per user and one for the tenant, of constant size, folded day by day. It is advanced only with days that are over, and leaves out the
// days that the scoring gated, so that whoever reads it in the morning of a day sees nothing of that day or later.
//
// It never judges: evidence, calibration and verdicts are the models' part.
package features
