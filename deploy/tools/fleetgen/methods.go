package main

import (
	"fmt"
	"strings"

	authzv1 "github.com/fusionems/quantum/proto/gen/go/fleet/authz/v1"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	_ "github.com/fusionems/quantum/proto/gen/go/fleet/agency/v1"
	_ "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
	_ "github.com/fusionems/quantum/proto/gen/go/fleet/billing/v1"
	_ "github.com/fusionems/quantum/proto/gen/go/fleet/clinical/v1"
	_ "github.com/fusionems/quantum/proto/gen/go/fleet/compliance/v1"
	_ "github.com/fusionems/quantum/proto/gen/go/fleet/gateway/v1"
	_ "github.com/fusionems/quantum/proto/gen/go/fleet/qa/v1"
	_ "github.com/fusionems/quantum/proto/gen/go/fleet/reporting/v1"
)

type methodRule struct {
	Scopes           []string `json:"scopes"`
	AnyAuthenticated bool     `json:"any_authenticated"`
	Tenancy          string   `json:"tenancy"`
	Access           string   `json:"access"`
	Protected        bool     `json:"protected"`
	Module           string   `json:"module"`
	StepUp           bool     `json:"step_up"`
	Actors           []string `json:"actors"`
	Callers          []string `json:"callers"`
}

func methodRules() (map[string]methodRule, error) {
	out := map[string]methodRule{}
	var err error
	protoregistry.GlobalFiles.RangeFiles(func(fd protoreflect.FileDescriptor) bool {
		if !strings.HasPrefix(string(fd.Package()), "fleet.") {
			return true
		}
		for i := range fd.Services().Len() {
			methods := fd.Services().Get(i).Methods()
			for j := range methods.Len() {
				m := methods.Get(j)
				name := fmt.Sprintf("/%s/%s", m.Parent().FullName(), m.Name())
				if !proto.HasExtension(m.Options(), authzv1.E_Rule) {
					err = fmt.Errorf("%s has no (fleet.authz.v1.rule) option", name)
					return false
				}
				out[name] = toRule(proto.GetExtension(m.Options(), authzv1.E_Rule).(*authzv1.Rule))
			}
		}
		return true
	})
	return out, err
}

func toRule(r *authzv1.Rule) methodRule {
	m := methodRule{
		Scopes:           orEmpty(r.GetScopes()),
		AnyAuthenticated: r.GetAnyAuthenticated(),
		Tenancy:          enumName(r.GetTenancy().String(), "TENANCY_"),
		Access:           enumName(r.GetAccess().String(), "ACCESS_"),
		Protected:        r.GetProtected(),
		Module:           r.GetModule(),
		StepUp:           r.GetStepUp(),
		Callers:          orEmpty(r.GetCallers()),
	}
	for _, a := range r.GetActors() {
		m.Actors = append(m.Actors, enumName(a.String(), "ACTOR_"))
	}
	if len(m.Actors) == 0 {
		m.Actors = []string{"human"}
	}
	return m
}

func enumName(s, prefix string) string {
	return strings.ToLower(strings.TrimPrefix(s, prefix))
}

func orEmpty(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

// opaData is what the Rego rules look up: objects keyed by name, because membership in an
// object is one lookup where a list is a scan.
func opaData(t roleTable, methods map[string]methodRule) map[string]any {
	roles := map[string]any{}
	for _, r := range t.Roles {
		roles[r.Name] = map[string]any{
			"scopes":       set(r.Scopes),
			"cross_agency": r.CrossAgency,
			"machine":      r.Machine,
		}
	}
	rules := map[string]any{}
	for name, m := range methods {
		rules[name] = map[string]any{
			"scopes":            set(m.Scopes),
			"any_authenticated": m.AnyAuthenticated,
			"tenancy":           m.Tenancy,
			"access":            m.Access,
			"module":            m.Module,
			"step_up":           m.StepUp,
			"actors":            set(m.Actors),
		}
	}
	return map[string]any{"methods": rules, "roles": roles, "ai_allowed_scopes": set(t.AIAllowedScopes)}
}

func set(names []string) map[string]bool {
	out := map[string]bool{}
	for _, n := range names {
		out[n] = true
	}
	return out
}
