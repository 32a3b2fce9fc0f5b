package store

import (
	"database/sql/driver"
	"fmt"
	"math"
	"reflect"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/marcboeker/go-duckdb"
)

const secondsPerDay = 86400

func arrowField(c column) arrow.Field {
	var t arrow.DataType
	switch c.kind {
	case kindString:
		t = arrow.BinaryTypes.String
	case kindInt, kindOptInt:
		t = arrow.PrimitiveTypes.Int64
	case kindFloat:
		t = arrow.PrimitiveTypes.Float64
	case kindBool, kindOptBool:
		t = arrow.FixedWidthTypes.Boolean
	case kindTime:
		t = &arrow.TimestampType{Unit: arrow.Microsecond} // no zone: TIMESTAMP
	case kindDate:
		t = arrow.FixedWidthTypes.Date32
	case kindBytes:
		t = arrow.BinaryTypes.Binary
	case kindStrings:
		t = arrow.ListOf(arrow.BinaryTypes.String)
	}
	return arrow.Field{Name: c.name, Type: t, Nullable: true}
}

// recordOf copies rows [from, to) of a frame into an Arrow record. The caller releases it.
func recordOf(cols []column, from, to int) (arrow.Record, error) {
	fields := make([]arrow.Field, len(cols))
	for i, c := range cols {
		fields[i] = arrowField(c)
	}
	b := array.NewRecordBuilder(cMemory{}, arrow.NewSchema(fields, nil))
	defer b.Release()
	for i, c := range cols {
		if err := appendColumn(b.Field(i), c, from, to); err != nil {
			return nil, err
		}
	}
	return b.NewRecord(), nil
}

func appendColumn(b array.Builder, c column, from, to int) error {
	b.Reserve(to - from)
	switch c.kind {
	case kindString:
		sb := b.(*array.StringBuilder)
		texts := values[string](c.slice)[from:to]
		bytes := 0
		for _, s := range texts {
			bytes += len(s)
		}
		sb.ReserveData(bytes)
		for _, s := range texts {
			if s != "" || !c.zeroNull {
				// DuckDB refuses text that is not UTF-8; what Zoom sends is data, not a reason to stop.
				sb.Append(strings.ToValidUTF8(s, "\uFFFD"))
			} else {
				sb.AppendNull()
			}
		}
	case kindInt:
		ib := b.(*array.Int64Builder)
		for _, n := range values[int64](c.slice)[from:to] {
			if n != 0 || !c.zeroNull {
				ib.UnsafeAppend(n)
			} else {
				ib.UnsafeAppendBoolToBitmap(false)
			}
		}
	case kindOptInt:
		ib := b.(*array.Int64Builder)
		for i := from; i < to; i++ {
			if p := c.slice.Index(i); p.IsNil() {
				ib.UnsafeAppendBoolToBitmap(false)
			} else {
				ib.UnsafeAppend(p.Elem().Int())
			}
		}
	case kindFloat:
		fb := b.(*array.Float64Builder)
		for i, f := range values[float64](c.slice)[from:to] {
			switch {
			case math.IsNaN(f):
				fb.UnsafeAppendBoolToBitmap(false)
			case math.IsInf(f, 0):
				return fmt.Errorf("column %s, row %d: infinite value", c.name, from+i)
			default:
				fb.UnsafeAppend(f)
			}
		}
	case kindBool:
		bb := b.(*array.BooleanBuilder)
		for i := from; i < to; i++ {
			bb.UnsafeAppend(c.slice.Index(i).Bool())
		}
	case kindOptBool:
		bb := b.(*array.BooleanBuilder)
		for i := from; i < to; i++ {
			if p := c.slice.Index(i); p.IsNil() {
				bb.UnsafeAppendBoolToBitmap(false)
			} else {
				bb.UnsafeAppend(p.Elem().Bool())
			}
		}
	case kindTime:
		tb := b.(*array.TimestampBuilder)
		for _, t := range values[time.Time](c.slice)[from:to] {
			if t.IsZero() {
				tb.UnsafeAppendBoolToBitmap(false)
			} else {
				tb.UnsafeAppend(arrow.Timestamp(t.UnixMicro()))
			}
		}
	case kindDate:
		db := b.(*array.Date32Builder)
		for _, t := range values[time.Time](c.slice)[from:to] {
			if t.IsZero() {
				db.UnsafeAppendBoolToBitmap(false)
			} else {
				db.UnsafeAppend(arrow.Date32(floorDiv(t.Unix(), secondsPerDay)))
			}
		}
	case kindBytes:
		bb := b.(*array.BinaryBuilder)
		bytes := 0
		for i := from; i < to; i++ {
			bytes += c.slice.Index(i).Len()
		}
		bb.ReserveData(bytes)
		for i := from; i < to; i++ {
			if p := c.slice.Index(i); p.IsNil() {
				bb.AppendNull()
			} else {
				bb.Append(p.Bytes())
			}
		}
	case kindStrings:
		lb := b.(*array.ListBuilder)
		vb := lb.ValueBuilder().(*array.StringBuilder)
		for i := from; i < to; i++ {
			p := c.slice.Index(i)
			if p.IsNil() {
				lb.AppendNull()
				continue
			}
			lb.Append(true)
			for j := range p.Len() {
				vb.Append(strings.ToValidUTF8(p.Index(j).String(), "\uFFFD"))
			}
		}
	}
	return nil
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

// withView makes one record readable as a view of the given name while f runs.
func withView(c driver.Conn, rec arrow.Record, name string, f func() error) error {
	ar, err := duckdb.NewArrowFromConn(c)
	if err != nil {
		return err
	}
	rd, err := array.NewRecordReader(rec.Schema(), []arrow.Record{rec})
	if err != nil {
		return err
	}
	defer rd.Release()
	release, err := ar.RegisterView(rd, name)
	if err != nil {
		return err
	}
	// The driver's release frees the C struct but not the reference that the exported stream holds on the reader (fixed upstream only after the last
	// version that fits this Arrow), so it is dropped here; TestLandDoesNotLeak watches it.
	defer rd.Release()
	defer release()
	return f()
}

// columnReader fills one field of a frame from record after record.
func appendArrow(c column, a arrow.Array) error {
	if c.kind == kindCoded {
		s, ok := a.(*array.String)
		if !ok {
			return fmt.Errorf("column %s is %s in the database, the frame wants text", c.name, a.DataType())
		}
		c.slice.Addr().Interface().(*Coded).append(s)
		return nil
	}
	n := a.Len()
	dst := c.slice
	start := dst.Len()
	dst.Grow(n)
	dst.SetLen(start + n)
	mismatch := func() error {
		return fmt.Errorf("column %s is %s in the database, the frame wants %s", c.name, a.DataType(), dst.Type())
	}
	switch c.kind {
	case kindString:
		switch s := a.(type) {
		case *array.String:
			out := dst.Interface()
			if ss, ok := out.([]string); ok {
				cloneAll(ss[start:start+n], s)
				return nil
			}
			for i := range n {
				if s.IsValid(i) {
					dst.Index(start + i).SetString(strings.Clone(s.Value(i)))
				}
			}
		default:
			return mismatch()
		}
	case kindInt:
		if out, plain := dst.Interface().([]int64); plain {
			if v, ok := a.(*array.Int64); ok && v.NullN() == 0 {
				copy(out[start:], v.Int64Values())
				return nil
			}
		}
		get, ok := intValue(a)
		if !ok {
			return mismatch()
		}
		for i := range n {
			if a.IsValid(i) {
				dst.Index(start + i).SetInt(get(i))
			}
		}
	case kindOptInt:
		get, ok := intValue(a)
		if !ok {
			return mismatch()
		}
		for i := range n {
			if a.IsValid(i) {
				v := get(i)
				dst.Index(start + i).Set(reflect.ValueOf(&v))
			}
		}
	case kindFloat:
		out, plain := dst.Interface().([]float64)
		if f, ok := a.(*array.Float64); ok && plain {
			copy(out[start:], f.Float64Values())
			if f.NullN() > 0 {
				for i := range n {
					if f.IsNull(i) {
						out[start+i] = math.NaN()
					}
				}
			}
			return nil
		}
		get, ok := floatValue(a)
		if !ok {
			return mismatch()
		}
		for i := range n {
			v := math.NaN()
			if a.IsValid(i) {
				v = get(i)
			}
			dst.Index(start + i).SetFloat(v)
		}
	case kindBool, kindOptBool:
		b, ok := a.(*array.Boolean)
		if !ok {
			return mismatch()
		}
		for i := range n {
			if b.IsNull(i) {
				continue
			}
			v := b.Value(i)
			if c.kind == kindBool {
				dst.Index(start + i).SetBool(v)
			} else {
				dst.Index(start + i).Set(reflect.ValueOf(&v))
			}
		}
	case kindTime, kindDate:
		out := dst.Interface().([]time.Time)
		switch ts := a.(type) {
		case *array.Timestamp:
			unit := ts.DataType().(*arrow.TimestampType).Unit
			for i := range n {
				if ts.IsValid(i) {
					out[start+i] = ts.Value(i).ToTime(unit)
				}
			}
		case *array.Date32:
			for i := range n {
				if ts.IsValid(i) {
					out[start+i] = time.Unix(int64(ts.Value(i))*secondsPerDay, 0).UTC()
				}
			}
		default:
			return mismatch()
		}
	case kindBytes:
		b, ok := a.(*array.Binary)
		if !ok {
			return mismatch()
		}
		for i := range n {
			if b.IsValid(i) {
				dst.Index(start + i).SetBytes(append([]byte{}, b.Value(i)...))
			}
		}
	case kindStrings:
		l, ok := a.(*array.List)
		if !ok {
			return mismatch()
		}
		vals, ok := l.ListValues().(*array.String)
		if !ok {
			return mismatch()
		}
		out := dst.Interface().([][]string)
		for i := range n {
			if l.IsNull(i) {
				continue
			}
			lo, hi := l.ValueOffsets(i)
			list := make([]string, 0, hi-lo)
			for j := lo; j < hi; j++ {
				list = append(list, strings.Clone(vals.Value(int(j))))
			}
			out[start+i] = list
		}
	}
	return nil
}

func intValue(a arrow.Array) (func(int) int64, bool) {
	switch v := a.(type) {
	case *array.Int64:
		return v.Value, true
	case *array.Int32:
		return func(i int) int64 { return int64(v.Value(i)) }, true
	case *array.Int16:
		return func(i int) int64 { return int64(v.Value(i)) }, true
	case *array.Int8:
		return func(i int) int64 { return int64(v.Value(i)) }, true
	case *array.Uint64:
		return func(i int) int64 { return int64(v.Value(i)) }, true
	case *array.Uint32:
		return func(i int) int64 { return int64(v.Value(i)) }, true
	case *array.Uint16:
		return func(i int) int64 { return int64(v.Value(i)) }, true
	case *array.Uint8:
		return func(i int) int64 { return int64(v.Value(i)) }, true
	}
	return nil, false
}

func floatValue(a arrow.Array) (func(int) float64, bool) {
	switch v := a.(type) {
	case *array.Float64:
		return v.Value, true
	case *array.Float32:
		return func(i int) float64 { return float64(v.Value(i)) }, true
	case *array.Decimal128: // what DuckDB makes of a literal such as 0.5
		scale := v.DataType().(*arrow.Decimal128Type).Scale
		return func(i int) float64 { return v.Value(i).ToFloat64(scale) }, true
	}
	get, ok := intValue(a)
	if !ok {
		return nil, false
	}
	return func(i int) float64 { return float64(get(i)) }, true
}
