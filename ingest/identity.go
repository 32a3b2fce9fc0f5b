package ingest

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
)

// identityBytes of the hash are kept: at a billion rows the chance that any two different ones meet is below 1 in 10^20.
const identityBytes = 16

// identity is the key of a row: a hash over the feed and every field as Zoom sent it, each with its length before it, so that no two rows with different
// fields run together. Fields that Zoom may add one day are not part of it, lest half a year of rows land a second time then.
func identity(feed string, fields ...string) string {
	var buf [256]byte
	b := binary.AppendUvarint(buf[:0], uint64(len(feed)))
	b = append(b, feed...)
	for _, f := range fields {
		b = binary.AppendUvarint(b, uint64(len(f)))
		b = append(b, f...)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:identityBytes])
}
