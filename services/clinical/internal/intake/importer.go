package intake

import (
	"context"
	"errors"
	"fmt"

	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/services/clinical/internal/chart"
	"github.com/fusionems/quantum/services/clinical/internal/layout"
	"github.com/fusionems/quantum/services/clinical/internal/nemsis"
	"github.com/fusionems/quantum/services/clinical/internal/nemsis/structure"
)

// Reasons of refusals.
const (
	ReasonInvalid        = "NEMSIS_INVALID"
	ReasonAgencyMismatch = "NEMSIS_AGENCY_MISMATCH"
	ReasonTooLarge       = "DOCUMENT_TOO_LARGE"
)

// Charts stores documents.
type Charts interface {
	// Put stores all reports of a document in one transaction, and answers for each in the order of the document.
	Put(ctx context.Context, agencyID int64, doc *Document) ([]Stored, error)
}

// Importer imports documents.
type Importer struct {
	reader   *nemsis.Reader
	agencies Agencies
	charts   Charts
}

// New returns an importer.
func New(agencies Agencies, charts Charts) (*Importer, error) {
	reader, err := nemsis.NewReader()
	if err != nil {
		return nil, err
	}
	return &Importer{reader: reader, agencies: agencies, charts: charts}, nil
}

// Import stores the reports of a document for an agency.
func (i *Importer) Import(ctx context.Context, agencyID int64, data []byte) ([]Imported, error) {
	read, err := i.reader.Read(data)
	if err != nil {
		return nil, refusal(err)
	}
	remarks, err := checkAgencies(ctx, i.agencies, agencyID, read)
	if err != nil {
		return nil, err
	}
	doc, err := prepare(read, data, remarks)
	if err != nil {
		return nil, err
	}
	stored, err := i.charts.Put(ctx, agencyID, doc)
	if err != nil {
		return nil, err
	}
	out := make([]Imported, len(doc.Reports))
	for n := range doc.Reports {
		out[n] = Imported{&doc.Reports[n], stored[n]}
	}
	return out, nil
}

// refusal says to the sender what is wrong with the document.
func refusal(err error) error {
	var invalid *nemsis.Invalid
	if !errors.As(err, &invalid) {
		return err
	}
	if invalid.TooLarge() {
		return errs.New(errs.TooLarge, ReasonTooLarge, invalid.Violations[0].Message)
	}
	fields := make([]errs.Field, len(invalid.Violations))
	for n, v := range invalid.Violations {
		fields[n] = errs.Field{Field: placeOf(v), Rule: v.Rule, Message: v.Message, Line: v.Line}
	}
	message := "the document is not a valid NEMSIS EMSDataSet; nothing was stored"
	if invalid.Truncated {
		message = fmt.Sprintf("%s; only the first %d faults are listed", message, len(fields))
	}
	return errs.New(errs.Invalid, ReasonInvalid, message, errs.WithFields(fields...))
}

func placeOf(v nemsis.Violation) string {
	switch {
	case v.Path != "":
		return v.Path
	case v.Element != "":
		return v.Element
	default:
		return "document"
	}
}

func prepare(read *nemsis.Document, data []byte, remarks []remark) (*Document, error) {
	doc := &Document{Original: data}
	for h, header := range read.Headers {
		for r, report := range header.Reports {
			doc.Reports = append(doc.Reports, Report{
				Index:         len(doc.Reports),
				Line:          report.Line(),
				ContentHash:   report.ContentHash,
				NEMSISVersion: read.Version,
				Facts:         chart.Extract(header.Agency, report, read.Version),
				Presence:      presence(report),
				Findings:      findingsOf(read, remarks, h, r),
			})
		}
	}
	if len(doc.Reports) > 1 {
		l, err := layout.Of(data)
		if err != nil {
			return nil, err
		}
		if l.Count() != len(doc.Reports) {
			return nil, fmt.Errorf("intake: the layout has %d reports, the document %d", l.Count(), len(doc.Reports))
		}
		doc.Layout = l
	}
	return doc, nil
}

// presence looks at the demographics that a claim needs. The city (ePatient.06) is not among them: it is optional in NEMSIS,
// a code and not a name where it is given, and the ZIP code tells it.
func presence(r nemsis.Report) Presence {
	has := func(ids ...structure.ID) bool {
		for _, id := range ids {
			if r.First(id).Value() == "" {
				return false
			}
		}
		return true
	}
	return Presence{
		Name:      has(structure.EPatient02, structure.EPatient03),
		BirthDate: has(structure.EPatient17),
		Address:   has(structure.EPatient05, structure.EPatient08, structure.EPatient09),
		Sex:       has(structure.EPatient25) || has(structure.EPatient13),
	}
}
