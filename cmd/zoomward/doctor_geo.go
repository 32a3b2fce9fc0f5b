package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/zoomward/zoomward/ingest/geo"
)

// oldGeo is the age from which a location database misleads: GeoLite2 is made anew twice a week and DB-IP Lite every month, and networks change hands in between.
const oldGeo = 90 * 24 * time.Hour

// lookGeo opens the location databases and lists and says what will be missing.
func lookGeo(ctx context.Context, p *patient) []finding {
	places, err := p.openPlaces()
	if err != nil {
		return []finding{fail("%s", err).todo("correct the keys under geo, or bring the file with zoomward geo update: no run begins like this")}
	}
	defer places.Close()
	infos, err := places.Info(ctx)
	if err != nil {
		return []finding{fail("%s", err).todo("zoomward geo update fetches it anew")}
	}
	first, total := places.Problems()
	return geoFindings(infos, first, total, p.wall())
}

// geoFindings judges what is in use.
func geoFindings(infos []geo.Info, problems []geo.Problem, total int, now time.Time) (out []finding) {
	databases, lists := 0, 0
	var holds, old []string
	for _, i := range infos {
		if i.Kind != geo.KindDatabase {
			lists++
			continue
		}
		databases++
		holds = append(holds, i.Holds...)
		if age := now.Sub(i.Built); age > oldGeo {
			old = append(old, fmt.Sprintf("%s (%s, %d days ago)", filepath.Base(i.Path), i.Built.Format(time.DateOnly), int(age.Hours()/24)))
		}
	}
	if databases == 0 {
		out = append(out, warn("no location database: places and networks are unknown, and what is detected by them stays silent").
			todo("bring one with zoomward geo update, or name files in geo.files"))
	} else {
		for _, need := range []struct{ field, what string }{{"coordinates", "impossible travel"}, {"country", "new countries"}, {"asn", "new networks"}} {
			if !slices.Contains(holds, need.field) {
				out = append(out, warn("no database knows %s: %s are not detected", need.field, need.what).todo("bring one that does with zoomward geo update; README lists some"))
			}
		}
	}
	if old != nil {
		out = append(out, warn("built long ago: %s", strings.Join(old, ", ")).todo("zoomward geo update brings a newer one; schedule it"))
	}
	if total > 0 {
		f := warn("passed over: %s of lists", plural(total, "line")).todo("zoomward geo list names the files; see what is on these lines")
		if len(problems) > 0 {
			f.Seen += ", the first: " + problems[0].String()
		}
		out = append(out, f)
	}
	if out == nil {
		out = append(out, ok("%s, %s", plural(databases, "database"), plural(lists, "list")))
	}
	return out
}
