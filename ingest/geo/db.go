package geo

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/oschwald/maxminddb-golang/v2"
)

// DB answers from several databases and lists. It is safe for concurrent use; Close must be the last call.
type DB struct {
	files []file
	lists []*list
	cache cache

	ignored []string

	mu  sync.Mutex
	err error // the first record that could not be read
}

// file is one open database.
type file struct {
	path   string
	source string // name@build-date
	reader *maxminddb.Reader

	fromDir bool
}

// Open opens MMDB files alone: OpenWith(Config{Files: files}).
func Open(files []string) (*DB, error) { return OpenWith(Config{Files: files}) }

// OpenWith opens databases and reads lists. Where databases overlap, the first that knows a field wins; tags of all add up. No files is not an error: everything
// is then unknown. Databases are mapped into memory, so a newer one must replace them by rename, as Update does, and is seen by the next OpenWith; lists are held
// in memory, see ranges. A file that is missing, damaged or of another kind is an error that names it; bad lines of a list, up to a tenth, are Problems.
func OpenWith(c Config) (*DB, error) {
	db := &DB{}
	if err := db.open(c); err != nil {
		_ = db.Close()
		return nil, err
	}
	return db, nil
}

func (db *DB) open(c Config) error {
	found, err := scanDir(c)
	if err != nil {
		return err
	}
	db.ignored = found.ignored
	for i, path := range slices.Concat(c.Files, found.databases) {
		f, err := openFile(path)
		if err != nil {
			return err
		}
		f.fromDir = i >= len(c.Files)
		db.files = append(db.files, f)
	}
	return db.openLists(c, found.lists)
}

func openFile(path string) (file, error) {
	r, err := maxminddb.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return file{}, fmt.Errorf("open location database %s: there is no such file: check the path, or leave it out of geo.files", path)
	case errors.Is(err, fs.ErrPermission):
		return file{}, fmt.Errorf("open location database %s: not allowed to read it: give the user that runs zoomward the right to", path)
	case err != nil:
		return file{}, damaged(path, err)
	}
	f, err := newFile(path, r)
	if err != nil {
		_ = r.Close()
		return file{}, err
	}
	return f, nil
}

func newFile(path string, r *maxminddb.Reader) (file, error) {
	if err := probe(path, r); err != nil {
		return file{}, err
	}
	return file{path: path, source: sourceName(path) + "@" + r.Metadata.BuildTime().UTC().Format(time.DateOnly), reader: r}, nil
}

// sourceName is the name of a file in Place.Source.
func sourceName(path string) string {
	name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	return strings.ReplaceAll(name, ",", "_") // separates the sources of a place
}

// Bounds of probe. Every network of a file counts against the first one, also those without a record: a damaged tree may have no end.
const (
	probeNetworks = 1 << 20
	probeRecords  = 2000
)

// probe reads the first records of a file: damage and a file of another kind should show when it is opened, not as a world of unknown places.
func probe(path string, r *maxminddb.Reader) error {
	networks, records := 0, 0
	for res := range r.Networks(maxminddb.IncludeNetworksWithoutData()) {
		if networks++; networks > probeNetworks || records == probeRecords {
			break
		}
		if res.Err() == nil && !res.Found() {
			continue
		}
		records++
		rec := newRecord()
		if err := res.Decode(&rec); err != nil {
			return damaged(path, err)
		}
		if !rec.empty() {
			return nil
		}
	}
	return fmt.Errorf("open location database %s: its records (type %q) hold no country, city, autonomous system or flag that zoomward knows how to read: "+
		"bring a country, city or ASN database in a layout of MaxMind, DB-IP, IPinfo or ip-location-db", path, r.Metadata.DatabaseType)
}

func damaged(path string, err error) error {
	return fmt.Errorf("open location database %s: it is no MMDB file or is damaged: download it again (unpacked): %w", path, err)
}

// Close releases the files.
func (db *DB) Close() error {
	var errs []error
	for _, f := range db.files {
		errs = append(errs, f.reader.Close())
	}
	db.files, db.lists = nil, nil
	return errors.Join(errs...)
}

// Sources names the open databases with their build dates and then the lists with the times their files changed, in order.
func (db *DB) Sources() []string {
	out := make([]string, 0, len(db.files)+len(db.lists))
	for _, f := range db.files {
		out = append(out, f.source)
	}
	for _, l := range db.lists {
		out = append(out, l.source)
	}
	return out
}

// Databases is how many MMDB files are open.
func (db *DB) Databases() int { return len(db.files) }

// Ignored names the files of Config.Dir that are neither databases nor lists whose names say what they are.
func (db *DB) Ignored() []string { return slices.Clone(db.ignored) }

// Err returns the first record that a lookup could not read, nil when all could be. Such a record counts as unknown.
func (db *DB) Err() error {
	db.mu.Lock()
	defer db.mu.Unlock()
	return db.err
}

// Lookup says where an address is. An invalid address is unknown; an IPv4 address written as IPv6 (::ffff:192.0.2.1) counts as IPv4.
func (db *DB) Lookup(addr netip.Addr) Place {
	if !addr.IsValid() {
		return unknown()
	}
	addr = addr.Unmap().WithZone("")
	if p, ok := db.cache.get(addr); ok {
		return p
	}
	p := db.read(addr)
	db.cache.put(addr, p)
	return p
}

func (db *DB) read(addr netip.Addr) Place {
	p := unknown()
	var sources []string
	for _, f := range db.files {
		if addr.Is6() && f.reader.Metadata.IPVersion == 4 {
			continue
		}
		res := f.reader.Lookup(addr)
		if res.Err() == nil && !res.Found() {
			continue
		}
		rec := newRecord()
		if err := res.Decode(&rec); err != nil {
			db.note(fmt.Errorf("read location database %s: record of %s: %w: download the file again", f.path, addr, err))
			continue
		}
		if p.merge(&rec) {
			sources = append(sources, f.source)
		}
	}
	// A database that knows a private address was made for this account's own network: its word counts. Lists of the world's bad networks name private ranges
	// because nobody should come from there; of such an address they say nothing.
	private := isPrivate(addr)
	p.Category = categoryOfTags(p.Tags)
	if private && len(sources) == 0 {
		p.Category = CategoryPrivate
	}
	for _, l := range db.lists {
		if private && !l.own() || !l.holds(addr, p.ASN) {
			continue
		}
		p.tag(l.tags)
		p.Category = stronger(p.Category, l.category)
		sources = append(sources, l.source)
	}
	p.Source = strings.Join(slices.Compact(sources), ",")
	return p
}

func (db *DB) note(err error) {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.err == nil {
		db.err = err
	}
}
