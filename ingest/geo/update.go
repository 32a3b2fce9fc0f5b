package geo

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Update says what to put into a folder of databases and lists.
type Update struct {
	// From is a path, or a URL: https, or http on a loopback address. User and password in it are sent to its host alone. Errors name nothing of a URL but the host.
	From string
	// Dir is the folder, made if it is missing.
	Dir string
	// Name is the file's name in Dir; the ending is added where it is missing. "": the name in From, without a date, or in the archive.
	Name string
	// SHA256 is the checksum that the file must have as it is offered, packed or not, in hexadecimal; "": not checked.
	SHA256 string
	// MaxBytes bounds the download and what is packed in it; 0: 2 GiB.
	MaxBytes int64
	// Transport asks for URLs; nil: one of its own. Redirects are Update's business.
	Transport http.RoundTripper
}

// maxUpdateBytes is twice the size of the largest databases that are sold.
const maxUpdateBytes = 2 << 30

// Updated says what an update did.
type Updated struct {
	Path string
	Old  *Info // nil: there was none, or it could not be read
	New  Info
}

// fileName is what a file in the folder may be called; hidden ones are files that are still being written.
var fileName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)

// dateAtEnd is the date that some makers put into file names; a file that is to replace its predecessor must be called the same.
var dateAtEnd = regexp.MustCompile(`[-_.](19|20)[0-9]{2}-?[01][0-9](-?[0-3][0-9])?$`)

// Run fetches or copies, unpacks, reads the new file from end to end, and only then puts it in place of the old one, by rename, so that readers see either of
// them whole. On any error the old one stays as it is. A new file that is of another kind than the old one, or lacks what the old one holds, is an error too.
func (u Update) Run(ctx context.Context) (Updated, error) {
	if err := u.check(); err != nil {
		return Updated{}, err
	}
	if err := os.MkdirAll(u.Dir, 0o750); err != nil {
		return Updated{}, fmt.Errorf("make the folder of location databases: %w", err)
	}
	fetched, drop, err := tempFile(u.Dir, ".fetched-*")
	if err != nil {
		return Updated{}, err
	}
	defer drop()
	offered, err := u.fetch(ctx, fetched)
	if err != nil {
		return Updated{}, err
	}

	// The temporary file stands beside its destination, and has its name only once it is known to be good.
	pending, drop, err := tempFile(u.Dir, ".new-*")
	if err != nil {
		return Updated{}, err
	}
	defer drop()
	inArchive, err := unpack(pending, fetched, u.maxBytes())
	if err != nil {
		return Updated{}, fmt.Errorf("new file: %w", err)
	}
	if !offered.modified.IsZero() {
		if err := os.Chtimes(pending.Name(), offered.modified, offered.modified); err != nil {
			return Updated{}, fmt.Errorf("date the new file: %w", err)
		}
	}
	database, err := isDatabase(pending.Name())
	if err != nil {
		return Updated{}, fmt.Errorf("look at the new file: %w", err)
	}
	name, err := u.nameFor(offered.name, inArchive, database)
	if err != nil {
		return Updated{}, err
	}
	out := Updated{Path: filepath.Join(u.Dir, name)}
	if out.New, err = inspect(ctx, pending.Name(), name); err != nil {
		// The name of the temporary file says nothing to anybody.
		return out, fmt.Errorf("the new file is not put in place: %w", renamed(err, pending.Name(), name))
	}
	out.New.Path = out.Path
	if old, err := inspect(ctx, out.Path, name); err == nil {
		out.Old = &old
	}
	if err := out.replaces(); err != nil {
		return out, err
	}
	if err := ctx.Err(); err != nil {
		return out, err
	}
	if err := putInPlace(pending, out.Path); err != nil {
		return out, fmt.Errorf("put %s in place: %w", out.Path, err)
	}
	return out, nil
}

func (u Update) check() error {
	switch {
	case u.From == "":
		return errors.New("update: a file or URL to get it from is required")
	case u.Dir == "":
		return errors.New("update: a folder to put it in is required")
	case u.Name != "" && !fileName.MatchString(u.Name):
		return fmt.Errorf("update: %q is no name for a file here: letters, digits, . _ and -, the first a letter or digit", u.Name)
	case u.SHA256 != "":
		if sum, err := hex.DecodeString(u.SHA256); err != nil || len(sum) != sha256.Size {
			return errors.New("update: a SHA-256 checksum has 64 hexadecimal digits")
		}
	}
	return nil
}

func (u Update) maxBytes() int64 {
	if u.MaxBytes > 0 {
		return u.MaxBytes
	}
	return maxUpdateBytes
}

// fetch brings the bytes as they are offered into a file, and leaves that at its start.
func (u Update) fetch(ctx context.Context, into *os.File) (source, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	transport := u.Transport
	if transport == nil {
		transport = fetchTransport()
	}
	src, err := openSource(ctx, u.From, transport)
	if err != nil {
		return src, err
	}
	defer src.Close()
	sum := sha256.New()
	if err := copyBounded(io.MultiWriter(into, sum), src, u.maxBytes()); err != nil {
		return src, fmt.Errorf("fetch the new file: %w", err)
	}
	if got := hex.EncodeToString(sum.Sum(nil)); u.SHA256 != "" && !strings.EqualFold(got, u.SHA256) {
		return src, fmt.Errorf("the new file is not put in place: its SHA-256 checksum is %s, expected %s", got, strings.ToLower(u.SHA256))
	}
	if _, err := into.Seek(0, io.SeekStart); err != nil {
		return src, fmt.Errorf("read the new file: %w", err)
	}
	if src.modified.After(time.Now()) {
		src.modified = time.Time{}
	}
	return src, nil
}

// nameFor chooses the file's name and gives it the ending that goes with what it holds.
func (u Update) nameFor(offered, inArchive string, database bool) (string, error) {
	name := u.Name
	if name == "" {
		name = offered
		if inArchive != "" {
			name = inArchive
		}
		for _, packed := range []string{".gz", ".tgz", ".tar"} {
			name = strings.TrimSuffix(name, packed)
		}
		ending := knownEnding(name)
		name = dateAtEnd.ReplaceAllString(strings.TrimSuffix(name, ending), "") + ending
		if !fileName.MatchString(name) {
			return "", fmt.Errorf("update: %q, the name that comes with it, is no name for a file here: choose one", name)
		}
	}
	switch ending := knownEnding(name); {
	case ending == databaseEnding && !database:
		return "", fmt.Errorf("the new file is not put in place: %s would be a location database, but what came is none", name)
	case database && ending != "" && ending != databaseEnding:
		return "", fmt.Errorf("the new file is not put in place: it is a location database, and the name of one ends in %s, not in %s", databaseEnding, ending)
	case ending != "":
		return name, nil
	case database:
		return name + databaseEnding, nil
	}
	return name + listEndings[0], nil
}

// knownEnding returns the ending of a name that files in the folder have, "" for another.
func knownEnding(name string) string {
	ending := filepath.Ext(name)
	if ending == databaseEnding || slices.Contains(listEndings, ending) {
		return ending
	}
	return ""
}

// replaces refuses what is no successor of the old file.
func (u Updated) replaces() error {
	if u.Old == nil {
		return nil
	}
	if u.Old.Kind != u.New.Kind {
		return fmt.Errorf("the new file is not put in place: %s holds %s, the new one %s: choose another name, or remove the old one", u.Path, u.Old.Kind, u.New.Kind)
	}
	for _, what := range u.Old.Holds {
		if !slices.Contains(u.New.Holds, what) {
			return fmt.Errorf("the new file is not put in place: %s (%s) holds %s, the new one (%s) does not: choose another name, or remove the old one",
				u.Path, u.Old.Type, what, u.New.Type)
		}
	}
	return nil
}

// tempFile makes a file in a folder, and a function that closes it and removes it if it is still there under that name.
func tempFile(dir, pattern string) (*os.File, func(), error) {
	f, err := os.CreateTemp(dir, pattern)
	if err != nil {
		return nil, nil, fmt.Errorf("write to the folder of location databases: %w", err)
	}
	return f, func() {
		_ = f.Close()
		_ = os.Remove(f.Name())
	}, nil
}

// putInPlace gives a complete temporary file its name, once it is on the disk: a rename may survive a crash that what was written before it does not.
func putInPlace(f *os.File, path string) error {
	if err := f.Chmod(0o640); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// renamed is an error in whose text a path has another name.
func renamed(err error, path, name string) error {
	return &renamedError{err, strings.ReplaceAll(err.Error(), path, name)}
}

type renamedError struct {
	error
	text string
}

func (e *renamedError) Error() string { return e.text }
func (e *renamedError) Unwrap() error { return e.error }
