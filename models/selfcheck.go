package models

import (
	"math"
	"slices"
)

const (
	checkDays = 28  // days after which a day's part of the check has faded to 1/e
	usualDays = 180 // the same for the level that it is compared with
)

// selfCheck keeps how well genuine days are told from pseudo-takeovers that the model had not seen: a measure of quality without labels. When it falls below its usual
// level, a feed has changed or gone silent, or people have become less alike themselves.
type selfCheck struct {
	Day           int64 // of the latest scores
	Recent, Usual standing
}

// standing counts decayed pairs of a pseudo-takeover and a genuine day, and those in which the takeover has the higher score; a tie is half of one.
type standing struct{ Wins, Pairs float64 }

// auc is the share of pairs in the right order, that is the area under the ROC curve (Mann and Whitney, Annals of Mathematical Statistics 18, 1947); NaN without pairs.
func (s standing) auc() float64 { return s.Wins / s.Pairs }

func (s *standing) add(wins, pairs, decay float64) {
	s.Wins = s.Wins*decay + wins
	s.Pairs = s.Pairs*decay + pairs
}

// learn adds the scores of a day.
func (c *selfCheck) learn(day int64, genuine, impostor []float64) {
	if len(genuine) == 0 || len(impostor) == 0 {
		return
	}
	days := 0.0
	if c.Day != 0 {
		days = float64(day - c.Day)
	}
	c.Day = day
	wins, pairs := wins(impostor, genuine), float64(len(genuine)*len(impostor))
	c.Recent.add(wins, pairs, math.Exp(-days/checkDays))
	c.Usual.add(wins, pairs, math.Exp(-days/usualDays))
}

// wins counts the pairs in which a is above b, a tie as half of one.
func wins(a, b []float64) float64 {
	sorted := slices.Clone(b)
	slices.Sort(sorted)
	n := 0.0
	for _, x := range a {
		below, _ := slices.BinarySearch(sorted, x)
		equal := 0
		for below+equal < len(sorted) && sorted[below+equal] == x {
			equal++
		}
		n += float64(below) + float64(equal)/2
	}
	return n
}

// SelfCheck returns how well the score of late (about four weeks) told pseudo-takeovers from genuine days: the area under the ROC curve, 0.5 for chance, and the decayed
// number of pairs that it rests on. The model never saw those days. Without any pair the area is NaN.
func (id *Identity) SelfCheck() (auc, pairs float64) {
	return id.Check.Recent.auc(), id.Check.Recent.Pairs
}

// UsualSelfCheck returns the same over about half a year: the level to hold SelfCheck against.
func (id *Identity) UsualSelfCheck() (auc, pairs float64) {
	return id.Check.Usual.auc(), id.Check.Usual.Pairs
}

// SelfCheckSummary is the check as a run reports it.
type SelfCheckSummary struct {
	AUC      float64 `json:"auc"`       // of late
	UsualAUC float64 `json:"usual_auc"` // over about half a year
	Pairs    float64 `json:"pairs"`     // of late
	Dropped  bool    `json:"dropped"`
}

const (
	// checkDrop is how far the area may fall below its usual level before a run warns, and checkPairs the least number of pairs that say so.
	checkDrop  = 0.05
	checkPairs = 1000
)

// summary returns the check, nil before there is any pair.
func (id *Identity) summary() *SelfCheckSummary {
	auc, pairs := id.SelfCheck()
	usual, _ := id.UsualSelfCheck()
	if pairs == 0 {
		return nil
	}
	return &SelfCheckSummary{AUC: auc, UsualAUC: usual, Pairs: pairs, Dropped: pairs >= checkPairs && auc < usual-checkDrop}
}
