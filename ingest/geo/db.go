package geo

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/oschwald/maxminddb-golang/v2"
)

// DB answers from several databases. It is safe for concurrent use; Close must be the last call.
type DB struct {
	files []file
	cache cache

	mu  sync.Mutex
	err error // the first record that could not be read
}

// file is one open database.
type file struct {
	path   string
	source string // name@build-date
	reader *maxminddb.Reader
}

// Open opens MMDB files. Where they overlap, the first that knows a field wins. No files is not an error: everything is then unknown. The files are mapped
// into memory, so a newer one must replace them by rename, as the usual update programs do, and is seen by the next Open.
func Open(files []string) (*DB, error) {
	db := &DB{}
	for _, path := range files {
		f, err := openFile(path)
		if err != nil {
			_ = db.Close()
			return nil, err
		}
		db.files = append(db.files, f)
	}
	return db, nil
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
	name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	name = strings.ReplaceAll(name, ",", "_") // separates the sources of a place
	return file{path, name + "@" + r.Metadata.BuildTime().UTC().Format(time.DateOnly), r}, nil
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
	return fmt.Errorf("open location database %s: its records (type %q) hold no country, city or autonomous system that zoomward knows how to read: bring a country, city or ASN database in MaxMind's or ip-location-db's layout",
		path, r.Metadata.DatabaseType)
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
	db.files = nil
	return errors.Join(errs...)
}

// Sources names the open databases with their build dates, in order.
func (db *DB) Sources() []string {
	out := make([]string, len(db.files))
	for i, f := range db.files {
		out[i] = f.source
	}
	return out
}

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
	p.Source = strings.Join(sources, ",")
	p.Category = category(addr, len(sources) > 0)
	return p
}

func (db *DB) note(err error) {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.err == nil {
		db.err = err
	}
}
