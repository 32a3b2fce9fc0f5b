package store

import (
	"context"
	"database/sql/driver"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/marcboeker/go-duckdb"
)

// activityRows are rows of ingest.activities as an account sends them: few users, networks and clients, times in order.
type activityRows struct {
	ID       []string    `col:"activity_id"`
	User     []string    `col:"user_email"`
	At       []time.Time `col:"occurred_at"`
	Kind     []string    `col:"kind"`
	IP       []string    `col:"ip_address,null"`
	Client   []string    `col:"client_type,null"`
	Version  []string    `col:"client_version,null"`
	Prefix   []string    `col:"ip_prefix,null"`
	Country  []string    `col:"country_code,null"`
	City     []string    `col:"city,null"`
	Lat      []float64   `col:"latitude"`
	Lon      []float64   `col:"longitude"`
	Accuracy []float64   `col:"accuracy_km"`
	ASN      []int64     `col:"asn,null"`
	ASOrg    []string    `col:"as_org,null"`
	Category []string    `col:"network_category,null"`
	Source   []string    `col:"geo_source,null"`
	Batch    []int64     `col:"batch"`
	Run      []string    `col:"run_id"`
	Tags     [][]string  `col:"network_tags"`
}

func activities(n int) activityRows {
	var r activityRows
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range n {
		user, net := i*7919%5000, i*104729%300
		r.ID = append(r.ID, fmt.Sprintf("%016x%016x", uint64(i)*0x9e3779b97f4a7c15, uint64(i)))
		r.User = append(r.User, fmt.Sprintf("u%05d@example.com", user))
		r.At = append(r.At, start.Add(time.Duration(i)*time.Second))
		r.Kind = append(r.Kind, []string{"sign_in", "sign_out"}[i%2])
		r.IP = append(r.IP, fmt.Sprintf("10.%d.%d.%d", net/256, net%256, user%256))
		r.Client = append(r.Client, []string{"Windows", "Mac", "iOS", "Browser"}[user%4])
		r.Version = append(r.Version, fmt.Sprintf("6.%d.0", i%5))
		r.Prefix = append(r.Prefix, fmt.Sprintf("10.%d.%d.0/24", net/256, net%256))
		r.Country = append(r.Country, "DE")
		r.City = append(r.City, "Example City")
		r.Lat = append(r.Lat, 50+float64(net)/100)
		r.Lon = append(r.Lon, 8+float64(net)/100)
		r.Accuracy = append(r.Accuracy, 20)
		r.ASN = append(r.ASN, int64(64496+net%16))
		r.ASOrg = append(r.ASOrg, "Example Network Ltd")
		r.Category = append(r.Category, "unknown")
		r.Source = append(r.Source, "example-city 2026-01-01")
		r.Batch = append(r.Batch, 1)
		r.Run = append(r.Run, "run")
		r.Tags = append(r.Tags, []string{"isp"})
	}
	return r
}

var benchSizes = []struct {
	name string
	rows int
}{{"10k", 10_000}, {"100k", 100_000}, {"1M", 1_000_000}}

func benchDB(b *testing.B) *DB {
	b.Helper()
	db, err := Open(context.Background(), filepath.Join(b.TempDir(), "bench.duckdb"), Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	return db
}

func (db *DB) mustExec(b *testing.B, query string) {
	b.Helper()
	if _, err := db.Exec(context.Background(), query); err != nil {
		b.Fatal(err)
	}
}

// empty leaves nothing behind that the next commit would have to write.
func empty(b *testing.B, db *DB) {
	b.Helper()
	db.mustExec(b, `TRUNCATE ingest.activities`)
	db.mustExec(b, `CHECKPOINT`)
}

func landAll(b *testing.B, db *DB, rows activityRows, want int64) {
	b.Helper()
	err := db.Tx(context.Background(), func(tx *Tx) error {
		n, err := tx.Land(context.Background(), "ingest.activities", "activity_id", rows)
		if n != want {
			b.Fatalf("landed %d rows, want %d: %v", n, want, err)
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
}

// rawAppend is the driver's own bulk loader, which knows no keys.
func rawAppend(b *testing.B, db *DB, r activityRows) {
	b.Helper()
	text := func(s string) driver.Value {
		if s == "" {
			return nil
		}
		return s
	}
	err := db.Tx(context.Background(), func(*Tx) error {
		return db.conn.Raw(func(raw any) error {
			a, err := duckdb.NewAppenderFromConn(raw.(driver.Conn), "ingest", "activities")
			if err != nil {
				return err
			}
			for i := range r.ID {
				if err := a.AppendRow(r.ID[i], r.User[i], r.At[i], r.Kind[i], text(r.IP[i]), text(r.Client[i]), text(r.Version[i]), text(r.Prefix[i]), text(r.Country[i]),
					text(r.City[i]), r.Lat[i], r.Lon[i], r.Accuracy[i], r.ASN[i], text(r.ASOrg[i]), text(r.Category[i]), text(r.Source[i]), r.Batch[i], r.Run[i], r.Tags[i]); err != nil {
					return err
				}
			}
			return a.Close()
		})
	})
	if err != nil {
		b.Fatal(err)
	}
}

func rate(n, rows int, d time.Duration) float64 { return float64(n) * float64(rows) / d.Seconds() }

// BenchmarkLand measures Tx.Land into an empty table beside the driver's appender on the same rows, one after the other. x_appender above 1 means that Land,
// which looks for keys too, is the faster of the two.
func BenchmarkLand(b *testing.B) {
	for _, size := range benchSizes {
		b.Run(size.name, func(b *testing.B) {
			db, rows := benchDB(b), activities(size.rows)
			var land, appender time.Duration
			n := 0
			for b.Loop() {
				b.StopTimer()
				empty(b, db)
				start := time.Now()
				rawAppend(b, db, rows)
				appender += time.Since(start)
				empty(b, db)
				b.StartTimer()
				start = time.Now()
				landAll(b, db, rows, int64(size.rows))
				land += time.Since(start)
				n++
			}
			b.ReportMetric(rate(n, size.rows, land), "rows/s")
			b.ReportMetric(rate(n, size.rows, appender), "appender_rows/s")
			b.ReportMetric(appender.Seconds()/land.Seconds(), "x_appender")
		})
	}
}

// BenchmarkLandDuplicates lands rows that are all there already, as a window that is read again does.
func BenchmarkLandDuplicates(b *testing.B) {
	for _, size := range benchSizes[:2] {
		b.Run(size.name, func(b *testing.B) {
			db, rows := benchDB(b), activities(size.rows)
			landAll(b, db, rows, int64(size.rows))
			n := 0
			start := time.Now()
			for b.Loop() {
				landAll(b, db, rows, 0)
				n++
			}
			b.ReportMetric(rate(n, size.rows, time.Since(start)), "rows/s")
		})
	}
}

// BenchmarkLandPage lands 300 new rows, a page of Zoom's reports, into a table that has many.
func BenchmarkLandPage(b *testing.B) {
	for _, size := range benchSizes[:2] {
		b.Run(size.name, func(b *testing.B) {
			db := benchDB(b)
			landAll(b, db, activities(size.rows), int64(size.rows))
			page := activities(300)
			next := 0
			for b.Loop() {
				for i := range page.ID {
					page.ID[i] = fmt.Sprintf("new%d", next)
					next++
				}
				landAll(b, db, page, 300)
			}
		})
	}
}

// BenchmarkRead reads four columns as slices through Arrow beside a scan row by row. x_scan is how many times faster that is.
func BenchmarkRead(b *testing.B) {
	const query = `SELECT user_email, occurred_at, latitude, asn FROM ingest.activities`
	for _, size := range benchSizes {
		b.Run(size.name, func(b *testing.B) {
			db := benchDB(b)
			landAll(b, db, activities(size.rows), int64(size.rows))
			var columns, scan time.Duration
			n := 0
			for b.Loop() {
				b.StopTimer()
				start := time.Now()
				scanAll(b, db, query, size.rows)
				scan += time.Since(start)
				b.StartTimer()
				start = time.Now()
				var out struct {
					User []string    `col:"user_email"`
					At   []time.Time `col:"occurred_at"`
					Lat  []float64   `col:"latitude"`
					ASN  []int64     `col:"asn"`
				}
				if err := db.Read(context.Background(), &out, query); err != nil || len(out.User) != size.rows {
					b.Fatal(len(out.User), err)
				}
				columns += time.Since(start)
				n++
			}
			b.ReportMetric(rate(n, size.rows, columns), "rows/s")
			b.ReportMetric(scan.Seconds()/columns.Seconds(), "x_scan")
		})
	}
}

func scanAll(b *testing.B, db *DB, query string, want int) {
	b.Helper()
	rows, err := db.conn.QueryContext(context.Background(), query)
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	var (
		users []string
		at    []time.Time
		lat   []float64
		asn   []int64
	)
	for rows.Next() {
		var (
			u string
			t time.Time
			x float64
			n int64
		)
		if err := rows.Scan(&u, &t, &x, &n); err != nil {
			b.Fatal(err)
		}
		users, at, lat, asn = append(users, u), append(at, t), append(lat, x), append(asn, n)
	}
	if err := rows.Err(); err != nil || len(users) != want || len(at)+len(lat)+len(asn) != 3*want {
		b.Fatal(len(users), err)
	}
}

// BenchmarkPublish makes the snapshot that analysts open; MB/s is of the file that it writes.
func BenchmarkPublish(b *testing.B) {
	for _, size := range benchSizes {
		b.Run(size.name, func(b *testing.B) {
			db := benchDB(b)
			landAll(b, db, activities(size.rows), int64(size.rows))
			path := filepath.Join(b.TempDir(), "snapshot.duckdb")
			for b.Loop() {
				if err := db.Publish(context.Background(), path); err != nil {
					b.Fatal(err)
				}
			}
			info, err := os.Stat(path)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(info.Size())
			b.ReportMetric(float64(info.Size())/float64(size.rows), "B/row")
		})
	}
}

// countingWriter counts what an export writes.
type countingWriter struct{ n int64 }

func (w *countingWriter) Write(p []byte) (int, error) { w.n += int64(len(p)); return len(p), nil }

func BenchmarkExport(b *testing.B) {
	for _, size := range benchSizes[:2] {
		db := benchDB(b)
		landAll(b, db, activities(size.rows), int64(size.rows))
		for _, format := range ExportFormats() {
			b.Run(size.name+"/"+format, func(b *testing.B) {
				var w countingWriter
				n := 0
				start := time.Now()
				for b.Loop() {
					w.n = 0
					if rows, err := db.Export(context.Background(), Export{View: "activities", Format: format}, &w); err != nil || rows != int64(size.rows) {
						b.Fatal(rows, err)
					}
					n++
				}
				b.SetBytes(w.n)
				b.ReportMetric(rate(n, size.rows, time.Since(start)), "rows/s")
			})
		}
	}
}
