package structure_test

import (
	"regexp"
	"testing"

	"github.com/fusionems/quantum/services/clinical/internal/nemsis/structure"
)

// TestCounts holds the table against the counts that the NEMSIS 3.5.1 data
// dictionary publishes for the EMS data set.
func TestCounts(t *testing.T) {
	usage := map[structure.Usage]int{}
	for i := range structure.Count() {
		usage[structure.Of(structure.ID(i)).Usage]++
	}
	if usage[structure.Mandatory] != 24 || usage[structure.Required] != 131 ||
		usage[structure.Recommended] != 61 || usage[structure.Optional] != 237 {
		t.Errorf("usages %v, want 24 mandatory, 131 required, 61 recommended, 237 optional", usage)
	}
}

func TestDocumentOrder(t *testing.T) {
	if structure.EDisposition27 > structure.EDisposition13 || structure.EDisposition27 < structure.EDisposition11 {
		t.Error("eDisposition.27 must stand between .11 and .13")
	}
	if structure.EPatient23 != structure.EPatient04+1 {
		t.Error("ePatient.23 must stand right after .04")
	}
}

func TestLookup(t *testing.T) {
	for i := range structure.Count() {
		id := structure.ID(i)
		if got, ok := structure.Lookup(structure.Of(id).Name); !ok || got != id {
			t.Errorf("%s is looked up as %v, %v", structure.Of(id).Name, got, ok)
		}
	}
	if _, ok := structure.Lookup("eTimes.99"); ok {
		t.Error("an element that does not exist is found")
	}
}

func TestTableIsWhole(t *testing.T) {
	for _, p := range structure.Patterns() {
		if _, err := regexp.Compile(p); err != nil {
			t.Error(err)
		}
	}
	for i := range structure.Count() {
		id := structure.ID(i)
		e := structure.Of(id)
		if e.HasValue() == (structure.TypeOf(e.Type).Name == "") {
			t.Errorf("%s holds a value: %v, type %q", e.Name, e.HasValue(), structure.TypeOf(e.Type).Name)
		}
		for _, c := range e.Children {
			if structure.Of(c).Parent != id {
				t.Errorf("%s is a child of %s but names another parent", structure.Of(c).Name, e.Name)
			}
		}
	}
	if s, ok := structure.Section(structure.EVitals06); !ok || s != structure.EVitals {
		t.Errorf("the section of eVitals.06 is %v, %v", s, ok)
	}
	if _, ok := structure.Section(structure.DAgency01); ok {
		t.Error("dAgency.01 is in no section of a report")
	}
}
