//go:build !linux && !darwin && !freebsd

package main

import "errors"

func realDisks() disks {
	return disks{
		free:     func(string) (uint64, error) { return 0, errors.ErrUnsupported },
		writable: func(string) error { return errors.ErrUnsupported },
	}
}
