package registry

import (
	"context"
	"strings"

	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/identity"
)

// NemsisIDs are the agency identifiers of a NEMSIS document.
type NemsisIDs struct {
	StateUniqueID string // dAgency.01
	Number        string // dAgency.02
	StateCode     string // dAgency.04
}

// Holder is an agency that has an identifier, in the state of the question or in another.
type Holder struct {
	AgencyID  int64
	SameState bool
}

// Resolve answers the agency that has these identifiers, 0 when none has. A document may mix identifiers of two agencies;
// the one that is not the agency it is asked for decides then, since that one must not get the document of another. An
// identifier that nobody has in the state of the document is looked for in the others: a document that names another
// agency under a wrong state names it all the same, while the asking agency under a wrong state is not registered so.
func (s *Service) Resolve(ctx context.Context, ids NemsisIDs) (int64, error) {
	ids.StateUniqueID = strings.TrimSpace(ids.StateUniqueID)
	ids.Number = strings.TrimSpace(ids.Number)
	ids.StateCode = strings.TrimSpace(ids.StateCode)
	if err := ids.validate(); err != nil {
		return 0, err
	}
	found, err := s.store.Resolve(ctx, ids)
	if err != nil {
		return 0, err
	}
	p, _ := identity.From(ctx)
	inState, elsewhere := choose(found, p.AgencyID, true), choose(found, p.AgencyID, false)
	if inState == 0 && elsewhere != p.AgencyID {
		return elsewhere, nil
	}
	return inState, nil
}

// choose answers who decides among the holders in the state, or in other states: in the state another than own, in others
// own, since numbers are given anew in every state.
func choose(found []Holder, own int64, sameState bool) (chosen int64) {
	for _, h := range found {
		if h.SameState != sameState {
			continue
		}
		if chosen == 0 || (h.AgencyID == own) != sameState {
			chosen = h.AgencyID
		}
	}
	return chosen
}

func (ids NemsisIDs) validate() error {
	var bad []errs.Field
	if !stateCode.MatchString(ids.StateCode) {
		bad = append(bad, errs.Field{Field: "stateCode", Rule: "nemsis.dAgency.04", Message: "an ANSI state code of two digits"})
	}
	if ids.StateUniqueID == "" && ids.Number == "" {
		bad = append(bad, errs.Field{Field: "stateUniqueId", Rule: "nemsis.dAgency.01", Message: "this or agencyNumber is needed"})
	}
	if len(bad) > 0 {
		return errs.New(errs.Invalid, ReasonInvalid, "these identifiers name no agency", errs.WithFields(bad...))
	}
	return nil
}
