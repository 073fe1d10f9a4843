package rpc

import (
	"context"

	compliancev1 "github.com/fusionems/quantum/proto/gen/go/fleet/compliance/v1"
	"github.com/fusionems/quantum/services/compliance/internal/cms"
)

// GetCmsReadiness answers the list of checks.
func (s *Cms) GetCmsReadiness(ctx context.Context, _ *compliancev1.GetCmsReadinessRequest) (*compliancev1.CmsReadiness, error) {
	r, err := s.Store.Readiness(ctx)
	if err != nil {
		return nil, err
	}
	now := s.Clock.Now().UTC()
	out := &compliancev1.CmsReadiness{Overall: compliancev1.CmsReadiness_Verdict(r.Overall), CheckDate: dateTo(&now)} //nolint:gosec // a code
	for _, c := range r.Checks {
		out.Checks = append(out.Checks, checkTo(c))
	}
	return out, nil
}

func checkTo(c cms.Check) *compliancev1.ReadinessCheck {
	return &compliancev1.ReadinessCheck{
		Check: c.Name, Record: c.Record, Verdict: compliancev1.CmsReadiness_Verdict(c.Verdict), //nolint:gosec // a code
		EvidenceField: c.Evidence, Action: c.Action, Required: c.Required,
	}
}
