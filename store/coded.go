package store

import (
	"bytes"
	"reflect"
	"sync/atomic"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow/array"
)

// A Dictionary numbers distinct texts in the order in which they are first met. Number 0 is the empty text, which also stands for NULL. One goroutine may number new
// texts while others ask Text and Len.
type Dictionary struct {
	texts atomic.Pointer[[]string] // append-only
	codes map[string]uint32
}

// NewDictionary returns a dictionary that knows the empty text alone.
func NewDictionary() *Dictionary {
	d := &Dictionary{codes: map[string]uint32{"": 0}}
	d.texts.Store(&[]string{""})
	return d
}

// Code returns the number of a text, giving it one when it has none.
func (d *Dictionary) Code(s string) uint32 {
	n, ok := d.codes[s]
	if !ok {
		texts := *d.texts.Load()
		n = uint32(len(texts))
		texts = append(texts, s)
		d.texts.Store(&texts)
		d.codes[s] = n
	}
	return n
}

// Find returns the number of a text; ok is false when it has none.
func (d *Dictionary) Find(s string) (code uint32, ok bool) {
	code, ok = d.codes[s]
	return code, ok
}

// Text returns the text of a number that Code gave.
func (d *Dictionary) Text(code uint32) string { return (*d.texts.Load())[code] }

// Len returns how many numbers were given.
func (d *Dictionary) Len() int { return len(*d.texts.Load()) }

// codeOf is Code for bytes that the caller may reuse.
func (d *Dictionary) codeOf(b []byte) uint32 {
	if n, ok := d.codes[string(b)]; ok { // the compiler does not copy b here
		return n
	}
	return d.Code(string(b))
}

// Coded is a text column of a frame read as numbers of a dictionary: for columns whose texts repeat, a look-up instead of a copy for every row. Dict must be set
// before reading; several columns and reads may share one. It cannot be landed.
type Coded struct {
	Dict  *Dictionary
	Codes []uint32
}

// Text returns the text of row i.
func (c *Coded) Text(i int) string { return c.Dict.Text(c.Codes[i]) }

var codedType = reflect.TypeFor[Coded]()

func (c *Coded) append(s *array.String) {
	n := s.Len()
	offsets := s.ValueOffsets()
	data := s.ValueBytes()
	if len(offsets) == 0 {
		return
	}
	base := offsets[0]
	nulls := s.NullN() > 0
	var last []byte
	var code uint32
	for i := range n {
		if nulls && s.IsNull(i) {
			c.Codes = append(c.Codes, 0)
			continue
		}
		text := data[offsets[i]-base : offsets[i+1]-base]
		// Rows of one user or kind come in runs.
		if i == 0 || !bytes.Equal(text, last) {
			code, last = c.Dict.codeOf(text), text
		}
		c.Codes = append(c.Codes, code)
	}
}

// cloneAll copies the texts of an array into one block of memory and points dst into it: one allocation for a whole column.
func cloneAll(dst []string, s *array.String) {
	block := append([]byte(nil), s.ValueBytes()...)
	offsets := s.ValueOffsets()
	if len(block) == 0 || len(offsets) == 0 {
		return
	}
	all := unsafe.String(&block[0], len(block)) // block is never written again
	base := offsets[0]
	for i := range dst {
		if s.IsValid(i) {
			dst[i] = all[offsets[i]-base : offsets[i+1]-base]
		}
	}
}
