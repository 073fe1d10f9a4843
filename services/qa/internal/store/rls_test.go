package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/testkit/pg"
	"github.com/fusionems/quantum/services/qa/internal/review"
	"github.com/fusionems/quantum/services/qa/internal/store"
	"github.com/fusionems/quantum/services/qa/internal/trigger"
)

const agencyA, agencyB = int64(11), int64(22)

func as(group string, agency int64) context.Context {
	return identity.With(context.Background(), identity.Principal{
		Subject: "somebody", Actor: identity.Human, Roles: []string{group}, ActingRole: group, AgencyID: agency,
	})
}

func asService(agency int64) context.Context {
	return identity.With(context.Background(), identity.ForService("qa", agency))
}

func across(reason string) context.Context {
	return identity.With(context.Background(), identity.Principal{
		Subject: "f", Actor: identity.Human, Roles: []string{"founder"}, ActingRole: "founder", CrossAgency: true, AccessReason: reason,
	})
}

// seed gives both agencies a case on one chart each.
func seed(t *testing.T, d *db.DB) {
	t.Helper()
	for _, agency := range []int64{agencyA, agencyB} {
		err := d.Write(asService(agency), func(ctx context.Context, tx *db.Tx) error {
			return review.File(ctx, store.NewRecords(tx), review.Judgement{
				AgencyID: agency, Chart: review.Chart{ID: uuid.New(), Version: 1}, IncidentNumber: "I-1",
				Policy: review.PolicyVersion{Key: trigger.PolicyKey, Version: 1, SHA256: strings.Repeat("0", 64)},
				Fired:  []trigger.Fired{{Code: trigger.Arrest, Class: trigger.Mandatory, Explanation: "an arrest", Elements: []string{"eArrest.01"}}},
				Time:   time.Now(),
			}, uuid.NewV7)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

var tables = []string{"review_case", "case_chart", "case_trigger", "chart_evaluation"}

func denied(err error) bool {
	var pg *pgconn.PgError
	return errs.IsKind(err, errs.Denied) && errors.As(err, &pg) && pg.Code == "42501"
}

// What each group may do with each table: S select, C select what is counted and nothing else, U update of a case's state.
func TestGroups(t *testing.T) {
	d, _ := pg.Open(t, service())
	seed(t, d)
	all := map[string]string{"review_case": "SU", "case_chart": "S", "case_trigger": "S"}
	may := map[string]map[string]string{"founder": all, "qa": all, "agency": {"review_case": "C", "case_trigger": "C"}}
	for _, group := range []string{"founder", "qa", "agency", "peer", "clinical", "supervisor", "billing", "compliance", "integration", "ai"} {
		for _, table := range tables {
			t.Run(group+" "+table, func(t *testing.T) {
				for _, agency := range []int64{agencyA, agencyB} {
					selects(t, d, group, table, agency, may[group][table])
				}
				updates(t, d, group, table, strings.Contains(may[group][table], "U"))
				for _, sql := range []string{"DELETE FROM qa." + table, "TRUNCATE qa." + table, "UPDATE qa." + table + " SET agency_id = 22"} {
					if err := execute(d, as(group, agencyA), sql); !denied(err) {
						t.Errorf("%s: %v, want it denied", sql, err)
					}
				}
			})
		}
	}
}

func selects(t *testing.T, d *db.DB, group, table string, agency int64, may string) {
	t.Helper()
	all, counted := strings.Contains(may, "S"), strings.Contains(may, "C")
	var own, foreign int
	err := d.ReadOne(as(group, agency), func(ctx context.Context, tx *db.Tx) error {
		return tx.QueryRow(ctx, "SELECT count(*) FILTER (WHERE agency_id = $1), count(*) FILTER (WHERE agency_id <> $1) FROM qa."+table, agency).
			Scan(&own, &foreign)
	})
	switch allowed := all || counted; {
	case !allowed && !denied(err):
		t.Errorf("SELECT: %v, want it denied", err)
	case allowed && (err != nil || own != 1 || foreign != 0):
		t.Errorf("SELECT in %d: %d own and %d foreign rows, %v; want 1 and 0", agency, own, foreign, err)
	}
	for _, column := range private[table] {
		err := execute(d, as(group, agency), "SELECT "+column+" FROM qa."+table)
		if all && err != nil || !all && !denied(err) {
			t.Errorf("SELECT %s: %v", column, err)
		}
	}
}

// private are the columns that tell of a case; who only counts reads none of them.
var private = map[string][]string{
	"review_case": {
		"incident_key", "incident_number", "incident_search", "review_cycle", "chart_id", "chart_version", "priority", "trigger_class",
		"policy_version", "update_time", "*",
	},
	"case_trigger": {"chart_id", "chart_version", "trigger_class", "measured_value", "threshold", "explanation", "elements", "create_time", "*"},
	"case_chart":   {"chart_id", "*"},
}

func updates(t *testing.T, d *db.DB, group, table string, allowed bool) {
	t.Helper()
	sql := "UPDATE qa.review_case SET state = 'under_review', update_time = now()"
	if table != "review_case" {
		sql = "UPDATE qa." + table + " SET chart_version = 9"
	}
	if !allowed {
		if err := execute(d, as(group, agencyA), sql); !denied(err) {
			t.Errorf("UPDATE: %v, want it denied", err)
		}
		return
	}
	var n int64
	err := d.Write(as(group, agencyA), func(ctx context.Context, tx *db.Tx) error {
		tag, err := tx.Exec(ctx, sql)
		n = tag.RowsAffected()
		return err
	})
	if err != nil || n != 1 {
		t.Errorf("UPDATE: %d rows, %v; want the own one", n, err)
	}
}

func execute(d *db.DB, ctx context.Context, sql string) error {
	return d.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, sql)
		return err
	})
}

// The founder across agencies sees both and changes nothing.
func TestAcross(t *testing.T) {
	d, _ := pg.Open(t, service())
	seed(t, d)
	for table, want := range map[string]int{"review_case": 2, "case_chart": 2, "case_trigger": 2} {
		var n int
		err := d.ReadOne(across("audit of the fleet"), func(ctx context.Context, tx *db.Tx) error {
			return tx.QueryRow(ctx, "SELECT count(*) FROM qa."+table).Scan(&n)
		})
		if err != nil || n != want {
			t.Errorf("%s: %d rows, %v; want %d", table, n, err, want)
		}
	}
	if err := execute(d, across("audit of the fleet"), "UPDATE qa.review_case SET state = 'closed'"); !errs.IsKind(err, errs.Denied) {
		t.Errorf("a write across agencies: %v, want it denied", err)
	}
}

// The service writes in the agency of its event and in no other, and not without one.
func TestTheServiceItself(t *testing.T) {
	d, _ := pg.Open(t, service())
	seed(t, d)
	const insert = `INSERT INTO qa.chart_evaluation VALUES (%d, gen_random_uuid(), 1, 1, '', 0, now())`
	if err := execute(d, asService(agencyA), fmt.Sprintf(insert, agencyB)); !denied(err) {
		t.Errorf("a row of another agency: %v, want it denied", err)
	}
	if err := execute(d, asService(0), fmt.Sprintf(insert, agencyA)); err == nil {
		t.Error("a row without an agency set was accepted")
	}
	for _, sql := range []string{
		"DELETE FROM qa.case_trigger", "UPDATE qa.case_trigger SET explanation = 'nothing'", "TRUNCATE qa.case_trigger CASCADE",
		"UPDATE qa.case_chart SET chart_id = gen_random_uuid()",
	} {
		if err := execute(d, asService(agencyA), sql); !denied(err) {
			t.Errorf("%s: %v, want it denied", sql, err)
		}
	}
}
