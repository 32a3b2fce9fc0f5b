// Package policy runs policies of the account's own: files of SQL whose rows become alerts or behaviors beside the engine's.
//
// A policy is one file: a comment that holds a head in YAML, and one SELECT over the views that analysts query. It is read strictly, checked before it sees a row, run
// in a transaction that cannot write, and bounded in time and rows. What it raises is kept apart from what the engine works out, so that scoring anew leaves it alone, and
// does not draw on the engine's budget. A policy that fails, or raises too much, never fails the run: it is noted, tried again, and in the end disabled.
package policy
