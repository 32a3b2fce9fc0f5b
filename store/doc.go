// Package store is the floor that every other room stands on: the DuckDB file, its schema and migrations, columnar landing and reading, publishing and exports.
//
// Rows cross its boundary as a frame: a struct of slices, one slice a column, one tag a name.
//
//	var days struct {
//		User  []string    `col:"user_email"`
//		Day   []time.Time `col:"day,date"`
//		Score []float64   `col:"score"`
//	}
//	err := db.Read(ctx, &days, `SELECT user_email, day, score FROM user_days WHERE score > ?`, 3.0)
//
// Field types and what they mean in the database:
//
//	[]string     VARCHAR; with the option null, "" lands as NULL (NULL always reads as "")
//	[]int64      BIGINT; with the option null, 0 lands as NULL (NULL always reads as 0)
//	[]float64    DOUBLE; NaN is NULL, infinities are refused
//	[]bool       BOOLEAN; NULL reads as false
//	[]*bool      BOOLEAN; nil is NULL
//	[]time.Time  TIMESTAMP in UTC, to the microsecond, the zero time is NULL; DATE with the option date
//	[][]byte     BLOB; nil is NULL
//	[][]string   VARCHAR[]; nil is NULL
//
// It is the only package that imports the driver and Arrow, so that moving to their successors is a change of import paths here. It never decides what a row
// means: it imports none of the rooms.
package store
