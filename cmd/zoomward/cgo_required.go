//go:build !cgo

package main

// DuckDB is C++ and is linked in through cgo. Without cgo the driver fails to compile with names that explain nothing, so this says it in words.
const _ string = zoomward_needs_cgo__set_CGO_ENABLED_1_and_install_a_C_compiler_such_as_gcc
