package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/testkit/catalog"
	"github.com/fusionems/quantum/pkg/testkit/pg"
	"github.com/fusionems/quantum/services/compliance/internal/store"
)

const agencyA, agencyB = int64(11), int64(22)

func service() pg.Service { return pg.Service{Schema: "compliance", Migrations: store.Migrations} }

func TestCatalog(t *testing.T) {
	catalog.Check(t, service(), catalog.Reviewed{
		Platform: map[string]string{
			"policy_version":         "copies of governance, the same for all agencies; they name no agency",
			"notice_acknowledgement": "belongs to the person, who is the same in every agency",
		},
		Policies: map[string]string{
			"notice_acknowledgement.own": "everybody reaches their own, by subject",
			"agency.planning":            "the plan of the alerts reads the identifiers of all agencies, and nothing else is there",
		},
	})
}

func TestMigrationsUnchanged(t *testing.T) {
	catalog.MigrationsUnchanged(t, store.Migrations, "testdata/migrations.sum")
}

func as(group string, agency int64) context.Context {
	return identity.With(context.Background(), identity.Principal{
		Subject: "somebody", Actor: identity.Human, Roles: []string{group}, ActingRole: group, AgencyID: agency,
	})
}

func execute(d *db.DB, ctx context.Context, sql string) (n int64, err error) {
	err = d.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		tag, err := tx.Exec(ctx, sql)
		n = tag.RowsAffected()
		return err
	})
	return n, err
}

func insert(agency int64, number string) string {
	return fmt.Sprintf(`INSERT INTO compliance.dea_registrant_metadata
(agency_id, id, registrant_name, dea_registration_number, authorized_schedules, registered_state, issue_date, expiration_date, create_time, update_time)
VALUES (%d, gen_random_uuid(), 'Prairie EMS', '%s', ARRAY['II','III'], 'WI', '2025-01-01', '2028-01-01', now(), now())`, agency, number)
}

func denied(err error) bool {
	var pg *pgconn.PgError
	return errs.IsKind(err, errs.Denied) && errors.As(err, &pg) && pg.Code == "42501"
}

func TestGroups(t *testing.T) {
	d, _ := pg.Open(t, service())
	for _, agency := range []int64{agencyA, agencyB} {
		if _, err := execute(d, as("compliance", agency), insert(agency, "AB1234563")); err != nil {
			t.Fatal(err)
		}
	}
	writers := []string{"founder", "compliance"}
	// The service dates alerts; an administrator sees nothing without flag and grant.
	readers := map[string]int{"system": 1, "agency": 0, "substances": 1}
	for _, group := range []string{
		"founder", "compliance", "agency", "qa", "peer", "clinical", "supervisor", "billing", "substances", "integration", "ai", "system",
	} {
		for _, agency := range []int64{agencyA, agencyB} {
			var own, foreign int
			err := d.ReadOne(as(group, agency), func(ctx context.Context, tx *db.Tx) error {
				return tx.QueryRow(ctx, `SELECT count(*) FILTER (WHERE agency_id = $1), count(*) FILTER (WHERE agency_id <> $1)
FROM compliance.dea_registrant_metadata`, agency).Scan(&own, &foreign)
			})
			if n, reads := readers[group]; reads && (err != nil || own != n || foreign != 0) {
				t.Errorf("%s in %d: %d own and %d foreign rows, %v", group, agency, own, foreign, err)
			}
			if !slices.Contains(writers, group) {
				if _, reads := readers[group]; !reads && !denied(err) {
					t.Errorf("%s reads: %v, want it denied", group, err)
				}
				if _, err := execute(d, as(group, agency), insert(agency, "BB1388568")); !denied(err) {
					t.Errorf("%s writes: %v, want it denied", group, err)
				}
				continue
			}
			if err != nil || own != 1 || foreign != 0 {
				t.Errorf("%s in %d: %d own and %d foreign rows, %v", group, agency, own, foreign, err)
			}
		}
		for _, sql := range []string{
			insert(agencyB, "BB1388568"),
			"DELETE FROM compliance.dea_registrant_metadata", "TRUNCATE compliance.dea_registrant_metadata",
			"SELECT * FROM compliance.dea_registrant_metadata_default",
		} {
			if _, err := execute(d, as(group, agencyA), sql); !denied(err) {
				t.Errorf("%s in %d: %s: %v, want it denied", group, agencyA, sql, err)
			}
		}
	}
	if n, err := execute(d, as("compliance", agencyA), "UPDATE compliance.dea_registrant_metadata SET registrant_name = 'X'"); err != nil || n != 1 {
		t.Errorf("update: %d rows, %v; want the own one", n, err)
	}
	if _, err := execute(d, as("compliance", agencyA), "UPDATE compliance.dea_registrant_metadata SET agency_id = 22"); !denied(err) {
		t.Errorf("moving a record to another agency: %v, want it denied", err)
	}
}

func TestTheFounderAcrossAgenciesReadsOnly(t *testing.T) {
	d, _ := pg.Open(t, service())
	for _, agency := range []int64{agencyA, agencyB} {
		if _, err := execute(d, as("founder", agency), insert(agency, "AB1234563")); err != nil {
			t.Fatal(err)
		}
	}
	across := identity.With(t.Context(), identity.Principal{
		Subject: "f", Actor: identity.Human, ActingRole: "founder", CrossAgency: true, AccessReason: "inspection",
	})
	var n int
	err := d.ReadOne(across, func(ctx context.Context, tx *db.Tx) error {
		return tx.QueryRow(ctx, "SELECT count(*) FROM compliance.dea_registrant_metadata").Scan(&n)
	})
	if err != nil || n != 2 {
		t.Errorf("%d rows, %v; want 2", n, err)
	}
	if _, err := execute(d, across, insert(agencyA, "BB1388568")); !errs.IsKind(err, errs.Denied) {
		t.Errorf("a write across agencies: %v, want it denied", err)
	}
}

func TestRowsThatMakeNoSense(t *testing.T) {
	d, _ := pg.Open(t, service())
	ctx := as("compliance", agencyA)
	if _, err := execute(d, ctx, insert(agencyA, "AB1234563")); err != nil {
		t.Fatal(err)
	}
	if _, err := execute(d, ctx, insert(agencyA, "AB1234563")); !errs.IsKind(err, errs.AlreadyExists) {
		t.Errorf("the same number twice: %v", err)
	}
	if _, err := execute(d, as("compliance", agencyB), insert(agencyB, "AB1234563")); err != nil {
		t.Errorf("the same number in another agency tells of the first: %v", err)
	}
	for name, set := range map[string]string{
		"a number of the wrong form": "dea_registration_number = '12'", "no schedule": "authorized_schedules = '{}'",
		"a schedule nobody has": "authorized_schedules = '{I}'", "an end before the beginning": "expiration_date = '2024-12-31'",
		"an end without a beginning": "issue_date = NULL", "no registrant": "registrant_name = ''",
	} {
		if _, err := execute(d, ctx, "UPDATE compliance.dea_registrant_metadata SET "+set); !errs.IsKind(err, errs.Precondition) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
