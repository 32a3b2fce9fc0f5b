package geo

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"
)

// Config says what a DB is made of.
type Config struct {
	// Files are MMDB files, the most trusted first.
	Files []string
	// Dir is a folder whose files are used after Files, Lists and ASNs, in the order of their names; "" for none. MMDB files end in .mmdb. Text files count when
	// their name, up to the first of . - _, is a category, such as tor-exits.txt; other files are left alone. A file that Files or the lists name is not used twice.
	Dir string
	// Lists are files of addresses and networks, see List.
	Lists []List
	// ASNs are files of autonomous system numbers. They need a database that knows the ASN of an address.
	ASNs []List
	// Corporate and VPN are the user's own networks, and the exits of the user's own VPN.
	Corporate, VPN []netip.Prefix
}

// List is one list and what it says of the addresses on it.
type List struct {
	File string
	Tags []string // in any case
	// Category is one of ListCategories, or "" for what the tags stand for; corporate and vpn must be said here.
	Category string
}

// list is one list that was read.
type list struct {
	path     string // "" for ranges of the config
	kind     Kind
	source   string // name@time
	modified time.Time
	tags     []string
	category string
	fromDir  bool
	*listContent
}

// sourceConfig is the source of ranges that stand in the config.
const sourceConfig = "config"

func (db *DB) openLists(c Config, found []List) error {
	for _, inline := range []struct {
		category string
		prefixes []netip.Prefix
	}{{CategoryCorporate, c.Corporate}, {CategoryVPN, c.VPN}} {
		if len(inline.prefixes) == 0 {
			continue
		}
		content := &listContent{entries: len(inline.prefixes)}
		for _, p := range inline.prefixes {
			u := unmapPrefix(p)
			if !u.IsValid() || u.Bits() == 0 {
				return fmt.Errorf("%s networks: %s is not a network that can be one's own", inline.category, p)
			}
			content.addrs.addPrefix(u)
		}
		content.addrs.seal()
		db.lists = append(db.lists, &list{kind: KindAddresses, source: sourceConfig, tags: []string{inline.category}, category: inline.category, listContent: content})
	}
	for _, group := range []struct {
		lists []List
		kind  Kind
		found bool
	}{{c.Lists, KindAddresses, false}, {c.ASNs, KindASNs, false}, {found, "", true}} {
		for _, l := range group.lists {
			opened, err := openList(l, group.kind)
			if err != nil {
				return err
			}
			opened.fromDir = group.found
			db.lists = append(db.lists, opened)
		}
	}
	// Places name the ranges of the config last.
	slices.SortStableFunc(db.lists, func(a, b *list) int { return strings.Compare(sortKey(a), sortKey(b)) })
	return nil
}

func sortKey(l *list) string {
	if l.path == "" {
		return "1"
	}
	return "0"
}

// openList reads a list; with kind "" the content says what it is a list of.
func openList(l List, kind Kind) (*list, error) {
	tags, category, err := l.Check()
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", l.File, err)
	}
	f, err := os.Open(l.File)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("read list %s: there is no such file: check the path, or take it out of geo.lists and geo.asns", l.File)
	case err != nil:
		return nil, fmt.Errorf("read list: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("read list: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("read list %s: it is not a regular file", l.File)
	}
	content, kind, err := readAs(l.File, f, kind)
	if err != nil {
		return nil, err
	}
	modified := info.ModTime().UTC()
	return &list{path: l.File, kind: kind, source: sourceName(l.File) + "@" + modified.Format("2006-01-02T15:04Z"), modified: modified,
		tags: tags, category: category, listContent: content}, nil
}

// readAs reads a list of a kind, or of whichever kind it is.
func readAs(name string, r io.ReadSeeker, kind Kind) (*listContent, Kind, error) {
	switch kind {
	case KindAddresses:
		c, err := readAddresses(name, r)
		return c, kind, err
	case KindASNs:
		c, err := readASNs(name, r)
		return c, kind, err
	}
	c, err := readAddresses(name, r)
	if err == nil {
		return c, KindAddresses, nil
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return nil, "", fmt.Errorf("read list %s: %w", name, err)
	}
	if c, errASNs := readASNs(name, r); errASNs == nil {
		return c, KindASNs, nil
	}
	return nil, "", err
}

// Check tells whether tags and category are such as a list may have, and returns them in the form in which they are used.
func (l List) Check() (tags []string, category string, err error) {
	if tags, err = cleanTags(l.Tags); err != nil {
		return nil, "", err
	}
	category = strings.ToLower(strings.TrimSpace(l.Category))
	switch {
	case category == "" && len(tags) == 0:
		return nil, "", errors.New("it has neither tags nor a category")
	case category == "":
		category = categoryOfTags(tags)
	case !slices.Contains(ListCategories(), category):
		return nil, "", fmt.Errorf("category %q is not one of %s", l.Category, strings.Join(ListCategories(), ", "))
	case len(tags) == 0:
		tags = []string{category}
	}
	return tags, category, nil
}

// own tells lists of the user's own networks.
func (l *list) own() bool { return l.category == CategoryCorporate || l.category == CategoryVPN }

// holds tells whether an address, or the autonomous system it is in, is on the list.
func (l *list) holds(a netip.Addr, asn int64) bool {
	if l.kind == KindASNs {
		_, ok := slices.BinarySearch(l.asns, uint32(asn))
		return ok && asn > 0
	}
	return l.addrs.contains(a)
}

// Problems returns the bad lines of the lists, at most keptProblems a list, and how many there are in all. What they hold was passed over.
func (db *DB) Problems() (first []Problem, total int) {
	for _, l := range db.lists {
		first = append(first, l.problems...)
		total += l.bad
	}
	return first, total
}
