package store_test

import (
	"testing"

	"github.com/zoomward/zoomward/store"
)

func TestSchemaVersion(t *testing.T) {
	db, err := store.Open(t.Context(), "", store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var applied int64
	if err := db.Row(t.Context(), `SELECT max(version) FROM meta.schema_migrations`).Scan(&applied); err != nil {
		t.Fatal(err)
	}
	if v := store.SchemaVersion(); v != applied {
		t.Errorf("SchemaVersion is %d, a new database has %d", v, applied)
	}
}
