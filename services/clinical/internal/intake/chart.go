package intake

import (
	"time"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/services/clinical/internal/chart"
	"github.com/fusionems/quantum/services/clinical/internal/layout"
)

// Finding is a remark about an accepted document. It never holds a value of the document.
type Finding struct {
	Element string `json:"element,omitempty"`
	Line    int    `json:"line,omitempty"`
	Rule    string `json:"rule"`
	Message string `json:"message"`
}

// Document is an accepted document with what is kept of each report.
type Document struct {
	Original []byte
	// Layout is nil when the document holds one report.
	Layout  *layout.Layout
	Reports []Report
}

// Report is one patient-care report of a document.
type Report struct {
	// Index counts the reports of the document from 0.
	Index int
	// Line is where the report begins in the document.
	Line          int
	ContentHash   [32]byte
	NEMSISVersion string
	Facts         *chart.Facts
	Presence      Presence
	Findings      []Finding
}

// Presence says which demographics a claim needs are in the report, never what they are.
type Presence struct {
	Name, BirthDate, Address, Sex bool
}

// IncidentNumber is eResponse.03, empty when there is none.
func (r *Report) IncidentNumber() string { return valueOf(r.Facts.Response.IncidentNumber) }

// UnitCallSign is eResponse.14.
func (r *Report) UnitCallSign() string { return valueOf(r.Facts.Response.CallSign) }

// UnitNotified is eTimes.03, nil when there is none.
func (r *Report) UnitNotified() *time.Time {
	if t, ok := r.Facts.Times.UnitNotified.Get(); ok {
		return &t
	}
	return nil
}

// CrewIDs are the values of eCrew.01, each once.
func (r *Report) CrewIDs() []string {
	var ids []string
	seen := map[string]bool{}
	for _, m := range r.Facts.Crew {
		if id := valueOf(m.ID); id != "" && !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	return ids
}

func valueOf(c chart.Code) string {
	v, _ := c.Get()
	return v
}

// Stored is what became of a report.
type Stored struct {
	ChartID    uuid.UUID
	Version    int32
	ImportTime time.Time
	// Changed is false for a report that was stored already as it is.
	Changed bool
	// Findings are those of the report and what the store noted.
	Findings []Finding
}

// UUIDChanged is noted when a report replaces one of the same number that had another UUID. The number is the key (it is
// to be unique in the agency for all time, and not every product keeps its UUIDs), so somebody should look.
func (r *Report) UUIDChanged() Finding {
	return Finding{
		Element: "eRecord.01", Line: r.Line, Rule: "nemsis.pcr.uuid_changed",
		Message: "an earlier report with this number has another UUID; if they are two reports, give one of them its own eRecord.01",
	}
}

// Imported is a report together with what became of it.
type Imported struct {
	*Report
	Stored
}
