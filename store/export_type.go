package store

import (
	"fmt"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
)

// cellKind says how the values of a column are written.
type cellKind int

const (
	cellText   cellKind = iota // text
	cellJSON                   // text that holds JSON
	cellNumber                 // number as DuckDB writes it: too wide for Go's own types
	cellInt
	cellFloat
	cellFloat32
	cellBool
	cellTime
	cellDate
	cellTexts // list of text
)

// exportColumn is one column of an exported view.
type exportColumn struct {
	name string
	kind cellKind
	expr string // what reads it, in a type that cellOf knows
}

// exportType says how a column of a DuckDB type is written and read; isJSON is set when text in it is JSON.
func exportType(t, id string, isJSON bool) (cellKind, string) {
	switch {
	case t == "VARCHAR" && isJSON:
		return cellJSON, id
	case t == "VARCHAR":
		return cellText, id
	case t == "JSON":
		return cellJSON, id + "::VARCHAR"
	case t == "BOOLEAN":
		return cellBool, id
	case t == "DOUBLE":
		return cellFloat, id
	case t == "FLOAT":
		return cellFloat32, id
	case t == "BIGINT", t == "INTEGER", t == "SMALLINT", t == "TINYINT", t == "UINTEGER", t == "USMALLINT", t == "UTINYINT":
		return cellInt, id + "::BIGINT"
	case t == "UBIGINT", t == "HUGEINT", t == "UHUGEINT", strings.HasPrefix(t, "DECIMAL") && !strings.HasSuffix(t, "]"):
		return cellNumber, id + "::VARCHAR"
	case t == "DATE":
		return cellDate, id
	case strings.HasPrefix(t, "TIMESTAMP") && !strings.HasSuffix(t, "]"):
		return cellTime, id + "::TIMESTAMP"
	case t == "VARCHAR[]":
		return cellTexts, id
	case strings.HasSuffix(t, "]"), strings.HasPrefix(t, "STRUCT"), strings.HasPrefix(t, "MAP"), strings.HasPrefix(t, "UNION"):
		return cellJSON, "to_json(" + id + ")::VARCHAR"
	case t == "BLOB":
		return cellText, "base64(" + id + ")"
	}
	return cellText, id + "::VARCHAR" // ENUM, UUID, TIME, INTERVAL, ...
}

func errCellType(c exportColumn, a arrow.Array) error {
	return fmt.Errorf("column %s arrives as %s", c.name, a.DataType())
}
