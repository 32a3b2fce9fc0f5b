package store

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// cell reads one column of a page.
type cell struct {
	kind   cellKind
	nulls  arrow.Array
	text   *array.String
	ints   *array.Int64
	f64    *array.Float64
	f32    *array.Float32
	bools  *array.Boolean
	stamps *array.Timestamp
	dates  *array.Date32
	list   *array.List
}

func cellOf(c exportColumn, a arrow.Array) (cell, error) {
	out := cell{kind: c.kind, nulls: a}
	ok := false
	switch c.kind {
	case cellText, cellJSON, cellNumber:
		out.text, ok = a.(*array.String)
	case cellInt:
		out.ints, ok = a.(*array.Int64)
	case cellFloat:
		out.f64, ok = a.(*array.Float64)
	case cellFloat32:
		out.f32, ok = a.(*array.Float32)
	case cellBool:
		out.bools, ok = a.(*array.Boolean)
	case cellTime:
		out.stamps, ok = a.(*array.Timestamp)
	case cellDate:
		out.dates, ok = a.(*array.Date32)
	case cellTexts:
		if out.list, ok = a.(*array.List); ok {
			out.text, ok = out.list.ListValues().(*array.String)
		}
	}
	if !ok {
		return cell{}, errCellType(c, a)
	}
	return out, nil
}

// null says whether row i has no value that a file can hold.
func (c *cell) null(i int) bool {
	if c.nulls.IsNull(i) {
		return true
	}
	switch c.kind {
	case cellFloat:
		return notFinite(c.f64.Value(i))
	case cellFloat32:
		return notFinite(float64(c.f32.Value(i)))
	case cellTime: // DuckDB's infinities
		return c.stamps.Value(i) == math.MaxInt64 || c.stamps.Value(i) == -math.MaxInt64
	case cellDate:
		return c.dates.Value(i) == math.MaxInt32 || c.dates.Value(i) == -math.MaxInt32
	}
	return false
}

func notFinite(f float64) bool { return math.IsNaN(f) || math.IsInf(f, 0) }

// appendPlain appends a value whose text needs neither quotes nor escapes: every kind but those of text.
func (c *cell) appendPlain(b []byte, i int) []byte {
	switch c.kind {
	case cellNumber:
		return append(b, c.text.Value(i)...)
	case cellInt:
		return strconv.AppendInt(b, c.ints.Value(i), 10)
	case cellFloat:
		return appendFloat(b, c.f64.Value(i), 64)
	case cellFloat32:
		return appendFloat(b, float64(c.f32.Value(i)), 32)
	case cellBool:
		return strconv.AppendBool(b, c.bools.Value(i))
	case cellTime:
		unit := c.stamps.DataType().(*arrow.TimestampType).Unit
		return c.stamps.Value(i).ToTime(unit).AppendFormat(b, time.RFC3339Nano)
	case cellDate:
		return time.Unix(int64(c.dates.Value(i))*secondsPerDay, 0).UTC().AppendFormat(b, time.DateOnly)
	}
	return b
}

// appendFloat writes the shortest number that reads back the same, with an exponent only where the plain form would be long, as encoding/json does.
func appendFloat(b []byte, f float64, bits int) []byte {
	format := byte('f')
	if abs := math.Abs(f); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		format = 'e'
	}
	return strconv.AppendFloat(b, f, format, -1, bits)
}

// texts returns the values of a list, NULL as "".
func (c *cell) texts(i int) []string {
	from, to := c.list.ValueOffsets(i)
	out := make([]string, 0, to-from)
	for j := from; j < to; j++ {
		out = append(out, c.text.Value(int(j)))
	}
	return out
}

// appendCSV appends row i as a cell of a CSV file.
func (c *cell) appendCSV(b []byte, i int) []byte {
	if c.null(i) {
		return b
	}
	switch c.kind {
	case cellText, cellJSON:
		return appendCSVText(b, csvText(c.text.Value(i)))
	case cellTexts:
		return appendCSVText(b, csvText(strings.Join(c.texts(i), ";")))
	}
	return c.appendPlain(b, i)
}

// csvText keeps a spreadsheet from running text as a formula (CWE-1236): a leading = + - @ TAB CR or NUL (OWASP ASVS 5.0, 1.2.10) gets an apostrophe in
// front. Display names and topics come from whoever likes to attack.
func csvText(s string) string {
	if s == "" {
		return s
	}
	switch s[0] {
	case '=', '+', '-', '@', '\t', '\r', 0:
		return "'" + s
	}
	return s
}

// appendCSVText appends text as RFC 4180 has it: in quotes when it holds a comma, a quote or an end of line, or when a reader might trim it.
func appendCSVText(b []byte, s string) []byte {
	if s == "" {
		return b
	}
	if !strings.ContainsAny(s, ",\"\r\n") && s == strings.TrimSpace(s) && s != `\.` { // \. alone ends the data of some loaders
		return append(b, s...)
	}
	b = append(b, '"')
	for {
		before, after, found := strings.Cut(s, `"`)
		b = append(b, before...)
		if !found {
			return append(b, '"')
		}
		b = append(b, `""`...)
		s = after
	}
}

// appendJSON appends row i as a JSON value.
func (c *cell) appendJSON(b []byte, i int) []byte {
	if c.null(i) {
		return append(b, "null"...)
	}
	switch c.kind {
	case cellText:
		return appendJSONText(b, c.text.Value(i))
	case cellJSON:
		return appendEmbedded(b, c.text.Value(i))
	case cellTime, cellDate:
		b = append(b, '"')
		return append(c.appendPlain(b, i), '"')
	case cellTexts:
		from, to := c.list.ValueOffsets(i)
		b = append(b, '[')
		for j := from; j < to; j++ {
			if j > from {
				b = append(b, ',')
			}
			if c.text.IsNull(int(j)) {
				b = append(b, "null"...)
				continue
			}
			b = appendJSONText(b, c.text.Value(int(j)))
		}
		return append(b, ']')
	}
	return c.appendPlain(b, i)
}

// appendEmbedded appends JSON text as the value it stands for, in one line, and anything else as a string.
func appendEmbedded(b []byte, s string) []byte {
	var one bytes.Buffer
	if err := json.Compact(&one, []byte(s)); err != nil {
		return appendJSONText(b, s)
	}
	return append(b, one.Bytes()...)
}

// appendJSONText appends a JSON string without the escapes that HTML needs.
func appendJSONText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			var quoted bytes.Buffer
			enc := json.NewEncoder(&quoted)
			enc.SetEscapeHTML(false)
			_ = enc.Encode(s) // a string always has a form, and a buffer takes it
			return append(b, bytes.TrimSuffix(quoted.Bytes(), []byte("\n"))...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}
