package posture

import (
	"fmt"
	"strings"
)

// documentedOf returns the values that Zoom documents for what a comparison looks at, as text; nil where it is anything.
func (c *Catalog) documentedOf(e *Expr) []string {
	path := e.Path
	if e.Select != nil {
		path += "." + e.Select.Field
	}
	switch e.Op {
	case OpEq, OpNe, OpIn, OpDisjointFrom:
		return c.values[path]
	}
	return nil // what is compared by size is as plain between two documented values
}

// undocumented says of a value, or of one of a list, that Zoom does not document it; "" of any other, and of a value of another kind.
func (e *Expr) undocumented(v any) string {
	if e.documented == nil {
		return ""
	}
	var list []string
	switch x := v.(type) {
	case string, float64:
		list = []string{textOf(x)}
	case []string:
		list = x
	case []any:
		for _, y := range x {
			list = append(list, textOf(y))
		}
	}
	for _, s := range list {
		if !containsFold(e.documented, s) {
			return "which is none of what Zoom documents (" + strings.Join(e.documented, ", ") + ")"
		}
	}
	return ""
}

// textOf writes a word or number as the table of documented values has it.
func textOf(v any) string {
	if n, ok := asNumber(v); ok {
		return fmt.Sprint(n)
	}
	s, _ := asText(v)
	return s
}
