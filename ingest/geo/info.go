package geo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"time"

	"github.com/oschwald/maxminddb-golang/v2"
)

// Kind is what a file is.
type Kind string

// Kinds of files.
const (
	KindDatabase  Kind = "database"  // MMDB
	KindAddresses Kind = "addresses" // a list of addresses and networks
	KindASNs      Kind = "asns"      // a list of autonomous systems
)

// Info says what a file in use is.
type Info struct {
	Path     string // "" for ranges that stand in the config
	Kind     Kind
	Type     string    // of a database: what its maker calls it, such as GeoLite2-City
	Built    time.Time // a database's build time; when a list's file changed last; zero for ranges of the config
	Entries  int       // networks of a database that have a record, good lines of a list
	Holds    []string  // of a database: country, city, coordinates, accuracy, asn, org, tags, as far as its first records tell
	Tags     []string  // of a list
	Category string    // of a list
	Bad      int       // lines of a list that were passed over
	FromDir  bool      // found in Config.Dir, not named
}

// Info describes everything in use, in the order in which it is asked. It counts the networks of the databases, which takes a second or so for the largest.
func (db *DB) Info(ctx context.Context) ([]Info, error) {
	var out []Info
	for _, f := range db.files {
		info, err := f.info(ctx, false)
		if err != nil {
			return nil, err
		}
		out = append(out, info)
	}
	for _, l := range db.lists {
		out = append(out, l.info())
	}
	return out, nil
}

func (l *list) info() Info {
	return Info{Path: l.path, Kind: l.kind, Built: l.modified, Entries: l.entries, Tags: l.tags, Category: l.category, Bad: l.bad, FromDir: l.fromDir}
}

// holdsRecords is how many records of a database are looked at to say what it holds.
const holdsRecords = 2000

// holdings are what a record may hold.
var holdings = []struct {
	what string
	in   func(*record) bool
}{
	{"country", func(r *record) bool { return r.country != "" }},
	{"city", func(r *record) bool { return r.city != "" }},
	{"coordinates", func(r *record) bool { return !math.IsNaN(r.lat) }},
	{"accuracy", func(r *record) bool { return !math.IsNaN(r.accuracy) }},
	{"asn", func(r *record) bool { return r.asn != 0 }},
	{"org", func(r *record) bool { return r.org != "" }},
	{"tags", func(r *record) bool { return len(r.tags) > 0 }},
}

// info walks through a database. With all, every record is read, and one that cannot be is an error.
func (f file) info(ctx context.Context, all bool) (Info, error) {
	info := Info{Path: f.path, Kind: KindDatabase, Type: f.reader.Metadata.DatabaseType, Built: f.reader.Metadata.BuildTime().UTC(), FromDir: f.fromDir}
	seen := make([]bool, len(holdings))
	bound := f.maxNetworks()
	walked := 0
	for res := range f.reader.Networks(maxminddb.IncludeNetworksWithoutData()) {
		if walked++; walked > bound {
			return info, damaged(f.path, errors.New("its tree has no end"))
		}
		if walked%4096 == 0 && ctx.Err() != nil {
			return info, ctx.Err()
		}
		if err := res.Err(); err != nil {
			return info, damaged(f.path, err)
		}
		if !res.Found() {
			continue
		}
		if info.Entries++; !all && info.Entries > holdsRecords {
			continue
		}
		rec := newRecord()
		if err := res.Decode(&rec); err != nil {
			if all {
				return info, damaged(f.path, fmt.Errorf("record of %s: %w", res.Prefix(), err))
			}
			continue
		}
		for i, h := range holdings {
			seen[i] = seen[i] || h.in(&rec)
		}
	}
	for i, h := range holdings {
		if seen[i] {
			info.Holds = append(info.Holds, h.what)
		}
	}
	return info, nil
}

// maxNetworks bounds a walk: every node of a tree has two children, so a sound tree has one leaf more than nodes. The factor leaves room for subtrees that
// several places of the tree share; more than that is a circle.
func (f file) maxNetworks() int { return 64 + 16*int(f.reader.Metadata.NodeCount) }

// metadataMark stands in every MMDB file, in its last metadataWithin bytes (MaxMind DB file format specification, "Database Metadata").
var metadataMark = []byte("\xab\xcd\xefMaxMind.com")

const metadataWithin = 128 << 10

// isDatabase tells an MMDB file from a list.
func isDatabase(path string) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return false, err
	}
	tail := make([]byte, min(info.Size(), metadataWithin))
	if _, err := f.ReadAt(tail, info.Size()-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	return bytes.Contains(tail, metadataMark), nil
}

// inspect reads a file of any kind from end to end and says what it is; a file that OpenWith would refuse, or a database with a record that cannot be read, is
// an error. Lists have the tags and the category that name says, if it says any.
func inspect(ctx context.Context, path, name string) (Info, error) {
	db, err := isDatabase(path)
	if err != nil {
		return Info{}, fmt.Errorf("look at %s: %w", path, err)
	}
	if db {
		f, err := openFile(path)
		if err != nil {
			return Info{}, err
		}
		info, err := f.info(ctx, true)
		return info, errors.Join(err, f.reader.Close())
	}
	l, ok := listByName(name)
	if !ok {
		l.Tags = []string{"unnamed"}
	}
	l.File = path
	read, err := openList(l, "")
	if err != nil {
		return Info{}, err
	}
	info := read.info()
	if !ok {
		info.Tags, info.Category = nil, ""
	}
	return info, nil
}
