//go:build unix

package store

import "syscall"

// keepPrivate gives every file that this process makes from now on to its owner alone, unless its mode is set afterwards. DuckDB makes its log and its temporary
// files whenever it wants to, with no mode of its own choice: only the umask reaches them all.
func keepPrivate() { syscall.Umask(0o077) }
