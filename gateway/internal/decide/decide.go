package decide

import (
	"context"
	"fmt"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/fusionems/quantum/pkg/authz"
)

// Decision is the answer of the policy.
type Decision struct {
	Allowed bool
	// Reason of a refusal, the same word that the services use.
	Reason string
	// Role and Scope under which the call is permitted, for the access record.
	Role, Scope string
}

// Policy decides. It is safe for concurrent use.
type Policy struct {
	allow, reason query
	rules         *authz.Table
	seen          *lru.Cache[key, Decision]
}

// cacheSize bounds the remembered decisions: about 200 B each.
const cacheSize = 65536

// New compiles the policy and asks it sample questions whose answers are known; a policy that answers one of them wrongly is
// not used.
func New(ctx context.Context, module, data []byte, rules *authz.Table) (*Policy, error) {
	p := &Policy{rules: rules}
	var err error
	if p.allow, err = prepare(ctx, allowQuery, module, data); err != nil {
		return nil, err
	}
	if p.reason, err = prepare(ctx, reasonQuery, module, data); err != nil {
		return nil, err
	}
	if p.seen, err = lru.New[key, Decision](cacheSize); err != nil {
		return nil, err
	}
	return p, p.selfTest(ctx)
}

// Decide answers from memory where the same question was asked under the same revision of the module registry.
func (p *Policy) Decide(ctx context.Context, r Request) (Decision, error) {
	rule, ok := p.rules.Rule(r.Method)
	if ok && rule.GetStepUp() {
		return p.Evaluate(ctx, r)
	}
	k := r.key()
	if d, ok := p.seen.Get(k); ok {
		return d, nil
	}
	d, err := p.Evaluate(ctx, r)
	if err == nil {
		p.seen.Add(k, d)
	}
	return d, err
}

// Evaluate asks the policy itself.
func (p *Policy) Evaluate(ctx context.Context, r Request) (Decision, error) {
	input := r.input()
	answer, err := p.allow.eval(ctx, input)
	if err != nil {
		return Decision{}, err
	}
	if allowed, ok := answer.(bool); ok && allowed {
		role, scope := p.standing(r)
		return Decision{Allowed: true, Role: role, Scope: scope}, nil
	}
	answer, err = p.reason.eval(ctx, input)
	if err != nil {
		return Decision{}, err
	}
	reason, ok := answer.(string)
	if !ok {
		return Decision{}, fmt.Errorf("decide: the reason is a %T", answer)
	}
	return Decision{Reason: reason}, nil
}

// standing names the role and scope of a permitted call, in the words in which the service will record it.
func (p *Policy) standing(r Request) (role, scope string) {
	g, err := p.rules.Authorize(authz.Caller{Service: "gateway", Principal: *r.Principal}, r.Method, r.Now)
	if err != nil {
		return "", ""
	}
	return g.Role, g.Scope
}
