package store_test

import (
	"testing"

	"github.com/fusionems/quantum/pkg/testkit/catalog"
	"github.com/fusionems/quantum/pkg/testkit/pg"
	"github.com/fusionems/quantum/services/qa/internal/store"
)

func service() pg.Service { return pg.Service{Schema: "qa", Migrations: store.Migrations} }

func TestCatalog(t *testing.T) {
	catalog.Check(t, service(), catalog.Reviewed{
		Platform: map[string]string{"policy_version": "copies of governance, the same for all agencies; the service alone reads them"},
	})
}

func TestMigrationsUnchanged(t *testing.T) {
	catalog.MigrationsUnchanged(t, store.Migrations, "testdata/migrations.sum")
}
