package ingest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/zoomward/zoomward/store"
)

// versions says of which columns of a table every change is kept: the table itself has things as last read alone.
type versions struct {
	kind    string
	columns []string
}

// userRoles are the roles of users over time.
var userRoles = versions{"user_role", []string{"role", "role_id"}}

// keep notes what rows with those keys hold now, where it is not what they held when they were last noted.
func (v versions) keep(ctx context.Context, tx *store.Tx, table, key string, keys []string, now time.Time, runID string) error {
	listed, err := compactJSON(keys)
	if err != nil {
		return fmt.Errorf("write keys: %w", err)
	}
	fields := make([]string, len(v.columns))
	for i, c := range v.columns {
		fields[i] = fmt.Sprintf("'%[1]s': %[1]s", c)
	}
	_, err = tx.Exec(ctx, fmt.Sprintf(`
		INSERT INTO ingest.versions (kind, "key", value, read_at, run_id)
		SELECT ?, n."key", n.value, ?::TIMESTAMP, ?
		FROM (SELECT DISTINCT %[1]s AS "key", to_json({%[3]s})::VARCHAR AS value FROM %[2]s WHERE %[1]s IN (SELECT unnest(from_json(?, '["VARCHAR"]')))) AS n
		LEFT JOIN (SELECT "key", max_by(value, (read_at, rowid)) AS value FROM ingest.versions WHERE kind = ? GROUP BY "key") AS l ON l."key" = n."key"
		WHERE l.value IS DISTINCT FROM n.value`, key, table, strings.Join(fields, ", ")), v.kind, now, runID, listed, v.kind)
	if err != nil {
		return fmt.Errorf("keep versions of %s: %w", table, err)
	}
	return nil
}
