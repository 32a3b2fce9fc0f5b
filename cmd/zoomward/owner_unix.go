//go:build unix

package main

import (
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// ownerOf names the owner of a file, and says whether that is who runs this program. Of what is not there nothing is said: "", true.
func ownerOf(path string) (name string, mine bool) {
	info, err := os.Stat(path)
	if err != nil {
		return "", true
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return "", true
	}
	id := strconv.FormatUint(uint64(st.Uid), 10)
	mine = int(st.Uid) == os.Geteuid()
	if u, err := user.LookupId(id); err == nil {
		return u.Username, mine
	}
	return "#" + id, mine // as sudo takes it
}
