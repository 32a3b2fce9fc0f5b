package main

import (
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"
)

// disks are the questions to the operating system about file systems. errors.ErrUnsupported says that it cannot be asked on this system.
type disks struct {
	free     func(dir string) (bytes uint64, err error) // what an ordinary user may still fill
	writable func(dir string) error                     // nil when this user may make files there
}

// How much room is little. A run holds the working file, the copy that it publishes and the copy that it replaces at the same time, hence three; under
// 100 MB not even the log of changes of one run of a small account has room.
const (
	roomForFiles = 3
	roomWarn     = 1e9   // bytes
	roomFail     = 100e6 // bytes
)

// lookDisk looks at the file system of the database, on which runs depend, and at that of TMPDIR, on which only demo does.
func lookDisk(_ context.Context, p *patient) []finding {
	var out []finding
	if p.noDB != nil {
		out = append(out, skipped("no place for a database is known"))
	} else {
		var size uint64
		if info, err := os.Stat(workPath(p.cfg.DB)); err == nil {
			size = uint64(info.Size())
		}
		f, low := p.room(filepath.Dir(p.cfg.DB), max(roomForFiles*size, roomWarn))
		if low {
			f = f.todo("make room: a run may need %d times the size of the working file (%s), and %s at least", roomForFiles, megabytes(size), megabytes(roomWarn))
		}
		out = append(out, f)
	}
	temp := cmp.Or(p.getenv("TMPDIR"), os.TempDir())
	f, low := p.room(temp, roomWarn)
	if low {
		f.Verdict = verdictWarn
		f = f.todo("make room, or point TMPDIR elsewhere: zoomward demo works there; runs do not")
	}
	return append(out, f)
}

// room says how much is free on the file system of a folder that may not be there yet.
func (p *patient) room(dir string, want uint64) (f finding, low bool) {
	dir = standing(dir)
	free, err := p.disks.free(dir)
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		return skipped("free space cannot be asked for on this system"), false
	case err != nil:
		return warn("free space at %s: %s", dir, err), false
	case free < roomFail:
		return fail("%s free at %s", megabytes(free), dir), true
	case free < want:
		return warn("%s free at %s", megabytes(free), dir), true
	}
	return ok("%s free at %s", megabytes(free), dir), false
}

// lookExport says whether this user may write the exports. Nothing is written to find out.
func lookExport(_ context.Context, p *patient) []finding {
	if p.noDB != nil && p.cfg.ExportDir == "" {
		return []finding{skipped("no place for a database is known, and exports go beside it")}
	}
	dir := p.exportDir()
	there := standing(dir)
	if info, err := os.Stat(there); err == nil && !info.IsDir() {
		return []finding{fail("%s is not a folder", there).todo("set export.dir to a folder")}
	}
	switch err := p.disks.writable(there); {
	case errors.Is(err, errors.ErrUnsupported):
		return []finding{skipped("who may write to %s cannot be asked for on this system", dir)}
	case err != nil:
		return []finding{fail("%s: this user cannot write to it: %s", there, err).todo("give it to the user that runs zoomward (chown), or run doctor as that user")}
	case there != filepath.Clean(dir):
		return []finding{ok("%s is not there yet, %s is for this user to write", dir, there)}
	}
	return []finding{ok("%s is for this user to write", dir)}
}

// standing is the nearest folder of a path that is there.
func standing(dir string) string {
	for dir = filepath.Clean(dir); ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(dir); err == nil || dir == filepath.Dir(dir) {
			return dir
		}
	}
}
