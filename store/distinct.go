package store

import (
	"fmt"
	"reflect"
	"strings"
	"time"
)

// distinct returns the rows of a frame without those whose key stood in an earlier row. Where every key is new, as nearly always, nothing is copied. It is done
// here because DuckDB would sort whole rows for it.
func distinct(cols []column, n int, key string) ([]column, int, error) {
	at := -1
	for i, c := range cols {
		if c.name == key {
			at = i
		}
	}
	if at < 0 {
		return nil, 0, fmt.Errorf("the frame has no key column %s", key)
	}
	keep, err := firsts(cols[at], n)
	if err != nil {
		return nil, 0, err
	}
	if len(keep) == n {
		return cols, n, nil
	}
	out := make([]column, len(cols))
	for i, c := range cols {
		out[i] = c
		out[i].slice = reflect.MakeSlice(c.slice.Type(), len(keep), len(keep))
		for to, from := range keep {
			out[i].slice.Index(to).Set(c.slice.Index(from))
		}
	}
	return out, len(keep), nil
}

// firsts returns the rows whose key is in no earlier row. Keys are equal when they are in the database.
func firsts(c column, n int) ([]int, error) {
	switch c.kind {
	case kindString:
		keys := values[string](c.slice)
		return firstsOf(n, func(i int) string { return strings.ToValidUTF8(keys[i], "\uFFFD") }), nil
	case kindInt:
		keys := values[int64](c.slice)
		return firstsOf(n, func(i int) int64 { return keys[i] }), nil
	case kindTime:
		keys := values[time.Time](c.slice)
		return firstsOf(n, func(i int) int64 { return keys[i].UnixMicro() }), nil
	case kindDate:
		keys := values[time.Time](c.slice)
		return firstsOf(n, func(i int) int64 { return floorDiv(keys[i].Unix(), secondsPerDay) }), nil
	}
	return nil, fmt.Errorf("column %s of type %s cannot be a key", c.name, c.slice.Type())
}

func firstsOf[K comparable](n int, key func(int) K) []int {
	seen := make(map[K]struct{}, n)
	keep := make([]int, 0, n)
	for i := range n {
		k := key(i)
		if _, dup := seen[k]; !dup {
			seen[k] = struct{}{}
			keep = append(keep, i)
		}
	}
	return keep
}

// values returns the slice that a column holds; only where its element type has a name of its own the values are copied.
func values[T any](v reflect.Value) []T {
	plain := reflect.TypeFor[[]T]()
	if v.CanConvert(plain) {
		return v.Convert(plain).Interface().([]T)
	}
	out := make([]T, v.Len())
	for i := range out {
		out[i] = v.Index(i).Convert(plain.Elem()).Interface().(T)
	}
	return out
}
