package store

// #include <stdlib.h>
import "C"

import (
	"fmt"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow/memory"
)

// cMemory allocates Arrow buffers outside the Go heap: DuckDB keeps pointers into them while it reads, which Go memory does not allow. Arrow's own allocator of this
// kind takes any errno that the C library leaves behind for a failure, which realloc may do when it succeeds, and then frees the buffer twice.
type cMemory struct{}

var _ memory.Allocator = cMemory{}

// Allocate returns size zeroed bytes. It panics when there is no memory left, as make does.
func (cMemory) Allocate(size int) []byte {
	if size == 0 {
		return []byte{}
	}
	return cBytes(C.calloc(C.size_t(size), 1), size)
}

// Reallocate returns size bytes that begin with b's; what is beyond b is zero. b is gone.
func (cMemory) Reallocate(size int, b []byte) []byte {
	if size == 0 {
		cMemory{}.Free(b)
		return []byte{}
	}
	if cap(b) == 0 {
		return cMemory{}.Allocate(size)
	}
	out := cBytes(C.realloc(unsafe.Pointer(unsafe.SliceData(b)), C.size_t(size)), size)
	if old := cap(b); old < size {
		clear(out[old:])
	}
	return out
}

// Free gives b back.
func (cMemory) Free(b []byte) {
	if cap(b) > 0 {
		C.free(unsafe.Pointer(unsafe.SliceData(b)))
	}
}

func cBytes(p unsafe.Pointer, size int) []byte {
	if p == nil {
		panic(fmt.Sprintf("store: no memory for %d bytes", size))
	}
	return unsafe.Slice((*byte)(p), size)
}
