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
	for _, a := range s.Accounts() {
		prior := priors.Of(a.Email)
		group, size := priors.Peers(a.Email)
		for b, v := range a.Volumes {
			if v.Max == 0 {
				continue
			}
			p := prior[b]
			p.Weekday = [7]float64{1, 1, 1, 1, 1, 1, 1}
			nb := p.Predict(v, 0)
			details, err := json.Marshal(map[string]any{"peer_group": group, "peers": size, "peer_rate": p.Shape / p.Rate, "prior_days": p.Rate, "size": nb.Size,
				"greatest": v.Max, "drift": v.Drift})
			if err != nil {
				return fmt.Errorf("baseline of %s: %w", a.Email, err)
			}
			rows.Email = append(rows.Email, a.Email)
			rows.Behaviour = append(rows.Behaviour, Behaviours[b].ID)
			rows.AsOf = append(rows.AsOf, DayTime(s.Day))
			rows.History = append(rows.History, a.Days)
			rows.Mean = append(rows.Mean, nb.Mean)
			rows.Lower = append(rows.Lower, nb.Quantile(0.025))
			rows.Upper = append(rows.Upper, nb.Quantile(0.975))
			rows.Details = append(rows.Details, string(details))
		}
	}
	if _, err := tx.Exec(ctx, `DELETE FROM features.baselines`); err != nil {
		return fmt.Errorf("write baselines: %w", err)
	}
	if _, err := tx.Append(ctx, "features.baselines", rows); err != nil {
		return fmt.Errorf("write baselines: %w", err)
	}
	return nil
}
