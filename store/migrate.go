package store

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

//go:embed migrations/*.sql views.sql views_changes.sql
var schemaFiles embed.FS

// migrate applies the migrations that the database does not have yet, each in a transaction of its own, then sees to the views. No migration library knows
// DuckDB, so this follows the usual pattern: numbered files, recorded with their checksum.
func (db *DB) migrate(ctx context.Context, appVersion string) error {
	if _, err := db.Exec(ctx, `CREATE SCHEMA IF NOT EXISTS meta`); err != nil {
		return err
	}
	if _, err := db.Exec(ctx, `CREATE TABLE IF NOT EXISTS meta.schema_migrations (
		version BIGINT NOT NULL, name VARCHAR NOT NULL, sha256 VARCHAR NOT NULL, applied_at TIMESTAMP NOT NULL, app_version VARCHAR)`); err != nil {
		return err
	}
	var applied struct {
		Version []int64  `col:"version"`
		Name    []string `col:"name"`
		SHA256  []string `col:"sha256"`
	}
	if err := db.Read(ctx, &applied, `SELECT version, name, sha256 FROM meta.schema_migrations ORDER BY version`); err != nil {
		return err
	}
	sums := map[int64]string{}
	for i, v := range applied.Version {
		sums[v] = applied.SHA256[i]
	}
	files, err := fs.Glob(schemaFiles, "migrations/*.sql")
	if err != nil {
		return err
	}
	var newest int64
	for _, name := range files {
		number, _, _ := strings.Cut(path.Base(name), "_")
		version, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return fmt.Errorf("migration %s has no number: %w", name, err)
		}
		newest = version
		text, err := schemaFiles.ReadFile(name)
		if err != nil {
			return err
		}
		digest := sha256.Sum256(text)
		sum := hex.EncodeToString(digest[:])
		if have, ok := sums[version]; ok {
			if have != sum {
				return fmt.Errorf("migration %s was applied in another form (%.12s, this program has %.12s): use the zoomward that made this file", name, have, sum)
			}
			continue
		}
		err = db.Tx(ctx, func(tx *Tx) error {
			if err := tx.execEach(ctx, string(text)); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, `INSERT INTO meta.schema_migrations VALUES (?, ?, ?, current_timestamp::TIMESTAMP, ?)`, version, path.Base(name), sum, appVersion)
			return err
		})
		if err != nil {
			return fmt.Errorf("apply %s: %w", name, err)
		}
	}
	if n := len(applied.Version); n > 0 && applied.Version[n-1] > newest {
		return fmt.Errorf("the file has schema version %d, this program knows up to %d: use a newer zoomward", applied.Version[n-1], newest)
	}
	return db.makeViews(ctx, applied.Version, newest)
}

// makeViews makes the views anew, unless the ones of this program stand on this schema already.
func (db *DB) makeViews(ctx context.Context, applied []int64, newest int64) error {
	var text []byte
	for _, name := range []string{"views.sql", "views_changes.sql"} {
		part, err := schemaFiles.ReadFile(name)
		if err != nil {
			return err
		}
		text = append(text, part...)
	}
	digest := sha256.Sum256(text)
	sum := hex.EncodeToString(digest[:])
	if _, err := db.Exec(ctx, `CREATE TABLE IF NOT EXISTS meta.schema_views (sha256 VARCHAR NOT NULL)`); err != nil {
		return err
	}
	var known int
	if err := db.Row(ctx, `SELECT count(*) FROM meta.schema_views WHERE sha256 = ?`, sum).Scan(&known); err != nil {
		return err
	}
	if known > 0 && len(applied) > 0 && applied[len(applied)-1] == newest {
		return nil
	}
	return db.Tx(ctx, func(tx *Tx) error {
		if err := tx.execEach(ctx, string(text)); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM meta.schema_views`); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO meta.schema_views VALUES (?)`, sum)
		return err
	})
}

// execEach runs the statements of a schema file one by one, since the time that DuckDB's parser takes grows with the square of their number. Each ends with a semicolon at the end of a
// line, and nothing else in these files does.
func (tx *Tx) execEach(ctx context.Context, text string) error {
	for _, statement := range strings.Split(text, ";\n") {
		if strings.TrimSpace(statement) == "" {
			continue
		}
		if _, err := tx.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}
