//go:build linux || darwin || freebsd

package main

import "golang.org/x/sys/unix"

func realDisks() disks {
	return disks{
		free: func(dir string) (uint64, error) {
			var s unix.Statfs_t
			if err := unix.Statfs(dir, &s); err != nil {
				return 0, err
			}
			return uint64(max(s.Bavail, 0)) * uint64(s.Bsize), nil // FreeBSD counts below zero what is left to root
		},
		writable: func(dir string) error { return unix.Access(dir, unix.W_OK|unix.X_OK) },
	}
}
