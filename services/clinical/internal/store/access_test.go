package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/testkit/pg"
	"github.com/fusionems/quantum/services/clinical/internal/store"
)

// world holds two agencies: north has three charts, of which one is the medic's own and one under review; south has two.
type world struct {
	*fixture
	own, reviewed, closed, other uuid.UUID // other is south's
	medic                        string
}

func populate(t testing.TB) *world {
	t.Helper()
	w := &world{fixture: open(t), medic: "medic-north"}
	charts := demo(t)
	// The crew of the medic's chart is on no other one here.
	ownXML := bytes.ReplaceAll(charts[north]["stemi"].XML, []byte("<eCrew.01>N"), []byte("<eCrew.01>Q"))
	own := w.putOne(t, north, ownXML)
	w.own = own.ChartID
	w.reviewed = w.putOne(t, north, charts[north]["stroke"].XML).ChartID
	w.closed = w.putOne(t, north, charts[north]["transfer-pcs"].XML).ChartID
	w.other = w.putOne(t, south, charts[south]["stemi"].XML).ChartID
	second := w.putOne(t, south, charts[south]["stroke"].XML)
	if _, err := w.SetPersonnel(as("agency", north), north, w.medic, []string{own.CrewIDs()[0]}); err != nil {
		t.Fatal(err)
	}
	// Somebody of south with the same crew id as the medic of north.
	if _, err := w.SetPersonnel(as("agency", south), south, "medic-south", append(second.CrewIDs()[:1:1], own.CrewIDs()[0])); err != nil {
		t.Fatal(err)
	}
	w.review(t, north, store.Review{ChartID: w.reviewed, CaseID: uuid.New(), Open: true, Time: time.Unix(100, 0)})
	withdrawn := uuid.New()
	w.review(t, north, store.Review{ChartID: w.closed, CaseID: withdrawn, Open: true, Time: time.Unix(100, 0)})
	w.review(t, north, store.Review{ChartID: w.closed, CaseID: withdrawn, Open: false, Time: time.Unix(200, 0)})
	return w
}

func (f *fixture) review(t testing.TB, agencyID int64, r store.Review) {
	t.Helper()
	ctx := identity.With(context.Background(), identity.ForService("clinical", agencyID))
	err := f.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error { return f.PutReview(ctx, tx, r) })
	if err != nil {
		t.Fatal(err)
	}
}

// What each group sees of north's rows, with raw SQL. A table that is not named is denied.
func rowsOfNorth() map[string]map[string]int {
	all := map[string]int{"chart": 3, "chart_version": 3, "document": 3, "agency_key": 1}
	return map[string]map[string]int{
		"founder":    with(all, map[string]int{"personnel": 1, "personnel_crew_id": 1}),
		"supervisor": all,
		"cross":      {"chart": 5, "chart_version": 5, "document": 5, "agency_key": 2},
		"clinical":   {"chart": 1, "chart_version": 1, "document": 1, "chart_crew": 1, "personnel_crew_id": 1, "agency_key": 1},
		"qa":         {"chart": 1, "chart_version": 1, "document": 1, "qa_context": 2, "agency_key": 1},
		// Some columns of two tables, see TestAdministratorsCountAndReadNothing.
		"agency":      {"chart": 3, "chart_version": 3, "personnel": 1, "personnel_crew_id": 1},
		"integration": {"chart": 3, "agency_key": 1},
		"system":      {"chart": 3, "chart_version": 3, "qa_context": 2, "agency_key": 1},
		"peer":        {},
		"billing":     {},
		"compliance":  {},
		"substances":  {},
		"ai":          {},
		"relay":       {},
		"jobs":        {},
	}
}

func with(a, b map[string]int) map[string]int {
	a = maps.Clone(a)
	maps.Copy(a, b)
	return a
}

func TestEachGroupSeesItsRowsAndNoOthers(t *testing.T) {
	w := populate(t)
	want := rowsOfNorth()
	for _, g := range append(db.DefaultGroups(), "relay", "jobs") {
		if _, ok := want[g]; !ok {
			t.Errorf("group %s has no expectation", g)
		}
	}
	conn := w.login(t)
	for group, tables := range want {
		for _, table := range w.tables(t) {
			got, err := countAs(conn, "clinical_"+group, strconv.FormatInt(north, 10), w.medic, table)
			n, allowed := tables[table]
			switch {
			case !allowed && code(err) != "42501":
				t.Errorf("%s reads %s: %d rows, %v; want permission denied", group, table, got, err)
			case allowed && (err != nil || got != n):
				t.Errorf("%s sees %d rows of %s (%v), want %d", group, got, table, err, n)
			}
		}
	}
}

// tables are all tables with an agency, from the catalog, without those of pkg.
func (w *world) tables(t testing.TB) []string {
	t.Helper()
	rows, err := w.super.Query(context.Background(), `SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = 'clinical' AND c.relkind = 'r' AND c.relname !~ '^(river_|outbox|inbox|module_state|goose_|pkg_)' ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(out) != 8 {
		t.Fatalf("tables = %v, %v", out, err)
	}
	return out
}

func (w *world) login(t testing.TB) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), w.pg.As(t, "clinical_login", pg.LoginPassword))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func countAs(conn *pgx.Conn, role, agency, subject, table string) (n int, err error) {
	ctx := context.Background()
	tx, err := conn.Begin(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { _ = tx.Rollback(ctx) }()
	_, err = tx.Exec(ctx, "SELECT set_config('role',$1,true), set_config('app.current_agency',$2,true), set_config('app.current_subject',$3,true)",
		role, agency, subject)
	if err != nil {
		return 0, err
	}
	err = tx.QueryRow(ctx, "SELECT count(*) FROM clinical."+pgx.Identifier{table}.Sanitize()).Scan(&n)
	return n, err
}

func code(err error) string {
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) {
		return pgErr.Code
	}
	return ""
}

func TestRawSQLWithoutContextFails(t *testing.T) {
	w := populate(t)
	conn := w.login(t)
	// A fresh session does not know the setting; one that had it has an empty string. Both must fail, not find nothing.
	for _, round := range []string{"fresh session", "used session"} {
		for group, tables := range rowsOfNorth() {
			if group == "cross" {
				continue
			}
			for table := range tables {
				_, err := conn.Exec(context.Background(), fmt.Sprintf("SET ROLE clinical_%s; SELECT count(*) FROM clinical.%s", group, table))
				if c := code(err); c != "42704" && c != "22P02" {
					t.Errorf("%s: %s reads %s without an agency: %v", round, group, table, err)
				}
			}
		}
		if _, err := conn.Exec(context.Background(), "RESET ROLE; BEGIN; SELECT set_config('app.current_agency','11',true); COMMIT"); err != nil {
			t.Fatal(err)
		}
	}
	// The login itself, before it takes a group role, has nothing at all.
	for _, table := range w.tables(t) {
		if _, err := conn.Exec(context.Background(), "SELECT 1 FROM clinical."+table); code(err) != "42501" {
			t.Errorf("the login reads %s: %v", table, err)
		}
	}
}

func TestReadersGetTheChartsOfTheirRole(t *testing.T) {
	w := populate(t)
	every := []uuid.UUID{w.own, w.reviewed, w.closed}
	for name, c := range map[string]struct {
		ctx  context.Context
		want []uuid.UUID
	}{
		"founder":                {as("founder", north), every},
		"supervisor":             {as("supervisor", north), every},
		"crew member":            {asSubject("clinical", north, w.medic), []uuid.UUID{w.own}},
		"somebody else's login":  {asSubject("clinical", north, "medic-south"), nil},
		"same login, other side": {asSubject("clinical", south, w.medic), nil},
		"qa reviewer":            {as("qa", north), []uuid.UUID{w.reviewed}},
		"qa reviewer of south":   {as("qa", south), nil},
	} {
		list, err := w.Charts(c.ctx, store.Filter{}, nil, 10)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []uuid.UUID
		for _, x := range list {
			got = append(got, x.ID)
		}
		if !sameSet(got, c.want) {
			t.Errorf("%s lists %v, want %v", name, got, c.want)
		}
		for _, id := range append(every, w.other) {
			_, chartErr := w.Chart(c.ctx, id)
			_, docErr := w.Document(c.ctx, id, 0)
			if visible := slices.Contains(c.want, id); visible != (chartErr == nil) || visible != (docErr == nil) {
				t.Errorf("%s reads %v: chart %v, document %v", name, id, chartErr, docErr)
			} else if !visible && (errs.Reason(chartErr) != store.ReasonNotFound || errs.Reason(docErr) != store.ReasonNotFound) {
				t.Errorf("%s: another's chart is %v, %v; want not found", name, chartErr, docErr)
			}
		}
	}
	list, err := w.Charts(as("cross", 0), store.Filter{}, nil, 10)
	if err != nil || len(list) != 5 {
		t.Errorf("across agencies: %d charts, %v; want 5", len(list), err)
	}
	for _, group := range []string{"agency", "peer", "billing", "compliance", "ai", "integration"} {
		if _, err := w.Charts(as(group, north), store.Filter{}, nil, 10); !errs.IsKind(err, errs.Denied) {
			t.Errorf("%s lists charts: %v", group, err)
		}
		if _, err := w.Chart(as(group, north), w.own); !errs.IsKind(err, errs.Denied) {
			t.Errorf("%s reads a chart: %v", group, err)
		}
	}
}

func sameSet(a, b []uuid.UUID) bool {
	key := func(list []uuid.UUID) []string {
		out := make([]string, len(list))
		for i, id := range list {
			out[i] = id.String()
		}
		slices.Sort(out)
		return out
	}
	return slices.Equal(key(a), key(b))
}

// A correction that takes a crew member off the chart takes the chart from them, its earlier versions included.
func TestOwnChartsFollowTheCurrentVersion(t *testing.T) {
	w := populate(t)
	ctx := asSubject("clinical", north, w.medic)
	if _, err := w.Chart(ctx, w.own); err != nil {
		t.Fatal(err)
	}
	got := w.putOne(t, north, demo(t)[north]["stemi"].XML)
	if got.ChartID != w.own || got.Version != 2 {
		t.Fatalf("correction = %+v", got.Stored)
	}
	if _, err := w.Chart(ctx, w.own); errs.Reason(err) != store.ReasonNotFound {
		t.Errorf("after the correction: %v", err)
	}
	if _, err := w.Document(ctx, w.own, 1); errs.Reason(err) != store.ReasonNotFound {
		t.Errorf("the earlier version after the correction: %v", err)
	}
}

// Who may see one of two reports gets the document with this one only.
func TestDocumentOfSeveralPatientsIsCut(t *testing.T) {
	w := populate(t)
	charts := demo(t)[north]
	mine := replace(t, charts["opioid"].XML, "<eCrew.01>N", "<eCrew.01>Q")
	both := merge(t, mine, charts["dialysis"].XML)
	got := w.put(t, north, both)
	if _, err := w.SetPersonnel(as("agency", north), north, w.medic, got[0].CrewIDs()); err != nil {
		t.Fatal(err)
	}
	ctx := asSubject("clinical", north, w.medic)
	doc, err := w.Document(ctx, got[0].ChartID, 0)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(doc, []byte(charts["opioid"].PCRNumber)) || bytes.Contains(doc, []byte(charts["dialysis"].PCRNumber)) {
		t.Error("the crew of one report was given the other one")
	}
	if again := w.putOne(t, north, doc); again.Changed || again.ChartID != got[0].ChartID {
		t.Errorf("the cut document says something else than the report: %+v", again.Stored)
	}
	if _, err := w.Document(ctx, got[1].ChartID, 0); errs.Reason(err) != store.ReasonNotFound {
		t.Errorf("the other report: %v", err)
	}
}

func TestReviewEventsInAnyOrder(t *testing.T) {
	w := populate(t)
	ctx := as("qa", north)
	visible := func() bool {
		_, err := w.Chart(ctx, w.own)
		return err == nil
	}
	one, two := uuid.New(), uuid.New()
	steps := []struct {
		r    store.Review
		want bool
	}{
		{store.Review{ChartID: w.own, CaseID: one, Open: true, Time: time.Unix(10, 0)}, true},
		{store.Review{ChartID: w.own, CaseID: two, Open: true, Time: time.Unix(11, 0)}, true},
		{store.Review{ChartID: w.own, CaseID: one, Open: false, Time: time.Unix(20, 0)}, true},
		{store.Review{ChartID: w.own, CaseID: two, Open: false, Time: time.Unix(21, 0)}, false},
		{store.Review{ChartID: w.own, CaseID: two, Open: true, Time: time.Unix(11, 0)}, false}, // late
		{store.Review{ChartID: w.own, CaseID: two, Open: true, Time: time.Unix(30, 0)}, true},
	}
	for i, s := range steps {
		w.review(t, north, s.r)
		if got := visible(); got != s.want {
			t.Errorf("step %d: visible = %v, want %v", i, got, s.want)
		}
	}
}

func TestFactsForServices(t *testing.T) {
	w := populate(t)
	system := func(agency int64) context.Context {
		return identity.With(context.Background(), identity.ForService("qa", agency))
	}
	incident, facts, err := w.Facts(system(north), w.own, 1)
	if err != nil || incident == "" || facts.GetTimes()["eTimes.03"].GetValue() == "" {
		t.Errorf("facts = %q, %v, %v", incident, facts, err)
	}
	for name, f := range map[string]func() error{
		"other agency":   func() error { _, _, err := w.Facts(system(south), w.own, 1); return err },
		"other version":  func() error { _, _, err := w.Facts(system(north), w.own, 2); return err },
		"no such chart":  func() error { _, _, err := w.Facts(system(north), uuid.New(), 1); return err },
		"chart of south": func() error { _, _, err := w.Facts(system(north), w.other, 1); return err },
	} {
		if err := f(); errs.Reason(err) != store.ReasonNotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := w.Document(system(north), w.own, 0); !errs.IsKind(err, errs.Denied) {
		t.Errorf("a service reads a document: %v", err)
	}
}
