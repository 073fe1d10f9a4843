package importbench_test

import (
	"testing"
	"time"

	"github.com/fusionems/quantum/services/clinical/democharts"
	"github.com/fusionems/quantum/services/clinical/importbench"
)

// TestBudget holds the import to its budget: at least 0.4 times as fast as the
// bare token loop.
func TestBudget(t *testing.T) {
	charts, err := democharts.Generate(democharts.Config{
		Seed: 1, Base: time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC),
		Agencies: []democharts.Agency{{UniqueID: "DEMO-A", Number: "4701", State: "55", County: "55025", ZIP: "53703",
			Crew:  []democharts.Medic{{ID: "A-1", Level: democharts.Paramedic}, {ID: "A-2", Level: democharts.EMT}},
			Units: []string{"M1"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var docs [][]byte
	for _, c := range charts {
		docs = append(docs, c.XML)
	}
	r, err := importbench.Measure(docs, 15)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("import %v, token loop %v, %d bytes: %.2f times as fast", r.Import, r.TokenLoop, r.Bytes, r.Speed())
	if r.Speed() < 0.4 {
		t.Errorf("the import is %.2f times as fast as the token loop, the budget is 0.4", r.Speed())
	}
	if _, err := importbench.Measure([][]byte{[]byte("<a/>")}, 1); err == nil {
		t.Error("a document that is refused is measured")
	}
}
