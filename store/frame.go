package store

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"
)

type kind int

const (
	kindString kind = iota
	kindInt
	kindOptInt
	kindFloat
	kindBool
	kindOptBool
	kindTime
	kindDate
	kindBytes
	kindStrings
	kindCoded // read only
)

// column is one field of a frame.
type column struct {
	name     string
	kind     kind
	zeroNull bool
	slice    reflect.Value // addressable when the frame came as a pointer
}

var timeType = reflect.TypeFor[time.Time]()

// Columns is a frame whose columns are known at run time alone.
type Columns []Column

// Column is one of them.
type Column struct {
	Name   string
	Null   bool // "", 0 and the empty list land as NULL, as under the option "null" of a col tag
	Date   bool // times land as DATE
	Values any  // a slice of a type that a field of a frame may have
}

func (c Columns) describe() ([]column, error) {
	cols := make([]column, len(c))
	for i, x := range c {
		option := ""
		switch {
		case x.Date:
			option = "date"
		case x.Null:
			option = "null"
		}
		v := reflect.ValueOf(x.Values)
		if !v.IsValid() {
			return nil, fmt.Errorf("column %s has no values", x.Name)
		}
		k, err := kindOf(v.Type(), option)
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", x.Name, err)
		}
		cols[i] = column{name: x.Name, kind: k, zeroNull: x.Null, slice: v}
	}
	if len(cols) == 0 {
		return nil, errors.New("frame has no columns")
	}
	return cols, nil
}

// columnsOf describes a frame (struct of slices, pointer to one, or Columns).
func columnsOf(frame any) ([]column, error) {
	if c, ok := frame.(Columns); ok {
		return c.describe()
	}
	v := reflect.ValueOf(frame)
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return nil, fmt.Errorf("frame is a %T, want a struct of slices", frame)
	}
	cols, err := fieldsOf(v)
	if err == nil && len(cols) == 0 {
		err = fmt.Errorf("frame %T has no field with a col tag", frame)
	}
	return cols, err
}

// fieldsOf describes the fields of a frame; those of an embedded struct count as its own.
func fieldsOf(v reflect.Value) ([]column, error) {
	t := v.Type()
	cols := make([]column, 0, t.NumField())
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous && f.Type.Kind() == reflect.Struct {
			inner, err := fieldsOf(v.Field(i))
			if err != nil {
				return nil, err
			}
			cols = append(cols, inner...)
			continue
		}
		tag, ok := f.Tag.Lookup("col")
		if !ok {
			continue
		}
		if !f.IsExported() {
			return nil, fmt.Errorf("frame %s, field %s: not exported", t.Name(), f.Name)
		}
		name, options, _ := strings.Cut(tag, ",")
		k, err := kindOf(f.Type, options)
		if err != nil {
			return nil, fmt.Errorf("frame %s, field %s: %w", t.Name(), f.Name, err)
		}
		cols = append(cols, column{name: name, kind: k, zeroNull: options == "null", slice: v.Field(i)})
	}
	return cols, nil
}

func kindOf(t reflect.Type, option string) (kind, error) {
	switch option {
	case "", "null", "date":
	default:
		return 0, fmt.Errorf("unknown option %q", option)
	}
	if t == codedType {
		return kindCoded, nil
	}
	if t.Kind() == reflect.Slice {
		switch e := t.Elem(); {
		case e.Kind() == reflect.String:
			return kindString, nil
		case e.Kind() == reflect.Int64:
			return kindInt, nil
		case e.Kind() == reflect.Float64:
			return kindFloat, nil
		case e.Kind() == reflect.Bool:
			return kindBool, nil
		case e.Kind() == reflect.Pointer && e.Elem().Kind() == reflect.Bool:
			return kindOptBool, nil
		case e.Kind() == reflect.Pointer && e.Elem().Kind() == reflect.Int64:
			return kindOptInt, nil
		case e == timeType && option == "date":
			return kindDate, nil
		case e == timeType:
			return kindTime, nil
		case e.Kind() == reflect.Slice && e.Elem().Kind() == reflect.Uint8:
			return kindBytes, nil
		case e.Kind() == reflect.Slice && e.Elem().Kind() == reflect.String:
			return kindStrings, nil
		}
	}
	return 0, fmt.Errorf("type %s has no column type", t)
}

// rowsOf returns the common length of the columns.
func rowsOf(cols []column) (int, error) {
	for _, c := range cols {
		if c.kind == kindCoded {
			return 0, fmt.Errorf("column %s is coded: such columns are for reading", c.name)
		}
	}
	n := cols[0].slice.Len()
	for _, c := range cols[1:] {
		if c.slice.Len() != n {
			return 0, fmt.Errorf("column %s has %d rows, column %s has %d", cols[0].name, n, c.name, c.slice.Len())
		}
	}
	return n, nil
}
