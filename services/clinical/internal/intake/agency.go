package intake

import (
	"context"
	"strings"

	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/services/clinical/internal/nemsis"
	"github.com/fusionems/quantum/services/clinical/internal/nemsis/structure"
)

// Identifier is one NEMSIS identifier of an agency: its unique state id (dAgency.01) or its number (dAgency.02), in the
// state (dAgency.04) that gave it.
type Identifier struct {
	StateUniqueID string
	Number        string
	State         string
}

// Agencies knows whose an identifier is.
type Agencies interface {
	// Owner returns the agency of the fleet that has the identifier, 0 when none has.
	Owner(ctx context.Context, id Identifier) (int64, error)
}

const (
	ruleMismatch     = "nemsis.agency.mismatch"
	ruleUnregistered = "nemsis.agency.unregistered"
)

// claim is an identifier with the place where the document makes it.
type claim struct {
	Identifier
	element nemsis.Element
	header  int
	report  int // every when the whole header makes it
}

const every = -1

// remark is a finding with the reports it is about.
type remark struct {
	Finding
	header, report int
}

// checkAgencies asks for every identifier on its own: a document that mixes the identifiers of two agencies must not pass
// as that of either.
func checkAgencies(ctx context.Context, agencies Agencies, agencyID int64, doc *nemsis.Document) ([]remark, error) {
	owners := map[Identifier]int64{}
	var remarks []remark
	for _, c := range claims(doc) {
		owner, asked := owners[c.Identifier]
		if !asked {
			var err error
			if owner, err = ownerOf(ctx, agencies, c.Identifier); err != nil {
				return nil, err
			}
			owners[c.Identifier] = owner
		}
		switch owner {
		case agencyID:
		case 0:
			remarks = append(remarks, remark{Finding{
				Element: c.element.Name(), Line: c.element.Line(), Rule: ruleUnregistered,
				Message: c.element.Name() + " is not an identifier of any agency of the fleet; register it or correct it",
			}, c.header, c.report})
		default:
			return nil, mismatch(c)
		}
	}
	return remarks, nil
}

// ownerOf does not ask about blanks, which the schema lets pass as identifiers.
func ownerOf(ctx context.Context, agencies Agencies, id Identifier) (int64, error) {
	if strings.TrimSpace(id.StateUniqueID+id.Number) == "" {
		return 0, nil
	}
	return agencies.Owner(ctx, id)
}

// mismatch does not say whose the identifier is.
func mismatch(c claim) error {
	return errs.New(errs.Denied, ReasonAgencyMismatch,
		"the document names an agency that is not yours; nothing was stored",
		errs.WithFields(errs.Field{
			Field: c.element.Name(), Rule: ruleMismatch, Line: c.element.Line(),
			Message: c.element.Name() + " must be an identifier of the agency that sends the document",
		}))
}

func claims(doc *nemsis.Document) []claim {
	var out []claim
	for h, header := range doc.Headers {
		a := header.Agency
		if a.UniqueID != "" {
			out = append(out, claim{Identifier{StateUniqueID: a.UniqueID, State: a.State}, a.Element.First(structure.DAgency01), h, every})
		}
		if a.Number != "" {
			out = append(out, claim{Identifier{Number: a.Number, State: a.State}, a.Element.First(structure.DAgency02), h, every})
		}
		for r, report := range header.Reports {
			e := report.First(structure.EResponse01)
			if v := e.Value(); v != "" && v != a.Number {
				out = append(out, claim{Identifier{Number: v, State: a.State}, e, h, r})
			}
		}
	}
	return out
}
