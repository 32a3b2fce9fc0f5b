package store

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

// The allocator must keep what was written and zero what is new, whatever the sizes; growing far enough makes the C library move the block.
func TestCMemory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var a cMemory
		b := a.Allocate(rapid.IntRange(0, 1<<12).Draw(t, "first"))
		want := make([]byte, len(b))
		for i := range rapid.IntRange(1, 12).Draw(t, "steps") {
			for k := range b {
				b[k], want[k] = byte(i+1), byte(i+1)
			}
			n := rapid.OneOf(rapid.IntRange(0, 1<<12), rapid.IntRange(1<<20, 1<<24)).Draw(t, "size")
			b = a.Reallocate(n, b)
			grown := make([]byte, n)
			copy(grown, want)
			want = grown
			if len(b) != n || !bytes.Equal(b, want) {
				t.Fatalf("step %d: %d bytes, want %d with the old ones first and zeros after", i, len(b), n)
			}
		}
		a.Free(b)
	})
}
