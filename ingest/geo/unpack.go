package geo

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// errTooLarge says that a download, or what is packed in it, is beyond the bound.
var errTooLarge = errors.New("it is larger than any such file")

// copyBounded copies at most limit bytes; more is an error.
func copyBounded(w io.Writer, r io.Reader, limit int64) error {
	n, err := io.Copy(w, io.LimitReader(r, limit+1))
	if err == nil && n > limit {
		err = errTooLarge
	}
	return err
}

// unpack writes to w what a download holds: the one .mmdb file of a tar archive (MaxMind's form), or all of it; gzip around either is taken off. It returns the
// name of the file in the archive, "" without one.
func unpack(w io.Writer, r io.Reader, limit int64) (name string, err error) {
	in := bufio.NewReaderSize(r, 64<<10)
	if magic, _ := in.Peek(4); bytes.HasPrefix(magic, []byte("PK\x03\x04")) {
		return "", errors.New("it is a zip archive: unpack it and name the file in it")
	} else if bytes.HasPrefix(magic, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(in)
		if err != nil {
			return "", fmt.Errorf("unpack gzip: %w", err)
		}
		// The archive may hold other files, so its bound is looser than that of the file in it.
		in = bufio.NewReaderSize(io.LimitReader(z, 2*limit), 64<<10)
	}
	if block, _ := in.Peek(512); len(block) == 512 && string(block[257:262]) == "ustar" {
		return untar(w, in, limit)
	}
	if err := copyBounded(w, in, limit); err != nil {
		return "", fmt.Errorf("unpack: %w", err)
	}
	return "", nil
}

func untar(w io.Writer, r io.Reader, limit int64) (name string, err error) {
	for t := tar.NewReader(r); ; {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return "", fmt.Errorf("unpack tar: %w", err)
		}
		base := path.Base(h.Name)
		if h.Typeflag != tar.TypeReg || !strings.EqualFold(path.Ext(base), databaseEnding) {
			continue
		}
		if name != "" {
			return "", fmt.Errorf("unpack tar: it holds several databases, %q and %q: unpack it and name one", name, base)
		}
		name = base
		if err := copyBounded(w, t, limit); err != nil {
			return "", fmt.Errorf("unpack tar: %w", err)
		}
	}
	if name == "" {
		return "", fmt.Errorf("unpack tar: it holds no %s file", databaseEnding)
	}
	// What gzip says about the whole stands at its end.
	if _, err := io.Copy(io.Discard, r); err != nil {
		return "", fmt.Errorf("unpack: %w", err)
	}
	return name, nil
}
