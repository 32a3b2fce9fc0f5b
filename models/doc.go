// Package models judges: is this still the same person, is this too much, and which of it should somebody look at?
//
// Evidence is pure mathematics on what package features knows of earlier days. Calibration turns it into p-values by rank among the tenant's own past.
// The decision bounds the number of alerts by a false discovery rate and a weekly budget. Fold is the one loop that knows both rooms: it scores a day, decides, and
// only then lets the day teach the state, leaving out what was gated.
package models
