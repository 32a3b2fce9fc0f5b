package store

import (
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// SchemaVersion is the newest schema that this program knows: the number of its last migration.
func SchemaVersion() int64 {
	files, err := fs.Glob(schemaFiles, "migrations/*.sql")
	if err != nil || len(files) == 0 {
		panic("store: no migrations are built in")
	}
	number, _, _ := strings.Cut(path.Base(files[len(files)-1]), "_") // Glob sorts by name
	version, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		panic("store: a migration without a number: " + number)
	}
	return version
}
