package rpc_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/page"
	agencyv1 "github.com/fusionems/quantum/proto/gen/go/fleet/agency/v1"
)

// person is somebody who is signed in.
func person(agency int64, subject, login string, roles ...string) context.Context {
	return as(identity.Principal{Subject: subject, Name: login, Actor: identity.Human, Roles: roles, ActingRole: roles[0], AgencyID: agency})
}

// here asks until the person is written down: one call does not wait long for that, and leaves it to the next.
func (w *world) here(t *testing.T, ctx context.Context) {
	t.Helper()
	for range 50 {
		logged := w.log.Len()
		w.asks(t, ctx)
		if w.log.Len() == logged {
			return
		}
	}
	t.Fatalf("never written down: %s", w.log)
}

func (w *world) asks(t *testing.T, ctx context.Context) {
	t.Helper()
	if me, err := w.me.GetMe(ctx, &agencyv1.GetMeRequest{}); err != nil || me.GetSubject() == "" {
		t.Fatalf("me: %v, %v", me, err)
	}
}

func (w *world) listed(t *testing.T, agency int64, role string) []*agencyv1.Person {
	t.Helper()
	got, err := w.people.ListPeople(member("agency_administrator", agency), &agencyv1.ListPeopleRequest{Role: role})
	if err != nil || got.GetNextPageToken() != "" {
		t.Fatalf("people of %d: %v, %v", agency, got, err)
	}
	return got.GetPeople()
}

func TestWhoAsksWhoTheyAreIsInTheDirectory(t *testing.T) {
	w := newWorld(t)
	for _, agency := range []int64{w.a, w.b} {
		w.here(t, person(agency, "s2", fmt.Sprintf("rivera-%d", agency), "clinical_staff", "qa_reviewer"))
		w.here(t, person(agency, "s1", fmt.Sprintf("stone-%d", agency), "agency_administrator"))
	}
	for _, agency := range []int64{w.a, w.b} {
		list := w.listed(t, agency, "")
		if len(list) != 2 || list[0].GetLogin() != fmt.Sprintf("rivera-%d", agency) || list[0].GetSubject() != "s2" || list[1].GetSubject() != "s1" ||
			list[0].GetAgencyId() != agency || !slices.Equal(list[0].GetRoles(), []string{"clinical_staff", "qa_reviewer"}) ||
			!list[0].GetFirstSeenTime().AsTime().Equal(w.clock.t) || !list[0].GetLastSeenTime().AsTime().Equal(w.clock.t.Truncate(time.Hour)) {
			t.Errorf("people of %d: %v", agency, list)
		}
		if list := w.listed(t, agency, "qa_reviewer"); len(list) != 1 || list[0].GetSubject() != "s2" {
			t.Errorf("reviewers of %d: %v", agency, list)
		}
		if list := w.listed(t, agency, "medical_director"); len(list) != 0 {
			t.Errorf("directors of %d: %v", agency, list)
		}
	}
}

func TestOnlyPeopleOfTheAgencyAreInTheDirectory(t *testing.T) {
	w := newWorld(t)
	w.here(t, as(identity.Principal{Subject: "f", Name: "founder", Actor: identity.Human, Roles: []string{"founder"}, ActingRole: "founder", AgencyID: w.a}))
	w.here(t, as(identity.Principal{Subject: "f", Name: "founder", Actor: identity.Human, Roles: []string{"founder"}, ActingRole: "founder", CrossAgency: true, AccessReason: "review"}))
	w.here(t, as(identity.Principal{Subject: "i", Name: "epcr", Actor: identity.Integration, Roles: []string{"integration"}, ActingRole: "integration", AgencyID: w.a}))
	w.here(t, as(identity.Principal{Subject: "m", Name: "agent", Actor: identity.AI, Roles: []string{"qa_reviewer"}, ActingRole: "qa_reviewer", AgencyID: w.a}))
	w.here(t, person(4711, "s", "stranger", "clinical_staff"))
	if list := w.listed(t, w.a, ""); len(list) != 0 {
		t.Errorf("people: %v", list)
	}
	if list := w.listed(t, w.b, ""); len(list) != 0 {
		t.Errorf("people of the other: %v", list)
	}
	if w.log.Len() != 0 {
		t.Errorf("logged: %s", w.log)
	}
}

// A person is written down once an hour, however often they ask and with whatever token.
func TestAPersonIsWrittenOnceAnHour(t *testing.T) {
	w := newWorld(t)
	w.here(t, person(w.b, "s", "other", "clinical_staff"))
	w.here(t, person(w.a, "s", "first", "clinical_staff"))
	w.here(t, person(w.a, "s", "second", "clinical_staff"))
	w.clock.t = w.clock.t.Add(20 * time.Minute)
	w.here(t, person(w.a, "s", "third", "clinical_staff"))
	if list := w.listed(t, w.a, ""); len(list) != 1 || list[0].GetLogin() != "first" {
		t.Fatalf("within the hour: %v", list)
	}
	first := w.listed(t, w.a, "")[0].GetFirstSeenTime().AsTime()
	w.clock.t = w.clock.t.Add(20 * time.Minute)
	w.here(t, person(w.a, "s", "renamed", "clinical_supervisor"))
	list := w.listed(t, w.a, "")
	if len(list) != 1 || list[0].GetLogin() != "renamed" || !slices.Equal(list[0].GetRoles(), []string{"clinical_supervisor"}) ||
		!list[0].GetFirstSeenTime().AsTime().Equal(first) || !list[0].GetLastSeenTime().AsTime().Equal(w.clock.t.Truncate(time.Hour)) {
		t.Errorf("in the next hour: %v", list)
	}
	if list := w.listed(t, w.b, ""); len(list) != 1 || list[0].GetLogin() != "other" {
		t.Errorf("the other agency: %v", list)
	}
}

func TestWhoCannotBeWrittenDownIsAnsweredAllTheSame(t *testing.T) {
	w := newWorld(t)
	su := w.pg.Superuser(t)
	if _, err := su.Exec(t.Context(), "REVOKE INSERT ON agency.person FROM agency_system"); err != nil {
		t.Fatal(err)
	}
	w.asks(t, person(w.a, "subject-7", "rivera", "clinical_staff"))
	if line := w.log.String(); !strings.Contains(line, "WARN") || strings.Contains(line, "rivera") || strings.Contains(line, "subject-7") {
		t.Errorf("logged: %s", line)
	}
	if _, err := su.Exec(t.Context(), "GRANT INSERT ON agency.person TO agency_system"); err != nil {
		t.Fatal(err)
	}
	w.here(t, person(w.a, "subject-7", "rivera", "clinical_staff"))
	if list := w.listed(t, w.a, ""); len(list) != 1 {
		t.Errorf("asked again: %v", list)
	}
	// A table that somebody holds costs the caller no more than a moment.
	held, err := su.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer held.Rollback(context.Background()) //nolint:errcheck // it held and changed nothing
	if _, err := held.Exec(t.Context(), "LOCK TABLE agency.person"); err != nil {
		t.Fatal(err)
	}
	// The lock is held until this test ends, so an answer at all shows that nobody waited for it.
	ctx, cancel := context.WithTimeout(person(w.a, "subject-8", "stone", "clinical_staff"), time.Minute)
	defer cancel()
	w.asks(t, ctx)
}

func TestPeopleArePaged(t *testing.T) {
	w := newWorld(t)
	for i := range 5 {
		// Two of them share a login.
		w.here(t, person(w.a, fmt.Sprintf("s%d", i), fmt.Sprintf("login-%d", i/2), "clinical_staff"))
		w.here(t, person(w.b, fmt.Sprintf("t%d", i), fmt.Sprintf("login-%d", i), "clinical_staff"))
	}
	admin := member("agency_administrator", w.a)
	var seen []string
	token := ""
	for {
		got, err := w.people.ListPeople(admin, &agencyv1.ListPeopleRequest{PageSize: 2, PageToken: token})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range got.GetPeople() {
			seen = append(seen, p.GetSubject())
		}
		if token = got.GetNextPageToken(); token == "" {
			break
		}
		_, err = w.people.ListPeople(member("agency_administrator", w.b), &agencyv1.ListPeopleRequest{PageSize: 2, PageToken: token})
		wantReason(t, err, errs.Invalid, page.ReasonTokenInvalid)
		_, err = w.people.ListPeople(admin, &agencyv1.ListPeopleRequest{PageSize: 2, PageToken: token, Role: "clinical_staff"})
		wantReason(t, err, errs.Invalid, page.ReasonTokenInvalid)
	}
	if !slices.Equal(seen, []string{"s0", "s1", "s2", "s3", "s4"}) {
		t.Errorf("seen %v", seen)
	}
}
