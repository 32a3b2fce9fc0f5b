package features

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/zoomward/zoomward/store"
)

// WriteBaselines replaces features.baselines by what the state expects of every user: a row per behaviour that the user has shown, on a mean weekday.
func WriteBaselines(ctx context.Context, tx *store.Tx, s *State, priors *Priors) error {
	var rows struct {
		Email     []string    `col:"user_email"`
		Behaviour []string    `col:"behaviour"`
		AsOf      []time.Time `col:"as_of,date"`
		History   []int64     `col:"history_days"`
		Mean      []float64   `col:"mean"`
		Lower     []float64   `col:"lower"`
		Upper     []float64   `col:"upper"`
		Details   []string    `col:"details"`
	}
	accounts := s.Accounts()
	for _, a := range accounts {
		for b, v := range a.Volumes {
			if v.Max == 0 {
				continue
			}
			rows.Email = append(rows.Email, a.Email)
			rows.Behaviour = append(rows.Behaviour, Behaviours[b].ID)
			rows.AsOf = append(rows.AsOf, DayTime(s.Day))
			rows.History = append(rows.History, a.Days)
		}
	}
	n := len(rows.Email)
	rows.Mean, rows.Lower, rows.Upper, rows.Details = make([]float64, n), make([]float64, n), make([]float64, n), make([]string, n)
	Parallel(n, func(i int) {
		a, b := s.accounts[rows.Email[i]], behaviourIndex[rows.Behaviour[i]]
		v, p := a.Volumes[b], priors.Of(a.Email)[b]
		p.Weekday = [7]float64{1, 1, 1, 1, 1, 1, 1}
		nb := p.Predict(v, 0)
		rows.Mean[i], rows.Lower[i], rows.Upper[i] = nb.Mean, nb.Quantile(0.025), nb.Quantile(0.975)
		group, size := priors.Peers(a.Email)
		// Numbers are finite and a group is the only text: written by hand, as this is done for every user at every run.
		rows.Details[i] = fmt.Sprintf(`{"peer_group":%s,"peers":%d,"peer_rate":%.6g,"prior_days":%.6g,"size":%.6g,"greatest":%.6g,"drift":%.6g}`,
			quoted(group), size, p.Shape/p.Rate, p.Rate, nb.Size, v.Max, v.Drift)
	})
	if _, err := tx.Exec(ctx, `DELETE FROM features.baselines`); err != nil {
		return fmt.Errorf("write baselines: %w", err)
	}
	if _, err := tx.Append(ctx, "features.baselines", rows); err != nil {
		return fmt.Errorf("write baselines: %w", err)
	}
	return nil
}

// quoted writes a text as JSON.
func quoted(s string) string {
	raw, err := json.Marshal(s)
	if err != nil {
		return `""` // cannot happen: every string has a JSON form
	}
	return string(raw)
}
