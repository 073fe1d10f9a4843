package store_test

import (
	"testing"

	"github.com/fusionems/quantum/pkg/testkit/catalog"
	"github.com/fusionems/quantum/pkg/testkit/pg"
	"github.com/fusionems/quantum/services/clinical/internal/store"
)

func TestCatalog(t *testing.T) {
	catalog.Check(t, pg.Service{Schema: "clinical", Migrations: store.Migrations}, catalog.Reviewed{
		Policies: map[string]string{
			"agency_key.owner_reads":       "the owner wraps the keys of all agencies again when the key-encryption key is rotated",
			"agency_key.owner_wraps_again": "the owner wraps the keys of all agencies again when the key-encryption key is rotated",
		},
	})
}

func TestMigrationsUnchanged(t *testing.T) {
	catalog.MigrationsUnchanged(t, store.Migrations, "testdata/migrations.sha256")
}
