package store_test

import (
	"testing"

	"github.com/fusionems/quantum/pkg/testkit/catalog"
	"github.com/fusionems/quantum/pkg/testkit/pg"
	"github.com/fusionems/quantum/services/clinical/internal/store"
)

func TestCatalog(t *testing.T) {
	catalog.Check(t, pg.Service{Schema: "clinical", Migrations: store.Migrations}, catalog.Reviewed{})
}

func TestMigrationsUnchanged(t *testing.T) {
	catalog.MigrationsUnchanged(t, store.Migrations, "testdata/migrations.sha256")
}
