package authz

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/fusionems/quantum/proto/gen/authz"
	authzv1 "github.com/fusionems/quantum/proto/gen/go/fleet/authz/v1"
)

// Table holds the rule of every linked RPC and the role table.
type Table struct {
	rules map[string]*authzv1.Rule
	roles []Role
	ai    map[string]bool
}

// Role is one row of gateway/policy/roles.yaml.
type Role struct {
	Name          string   `json:"name"`
	Title         string   `json:"title"`
	DatabaseGroup string   `json:"database_group"`
	CrossAgency   bool     `json:"cross_agency"`
	Machine       bool     `json:"machine"`
	Scopes        []string `json:"scopes"`
}

// Load reads the rules from the linked descriptors and fails when an RPC of the fleet has none or an impossible one.
func Load() (*Table, error) {
	t := &Table{rules: map[string]*authzv1.Rule{}, ai: map[string]bool{}}
	var doc struct {
		AIAllowedScopes []string `json:"ai_allowed_scopes"`
		Roles           []Role   `json:"roles"`
	}
	if err := json.Unmarshal(authz.RolesJSON, &doc); err != nil {
		return nil, fmt.Errorf("authz: role table: %w", err)
	}
	t.roles = doc.Roles
	for _, s := range doc.AIAllowedScopes {
		t.ai[s] = true
	}
	var problems []error
	protoregistry.GlobalFiles.RangeFiles(func(fd protoreflect.FileDescriptor) bool {
		if strings.HasPrefix(string(fd.Package()), "fleet.") {
			problems = append(problems, t.addFile(fd)...)
		}
		return true
	})
	return t, errors.Join(problems...)
}

func (t *Table) addFile(fd protoreflect.FileDescriptor) []error {
	var problems []error
	for i := range fd.Services().Len() {
		methods := fd.Services().Get(i).Methods()
		for j := range methods.Len() {
			m := methods.Get(j)
			name := fmt.Sprintf("/%s/%s", m.Parent().FullName(), m.Name())
			rule, _ := proto.GetExtension(m.Options(), authzv1.E_Rule).(*authzv1.Rule)
			if err := validate(name, rule); err != nil {
				problems = append(problems, err)
				continue
			}
			t.rules[name] = rule
		}
	}
	return problems
}

func validate(method string, r *authzv1.Rule) error {
	switch {
	case r == nil:
		return fmt.Errorf("authz: %s has no (fleet.authz.v1.rule) option", method)
	case r.GetTenancy() == authzv1.Tenancy_TENANCY_UNSPECIFIED, r.GetAccess() == authzv1.Access_ACCESS_UNSPECIFIED:
		return fmt.Errorf("authz: the rule of %s lacks tenancy or access", method)
	case len(r.GetScopes()) == 0 && !r.GetAnyAuthenticated() && len(r.GetCallers()) == 0:
		return fmt.Errorf("authz: the rule of %s permits nobody", method)
	case len(r.GetCallers()) > 0 && !slices.Contains(r.GetActors(), authzv1.Actor_ACTOR_SERVICE):
		return fmt.Errorf("authz: the rule of %s names callers but not ACTOR_SERVICE", method)
	}
	return nil
}

// Rule returns the rule of a full method, e.g. "/fleet.qa.v1.CaseService/GetCase".
func (t *Table) Rule(method string) (*authzv1.Rule, bool) {
	r, ok := t.rules[method]
	return r, ok
}

// Methods returns all full methods with a rule, sorted.
func (t *Table) Methods() []string {
	out := make([]string, 0, len(t.rules))
	for m := range t.rules {
		out = append(out, m)
	}
	slices.Sort(out)
	return out
}

// Roles returns the role table in its order of precedence.
func (t *Table) Roles() []Role { return slices.Clone(t.roles) }

// ScopesOf is the union of the scopes of the roles, sorted.
func (t *Table) ScopesOf(roles []string) []string {
	var out []string
	for _, r := range t.roles {
		if slices.Contains(roles, r.Name) {
			out = append(out, r.Scopes...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// DatabaseGroup is the suffix of the database role as which the role's transactions run.
func (t *Table) DatabaseGroup(role string) (string, bool) {
	if role == systemRole {
		return systemRole, true
	}
	for _, r := range t.roles {
		if r.Name == role {
			return r.DatabaseGroup, true
		}
	}
	return "", false
}

const systemRole = "system"

// DatabaseGroups are all suffixes of database roles, sorted, with those of services and of the founder across agencies.
func (t *Table) DatabaseGroups() []string {
	out := []string{systemRole, "cross", "ai"}
	for _, r := range t.roles {
		out = append(out, r.DatabaseGroup)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
