package decide

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/fusionems/quantum/pkg/identity"
)

// Request is what is asked: may this caller reach this method.
type Request struct {
	// Method is the full gRPC method, e.g. "/fleet.qa.v1.CaseService/GetCase".
	Method string
	// Principal is the caller with the agency that the request works on.
	Principal *identity.Principal
	// Authority stands for everything of the principal that comes from the token: two principals with the same authority
	// differ at most in agency, crossing and reason.
	Authority [16]byte
	// Disabled are the modules that are off for the agency, at this revision of the registry.
	Disabled map[string]bool
	Revision int64
	Now      time.Time
}

// key holds every input that the policy reads, except the time of the last second factor: a method that looks at it is
// decided anew each time.
type key struct {
	method    string
	authority [16]byte
	agency    int64
	revision  int64
	cross     bool
	reason    bool
}

func (r *Request) key() key {
	p := r.Principal
	return key{
		method: r.Method, authority: r.Authority, agency: p.AgencyID, revision: r.Revision,
		cross: p.CrossAgency, reason: p.AccessReason != "",
	}
}

// input is built from terms, not from Go maps: turning maps into terms costs as much as the decision.
func (r *Request) input() ast.Value {
	p := r.Principal
	return ast.NewObject(
		pair("method", ast.StringTerm(r.Method)),
		pair("actor", ast.StringTerm(string(p.Actor))),
		pair("acr", ast.StringTerm(p.ACR)),
		pair("roles", set(p.Roles)),
		pair("scopes", set(p.Scopes)),
		pair("agency_id", integer(p.AgencyID)),
		pair("cross_agency", ast.BooleanTerm(p.CrossAgency)),
		pair("access_reason", ast.BooleanTerm(p.AccessReason != "")),
		pair("policy_version", ast.BooleanTerm(p.PolicyVersionID != "")),
		pair("auth_time", integer(unix(p.AuthTime))),
		pair("now", integer(r.Now.Unix())),
		pair("disabled_modules", modules(r.Disabled)),
	)
}

func pair(name string, value *ast.Term) [2]*ast.Term {
	return [2]*ast.Term{ast.InternedTerm(name), value}
}

func integer(n int64) *ast.Term { return ast.NumberTerm(json.Number(strconv.FormatInt(n, 10))) }

func set(names []string) *ast.Term {
	pairs := make([][2]*ast.Term, len(names))
	for i, n := range names {
		pairs[i] = [2]*ast.Term{ast.StringTerm(n), ast.InternedTerm(true)}
	}
	return ast.ObjectTerm(pairs...)
}

func modules(off map[string]bool) *ast.Term {
	pairs := make([][2]*ast.Term, 0, len(off))
	for name := range off {
		pairs = append(pairs, [2]*ast.Term{ast.StringTerm(name), ast.InternedTerm(true)})
	}
	return ast.ObjectTerm(pairs...)
}

func unix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}
