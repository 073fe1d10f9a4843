package importbench_test

import (
	"testing"
	"time"

	"github.com/fusionems/quantum/pkg/testkit/ratio"
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
	b, err := importbench.New(docs)
	if err != nil {
		t.Fatal(err)
	}
	f, err := ratio.Figure{Name: "chart import / token loop of encoding/xml", Unit: "MB/s", Least: 0.4}.Compare(t.Context(), b.Import, b.TokenLoop)
	if err != nil {
		t.Fatal(err)
	}
	if err := ratio.Write(t.Output(), f); err != nil {
		t.Fatal(err)
	}
	if !f.Met() {
		t.Errorf("the import is %.2f times as fast as the token loop, the budget is %.2f", ratio.Median(f.PerRound()), f.Least)
	}
	if _, err := importbench.New([][]byte{[]byte("<a/>")}); err == nil {
		t.Error("a document that is refused is measured")
	}
}
