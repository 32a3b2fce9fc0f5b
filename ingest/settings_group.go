package ingest

import (
	"context"
	"fmt"

	"github.com/zoomward/zoomward/store"
)

// noteGroupSettings adds a version of every setting of a group that this run found to be another than before: scoped_settings holds the latest alone. A group that is gone,
// or a setting that Zoom sends no more, has a version without a value. It also notes which groups this run read, as "group <id>" among the sources of a reading.
func (r *runner) noteGroupSettings(ctx context.Context) error {
	err := r.DB.Tx(ctx, func(tx *store.Tx) error {
		at := r.Now // as in writeSettings
		if err := tx.Row(ctx, `SELECT greatest(?::TIMESTAMP, max(fetched_at)) FROM ingest.group_setting_versions`, r.Now).Scan(&at); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO ingest.group_setting_versions (group_id, path, value, locked, lock_kind, fetched_at, run_id)
			SELECT s.scope_id, s.path, s.value, s.locked, s.lock_kind, ?, ?
			FROM (SELECT scope_id, path, CASE WHEN removed_at IS NULL THEN value END AS value, CASE WHEN removed_at IS NULL THEN locked END AS locked,
			             CASE WHEN removed_at IS NULL THEN lock_kind END AS lock_kind
			      FROM ingest.scoped_settings WHERE scope = 'group') AS s
			LEFT JOIN (SELECT * FROM ingest.group_setting_versions QUALIFY row_number() OVER (PARTITION BY group_id, path ORDER BY fetched_at DESC, rowid DESC) = 1) AS v
			     ON v.group_id = s.scope_id AND v.path = s.path
			WHERE v.path IS NULL OR v.value IS DISTINCT FROM s.value OR v.locked IS DISTINCT FROM s.locked OR v.lock_kind IS DISTINCT FROM s.lock_kind
			ORDER BY s.scope_id, s.path`, at, r.RunID)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO ingest.setting_readings BY NAME
			SELECT ?::TIMESTAMP AS read_at, list('group ' || parent ORDER BY parent) AS sources FROM meta.visits WHERE feed = 'group_settings' AND outcome = ? AND visited_at = ? HAVING count(*) > 0
			EXCEPT SELECT read_at, sources FROM ingest.setting_readings`, at, visitDone, r.Now)
		return err
	})
	if err != nil {
		return fmt.Errorf("note settings of groups: %w", err)
	}
	return nil
}
