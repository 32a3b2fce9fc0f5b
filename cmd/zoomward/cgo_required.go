//go:build !cgo

// DuckDB is C++ and is linked in through cgo. Without cgo the driver fails to compile with names that explain nothing. This file is part of such a build
// alone, and its package name stops that build before anything is compiled, with a message that says what to do.
package zoomward_needs_cgo__set_CGO_ENABLED_1_and_install_a_C_compiler_such_as_gcc
