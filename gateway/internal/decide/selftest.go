package decide

import (
	"context"
	"fmt"
	"time"

	"github.com/fusionems/quantum/pkg/authz"
	"github.com/fusionems/quantum/pkg/identity"
)

// selfTest asks what must hold for any data: nobody gets in without a role, with a scope only, to an unknown method, or as a
// service; and every method that people may call lets somebody in.
func (p *Policy) selfTest(ctx context.Context) error {
	now := time.Unix(1_800_000_000, 0)
	for _, method := range p.rules.Methods() {
		rule, _ := p.rules.Rule(method)
		human := identity.Principal{Subject: "x", Actor: identity.Human, ACR: "2", AuthTime: now, AgencyID: 1, Scopes: rule.GetScopes()}
		service := identity.ForService("qa", 1)
		service.Scopes = rule.GetScopes()
		weak := human
		weak.ACR, weak.Roles = "1", []string{"founder"}
		for name, who := range map[string]identity.Principal{"nobody": {}, "human without a role": human, "service": service, "human without a second factor": weak} {
			d, err := p.Evaluate(ctx, Request{Method: method, Principal: &who, Now: now})
			if err != nil {
				return err
			}
			if d.Allowed || d.Reason == "" {
				return fmt.Errorf("decide: self-test: %s may call %s", name, method)
			}
		}
	}
	founder := identity.Principal{Subject: "x", Actor: identity.Human, ACR: "2", AuthTime: now, AgencyID: 1, Roles: []string{"founder"}, Scopes: p.rules.ScopesOf([]string{"founder"})}
	d, err := p.Evaluate(ctx, Request{Method: "/fleet.x.v1.X/Y", Principal: &founder, Now: now})
	if err != nil {
		return err
	}
	if d.Allowed || d.Reason != authz.ReasonMethodUnknown {
		return fmt.Errorf("decide: self-test: an unknown method answers %+v", d)
	}
	return nil
}
