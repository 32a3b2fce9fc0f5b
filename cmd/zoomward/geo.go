package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/zoomward/zoomward/ingest/geo"
)

// openPlaces opens every location database and list that the config names, and those in the folder of geo update.
func (a *app) openPlaces() (*geo.DB, error) {
	dir := a.cfg.GeoDir
	if dir == "" && a.cfg.DB != "" {
		var err error
		if dir, err = a.geoDir(); err != nil {
			return nil, err
		}
		if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
			dir = "" // nobody asked for it
		}
	}
	places, err := geo.OpenWith(geo.Config{
		Files: a.cfg.GeoFiles, Dir: dir, Lists: a.cfg.GeoLists, ASNs: a.cfg.GeoASNs, Corporate: a.cfg.GeoCorporate, VPN: a.cfg.GeoVPN,
	})
	if err != nil {
		return nil, usageErrorf("%w", err)
	}
	return places, nil
}

// shownProblems is how many bad lines of lists are told one by one.
const shownProblems = 5

// warnOfPlaces says what will be missing.
func (a *app) warnOfPlaces(ctx context.Context, places *geo.DB) {
	if places.Databases() == 0 {
		a.log.WarnContext(ctx, "no location databases configured (geo.files): places and networks are unknown, detections that need them stay silent")
	}
	first, total := places.Problems()
	for _, p := range first[:min(len(first), shownProblems)] {
		a.log.WarnContext(ctx, "a line of a list was passed over", "file", p.File, "line", p.Line, "reason", p.Reason)
	}
	if total > shownProblems {
		a.log.WarnContext(ctx, "further lines of lists were passed over", "lines", total-min(len(first), shownProblems))
	}
}

func geoUpdateCommand() command {
	return command{
		name: "geo update", args: "--from FILE|URL|@FILE [--name NAME] [--sha256 HEX]", summary: "fetch or copy a location database or list, check it, put it in place",
		detail: `Brings an MMDB file or a list into the folder that zoomward looks into by itself (geo.dir, by default geo beside the database): from a file, a URL (https, or
http on a loopback address), or the URL that stands in a file with mode 600 (--from @FILE), which keeps a licence key out of the process list. gzip and
MaxMind's tar.gz are unpacked. The new file is read from end to end and takes the old one's place by rename; on any failure the old one stays. NAME is
the file's name, by default the one that it comes with; a list is used by itself when its name starts with a category, such as tor-exits or
hosting-asns. --sha256 is the checksum of the file as it is offered. Prints what was and what is in place.`,
		example: "zoomward geo update --from https://check.torproject.org/torbulkexitlist --name tor-exits",
		flags: func(fs *flag.FlagSet) action {
			from, name, sum := fs.String("from", "", ""), fs.String("name", "", ""), fs.String("sha256", "", "")
			return func(ctx context.Context, a *app, args []string) error {
				if err := noArguments(args); err != nil {
					return err
				}
				if *from == "" {
					return usageErrorf("geo update: --from is missing: a file, a URL, or @ and a file that holds a URL")
				}
				return a.geoUpdate(ctx, geo.Update{From: *from, Name: *name, SHA256: *sum})
			}
		},
	}
}

func (a *app) geoUpdate(ctx context.Context, u geo.Update) error {
	if file, ok := strings.CutPrefix(u.From, "@"); ok {
		secret, err := readSecretFile(file, a.getenv("CREDENTIALS_DIRECTORY"))
		if err != nil {
			return usageErrorf("--from: %w", err)
		}
		u.From = secret.Reveal()
	}
	var err error
	if u.Dir, err = a.geoDir(); err != nil {
		return err
	}
	done, err := u.Run(ctx)
	if err != nil {
		return err
	}
	t := newTable(a.stdout, "", "BUILT", "KIND", "TYPE", "ENTRIES", "HOLDS/TAGS", "CATEGORY")
	if done.Old != nil {
		t.row(append([]string{"old"}, geoCells(*done.Old)...)...)
	}
	t.row(append([]string{"new"}, geoCells(done.New)...)...)
	if err := t.flush(); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(a.stdout, sanitize(done.Path)); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	if done.New.Kind != geo.KindDatabase && done.New.Category == "" {
		a.log.WarnContext(ctx, "the name of this list does not start with a category: it is used only if geo.lists or geo.asns names it",
			"file", done.Path, "categories", strings.Join(geo.ListCategories(), " "))
	}
	if done.New.Bad > 0 {
		a.log.WarnContext(ctx, "some lines of the list were passed over", "file", done.Path, "lines", done.New.Bad)
	}
	return nil
}

// geoCells are the cells that describe a file: built, kind, type, entries, holds, category.
func geoCells(i geo.Info) []string {
	built, holds := "", strings.Join(i.Holds, ",")
	switch {
	case i.Kind == geo.KindDatabase:
		built = i.Built.Format(time.DateOnly)
	case !i.Built.IsZero():
		built = i.Built.Format("2006-01-02T15:04Z")
	}
	if i.Kind != geo.KindDatabase {
		holds = strings.Join(i.Tags, ",")
	}
	return []string{built, string(i.Kind), i.Type, strconv.Itoa(i.Entries), holds, i.Category}
}

func geoListCommand() command {
	return command{
		name: "geo list", summary: "location databases and lists in use",
		detail: `Lists the location databases and lists in the order in which they are asked: when a database was built or a list changed last, how many networks,
addresses or autonomous systems it has, what its records hold or which tags it gives. Files of geo.dir that are not used are told on stderr.`,
		example: "zoomward geo list --config /etc/zoomward/config.yaml",
		flags: func(*flag.FlagSet) action {
			return func(ctx context.Context, a *app, args []string) error {
				if err := noArguments(args); err != nil {
					return err
				}
				return a.geoList(ctx)
			}
		},
	}
}

func (a *app) geoList(ctx context.Context) error {
	places, err := a.openPlaces()
	if err != nil {
		return err
	}
	defer places.Close()
	infos, err := places.Info(ctx)
	if err != nil {
		return err
	}
	t := newTable(a.stdout, "FILE", "BUILT", "KIND", "TYPE", "ENTRIES", "HOLDS/TAGS", "CATEGORY")
	for _, i := range infos {
		name := i.Path
		if name == "" {
			name = "(config)"
		}
		t.row(append([]string{name}, geoCells(i)...)...)
	}
	if err := t.flush(); err != nil {
		return err
	}
	a.warnOfPlaces(ctx, places)
	for _, path := range places.Ignored() {
		a.log.WarnContext(ctx, "not used: neither a location database nor a list whose name starts with a category", "file", filepath.Base(path))
	}
	return nil
}

func geoLookupCommand() command {
	return command{
		name: "geo lookup", args: "ADDR", summary: "what is known of an address",
		detail: `Prints what a sign-in from the address would be given: country, city, coordinates in degrees and their radius, autonomous system and its organisation,
category, tags, and the databases and lists that said so.`,
		example: "zoomward geo lookup 192.0.2.1",
		flags: func(*flag.FlagSet) action {
			return func(ctx context.Context, a *app, args []string) error {
				if len(args) != 1 {
					return usageErrorf("geo lookup: one address is wanted")
				}
				return a.geoLookup(ctx, args[0])
			}
		},
	}
}

func (a *app) geoLookup(ctx context.Context, text string) error {
	addr := geo.Parse(text)
	if !addr.IsValid() {
		return usageErrorf("geo lookup: %q is not an IP address", text)
	}
	places, err := a.openPlaces()
	if err != nil {
		return err
	}
	defer places.Close()
	a.warnOfPlaces(ctx, places)
	p := places.Lookup(addr)
	if err := places.Err(); err != nil {
		return err
	}
	var coordinates, accuracy, asn string
	if !math.IsNaN(p.Lat) {
		coordinates = fmt.Sprintf("%.4f, %.4f", p.Lat, p.Lon)
	}
	if !math.IsNaN(p.AccuracyKm) {
		accuracy = fmt.Sprintf("%g km", p.AccuracyKm)
	}
	if p.ASN != 0 {
		asn = fmt.Sprintf("AS%d", p.ASN)
	}
	t := table{tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)}
	for _, row := range [][2]string{
		{"address", addr.String()}, {"country", p.Country}, {"city", p.City}, {"coordinates", coordinates}, {"accuracy", accuracy}, {"asn", asn},
		{"organization", p.Org}, {"category", p.Category}, {"tags", strings.Join(p.Tags, ", ")}, {"sources", strings.ReplaceAll(p.Source, ",", ", ")},
	} {
		t.row(row[0], row[1])
	}
	return t.flush()
}
