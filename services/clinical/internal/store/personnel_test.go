package store_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/services/clinical/internal/store"
)

func TestCrewIDBelongsToOneLogin(t *testing.T) {
	f := open(t)
	admin := as("agency", north)
	set := func(subject string, ids ...string) error {
		_, err := f.SetPersonnel(admin, north, subject, ids)
		return err
	}
	if err := set("a", "P2", "P1"); err != nil {
		t.Fatal(err)
	}
	err := set("b", "P3", "P1")
	if e, ok := errs.As(err); !ok || e.Reason != store.ReasonCrewIDTaken || e.Kind != errs.AlreadyExists || len(e.Fields) != 1 {
		t.Fatalf("a taken crew id: %v", err)
	}
	// Another agency gives its ids as it likes.
	if _, err := f.SetPersonnel(as("agency", south), south, "b", []string{"P1"}); err != nil {
		t.Errorf("the other agency: %v", err)
	}
	if err := set("a", "P1", "P4"); err != nil {
		t.Errorf("replacing: %v", err)
	}
	if err := set("b", "P2", "P3"); err != nil {
		t.Errorf("an id that was given back: %v", err)
	}
	if err := set("a"); err != nil {
		t.Errorf("emptying: %v", err)
	}
	if err := set("c", "P1"); err != nil {
		t.Errorf("after emptying: %v", err)
	}
	list, err := f.Personnel(admin, north, "", 10)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(pick(list)); got != "[a[] b[P2 P3] c[P1]]" {
		t.Errorf("personnel = %s", got)
	}
	rest, err := f.Personnel(admin, north, "a", 1)
	if err != nil || fmt.Sprint(pick(rest)) != "[b[P2 P3]]" {
		t.Errorf("second page = %v, %v", rest, err)
	}
	for _, group := range []string{"clinical", "supervisor", "qa", "integration", "billing", "system"} {
		if _, err := f.SetPersonnel(as(group, north), north, "x", []string{"P9"}); !errs.IsKind(err, errs.Denied) {
			t.Errorf("%s sets crew ids: %v", group, err)
		}
	}
	if _, err := f.SetPersonnel(admin, south, "x", []string{"P9"}); !errs.IsKind(err, errs.Denied) {
		t.Errorf("an administrator of north writes for south: %v", err)
	}
}

func pick(list []store.Personnel) []string {
	out := make([]string, len(list))
	for i, p := range list {
		out[i] = p.Subject + fmt.Sprint(slices.Sorted(slices.Values(p.CrewIDs)))
	}
	return out
}
