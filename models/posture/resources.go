package posture

import (
	"context"
	"fmt"
	"time"

	"github.com/zoomward/zoomward/store"
)

// resourceRows is the frame of models.posture_resources.
type resourceRows struct {
	ControlID []string    `col:"control_id"`
	Type      []string    `col:"resource_type"`
	ID        []string    `col:"resource_id"`
	Name      []string    `col:"name,null"`
	Status    []string    `col:"status"`
	Observed  []string    `col:"observed,null"`
	ChangedAt []time.Time `col:"changed_at"`
	RunID     []string    `col:"run_id"`
}

// stageResources puts what the results name beside what those of the run before did, and notes which objects are newly named as not right, and which no more.
func (s *Summary) stageResources(ctx context.Context, tx *store.Tx, runID string, than *comparison) error {
	var rows resourceRows
	for i := range s.Results {
		for _, x := range s.Results[i].Resources {
			rows.ControlID = append(rows.ControlID, s.Results[i].ControlID)
			rows.Type, rows.ID, rows.Name = append(rows.Type, x.Type), append(rows.ID, x.ID), append(rows.Name, x.Name)
			rows.Status, rows.Observed = append(rows.Status, string(x.Status)), append(rows.Observed, x.Observed)
			rows.ChangedAt, rows.RunID = append(rows.ChangedAt, s.At), append(rows.RunID, runID)
		}
	}
	if _, err := tx.Exec(ctx, `CREATE OR REPLACE TEMP TABLE posture_resources_now AS SELECT * FROM models.posture_resources LIMIT 0`); err != nil {
		return fmt.Errorf("write resources: %w", err)
	}
	if _, err := tx.Append(ctx, "temp.posture_resources_now", rows); err != nil {
		return fmt.Errorf("write resources: %w", err)
	}
	if than.past == nil {
		return nil // the first verdicts: there is nothing to compare with
	}
	for _, side := range []struct {
		into        *map[string][]resource
		here, there string
	}{{&than.failing, "temp.posture_resources_now", "models.posture_resources"}, {&than.mended, "models.posture_resources", "temp.posture_resources_now"}} {
		var r struct {
			Control []string `col:"control_id"`
			Type    []string `col:"resource_type"`
			ID      []string `col:"resource_id"`
		}
		if err := tx.Read(ctx, &r, `SELECT control_id, resource_type, resource_id FROM `+side.here+` AS h WHERE status = 'fail' AND NOT EXISTS (
			SELECT 1 FROM `+side.there+` AS t WHERE t.control_id = h.control_id AND t.resource_type = h.resource_type AND t.resource_id = h.resource_id)`); err != nil {
			return fmt.Errorf("compare resources: %w", err)
		}
		*side.into = map[string][]resource{}
		for i, id := range r.Control {
			(*side.into)[id] = append((*side.into)[id], resource{kind: r.Type[i], id: r.ID[i]})
		}
	}
	return nil
}

// writeResources brings models.posture_resources to what was staged and returns how many rows that changed. Rows that say the same as before stay as they are.
func (s *Summary) writeResources(ctx context.Context, tx *store.Tx) (int64, error) {
	var changed int64
	for _, step := range []func() (int64, error){
		func() (int64, error) {
			return tx.Exec(ctx, `DELETE FROM models.posture_resources AS t WHERE NOT EXISTS (
				SELECT 1 FROM temp.posture_resources_now AS n WHERE n.control_id = t.control_id AND n.resource_type = t.resource_type AND n.resource_id = t.resource_id
				AND n.status = t.status AND n.name IS NOT DISTINCT FROM t.name AND n.observed IS NOT DISTINCT FROM t.observed)`)
		},
		func() (int64, error) {
			return tx.Exec(ctx, `INSERT INTO models.posture_resources SELECT * FROM temp.posture_resources_now AS n WHERE NOT EXISTS (
				SELECT 1 FROM models.posture_resources AS t WHERE t.control_id = n.control_id AND t.resource_type = n.resource_type AND t.resource_id = n.resource_id)`)
		},
		func() (int64, error) {
			_, err := tx.Exec(ctx, `DROP TABLE temp.posture_resources_now`)
			return 0, err
		},
	} {
		n, err := step()
		if err != nil {
			return 0, fmt.Errorf("write resources: %w", err)
		}
		changed += n
	}
	return changed, nil
}
