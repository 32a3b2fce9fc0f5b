//go:build !unix

package store

// keepPrivate does nothing where files have no mode: the folder's access list protects them.
func keepPrivate() {}
