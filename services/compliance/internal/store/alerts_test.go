package store_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/pkg/clock"
	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/policy"
	"github.com/fusionems/quantum/pkg/testkit/pg"
	"github.com/fusionems/quantum/services/compliance/internal/alert"
	"github.com/fusionems/quantum/services/compliance/internal/dea"
	"github.com/fusionems/quantum/services/compliance/internal/record"
	"github.com/fusionems/quantum/services/compliance/internal/store"
)

type fixed[T any] struct{ rules T }

func (f fixed[T]) Active(context.Context, *db.Tx) (T, policy.Ref, error) {
	return f.rules, policy.Ref{}, nil
}

func open(t *testing.T) (*store.Store, *clock.Fake, *pg.Database) {
	t.Helper()
	d, raw := pg.Open(t, service())
	c := clock.NewFake(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	return store.Open(d, store.Policies{
		Rules:  fixed[record.Rules]{record.Rules{ExpiringWithinDays: 90}},
		Alerts: fixed[record.AlertRules]{record.AlertRules{DaysBefore: []int{90, 60, 30, 7, 0}, VerificationMaxAgeDays: 365, MaxGrantDays: 90}},
	}, c), c, raw
}

func system(agency int64) context.Context {
	return identity.With(context.Background(), identity.ForService("compliance", agency))
}

func day(s string) *time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return &t
}

func registration(number, expires string) dea.Registration {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	return dea.Registration{
		Head:           record.Head{ID: uuid.Must(uuid.NewV7()), Revision: 1, CreateTime: now, UpdateTime: now},
		RegistrantName: "Prairie EMS", Number: number, Schedules: []string{"II"}, State: "WI", IssueDate: day("2020-01-01"), ExpirationDate: day(expires),
	}
}

func request() record.Request { return record.Request{ID: uuid.New(), Digest: []byte{1}} }

// The whole life of an alert, day by day, in two agencies of which each sees its own.
func TestTheLifeOfAnAlert(t *testing.T) {
	s, c, raw := open(t)
	su := raw.Superuser(t)
	var records []dea.Registration
	for _, agency := range []int64{agencyA, agencyB} {
		r, err := s.Registrations().Insert(as("compliance", agency), registration("AB1234563", "2026-05-31"), request()) // 91 days left
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, r)
	}
	events := func() (n int) {
		if err := su.QueryRow(t.Context(), "SELECT count(*) FROM compliance.outbox WHERE nats_subject LIKE 'compliance.alert.raised%'").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	sweep := func() {
		t.Helper()
		for _, agency := range []int64{agencyA, agencyB} {
			for range 2 { // a second time changes nothing
				if err := s.RaiseAlerts(system(agency)); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	only := func(agency int64) alert.Alert {
		t.Helper()
		list, err := s.ListAlerts(as("compliance", agency), dea.Workspace, true, nil, 10)
		if err != nil || len(list) != 1 || list[0].AgencyID != agency {
			t.Fatalf("alerts of %d: %v, %v", agency, list, err)
		}
		return list[0]
	}
	sweep()
	if n := events(); n != 0 {
		t.Errorf("91 days left: %d told", n)
	}
	told := 0
	for _, step := range []struct{ move, threshold int }{{1, 90}, {20, 90}, {10, 60}, {30, 30}, {23, 7}, {7, 0}, {5, 0}} {
		c.Add(time.Duration(step.move) * 24 * time.Hour)
		before := only2(s, agencyA)
		sweep()
		if a := only(agencyA); int(a.ThresholdDays) != step.threshold || a.State != alert.Open {
			t.Errorf("on %s: %+v", c.Now().Format(time.DateOnly), a)
		} else if before != a.ThresholdDays {
			told += 2
		}
		if events() != told {
			t.Errorf("on %s: %d told, want %d", c.Now().Format(time.DateOnly), events(), told)
		}
	}
	if told != 10 {
		t.Errorf("%d told over five thresholds in two agencies", told)
	}
	renewed := records[0]
	renewed.ExpirationDate, renewed.UpdateTime = day("2029-05-31"), c.Now()
	if _, err := s.Registrations().Update(as("compliance", agencyA), renewed); err != nil {
		t.Fatal(err)
	}
	if a := only(agencyA); a.State != alert.Resolved {
		t.Errorf("after the renewal: %+v", a)
	}
	if a := only(agencyB); a.State != alert.Open {
		t.Errorf("another agency's renewal: %+v", a)
	}
	if open, err := s.ListAlerts(as("compliance", agencyA), dea.Workspace, false, nil, 10); err != nil || len(open) != 0 {
		t.Errorf("open ones: %v, %v", open, err)
	}
}

// only2 is the threshold of the one alert, -1 without one.
func only2(s *store.Store, agency int64) int32 {
	list, err := s.ListAlerts(as("compliance", agency), dea.Workspace, true, nil, 10)
	if err != nil || len(list) == 0 {
		return -1
	}
	return list[0].ThresholdDays
}

func TestAcknowledgedAndSnoozed(t *testing.T) {
	s, c, _ := open(t)
	ctx := as("compliance", agencyA)
	if _, err := s.Registrations().Insert(ctx, registration("AB1234563", "2026-04-30"), request()); err != nil { // 60 days left
		t.Fatal(err)
	}
	list, err := s.ListAlerts(ctx, dea.Workspace, false, nil, 10)
	if err != nil || len(list) != 1 || list[0].ThresholdDays != 60 {
		t.Fatalf("a date that is near when it is typed: %v, %v", list, err)
	}
	id := list[0].ID
	set := func(state alert.State, until *time.Time) {
		t.Helper()
		_, err := s.ChangeAlert(ctx, dea.Workspace, id, func(a alert.Alert) (alert.Alert, error) {
			a.State, a.SnoozeUntil, a.SnoozeReason, a.UpdateTime = state, until, "certificate in the post", c.Now()
			return a, nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	state := func() alert.State {
		t.Helper()
		if err := s.RaiseAlerts(system(agencyA)); err != nil {
			t.Fatal(err)
		}
		list, err := s.ListAlerts(ctx, dea.Workspace, true, nil, 10)
		if err != nil || len(list) != 1 {
			t.Fatalf("%v, %v", list, err)
		}
		return list[0].State
	}
	set(alert.Acknowledged, nil)
	if state() != alert.Acknowledged {
		t.Error("the next sweep forgot the acknowledgement")
	}
	c.Add(30 * 24 * time.Hour) // 30 left: the next threshold
	if state() != alert.Open {
		t.Error("the next threshold did not open it again")
	}
	set(alert.Snoozed, day("2026-04-25"))
	c.Add(24 * 24 * time.Hour) // 2026-04-24, past the threshold of 7
	if state() != alert.Snoozed {
		t.Error("a nearer threshold woke it")
	}
	c.Add(2 * 24 * time.Hour)
	if state() != alert.Open {
		t.Error("it slept past its day")
	}
	if _, err := s.ChangeAlert(as("compliance", agencyB), dea.Workspace, id, nil); errs.Reason(err) != alert.ReasonNotFound {
		t.Errorf("another agency's alert: %v", err)
	}
	if _, err := s.ChangeAlert(as("agency", agencyA), dea.Workspace, id, nil); errs.Reason(err) != alert.ReasonNotFound {
		t.Errorf("an administrator without a grant: %v", err)
	}
}

// The rule of the status is in Go and in SQL; the two say the same for every date around every edge.
func TestStatusInSQLIsStatusInGo(t *testing.T) {
	s, _, _ := open(t)
	ctx := as("compliance", agencyA)
	i := 0
	for _, issued := range []string{"2026-02-28", "2026-03-01", "2026-03-02", ""} {
		for _, ends := range []string{"2026-02-28", "2026-03-01", "2026-03-02", "2026-05-29", "2026-05-30", "2026-05-31", "2030-01-01"} {
			i++
			r := registration(fmt.Sprintf("AB%07d", i), ends)
			r.IssueDate = nil
			if issued == "" {
				r.ExpirationDate = nil
			} else if r.IssueDate = day(issued); r.IssueDate.After(*r.ExpirationDate) {
				continue
			}
			if _, err := s.Registrations().Insert(ctx, r, request()); err != nil {
				t.Fatal(err)
			}
		}
	}
	total := 0
	for _, status := range []record.Status{record.Active, record.Expiring, record.Expired, record.Pending, record.Retired} {
		list, err := s.Registrations().List(ctx, record.Query{Statuses: []string{string(status)}, Limit: 500})
		if err != nil {
			t.Fatal(err)
		}
		total += len(list)
		if i := slices.IndexFunc(list, func(r dea.Registration) bool { return r.Status != status }); i >= 0 {
			t.Errorf("SQL says %s, Go %s: %v", status, list[i].Status, list[i])
		}
	}
	all, err := s.Registrations().List(ctx, record.Query{Statuses: []string{"active", "expiring", "expired", "pending", "retired"}, Limit: 500})
	if err != nil || len(all) != total || total < 20 {
		t.Errorf("%d records, %d by status, %v", len(all), total, err)
	}
}
