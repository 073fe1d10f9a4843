package authz

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	carefusionv1 "github.com/fusionems/quantum/services/carefusion/gen/carefusion/v1"
	"github.com/fusionems/quantum/services/carefusion/internal/fault"
	"github.com/fusionems/quantum/services/carefusion/internal/identity"
)

// Rules is the rule of each method by its full name ("/package.Service/Method").
type Rules map[string]*carefusionv1.Rule

// Load reads the rules of everything that a server serves. A method without a whole rule is an error, and so the server does not start.
func Load(info map[string]grpc.ServiceInfo) (Rules, error) {
	rules := Rules{}
	for service, si := range info {
		for _, m := range si.Methods {
			if m.IsClientStream || m.IsServerStream {
				return nil, fmt.Errorf("authz: %s/%s is a stream; the interceptors know none", service, m.Name)
			}
			rule, err := ruleOf(service, m.Name)
			if err != nil {
				return nil, err
			}
			rules["/"+service+"/"+m.Name] = rule
		}
	}
	return rules, nil
}

func ruleOf(service, method string) (*carefusionv1.Rule, error) {
	d, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(service + "." + method))
	if err != nil {
		return nil, fmt.Errorf("authz: %s/%s: %w", service, method, err)
	}
	rule, ok := proto.GetExtension(d.Options(), carefusionv1.E_Rule).(*carefusionv1.Rule)
	whole := ok && rule != nil && len(rule.GetRoles()) > 0 && rule.GetAccess() != carefusionv1.Access_ACCESS_UNSPECIFIED &&
		!slices.Contains(rule.GetRoles(), carefusionv1.Role_ROLE_UNSPECIFIED)
	if !whole {
		return nil, fmt.Errorf("authz: %s/%s has no whole (carefusion.v1.rule)", service, method)
	}
	return rule, nil
}

// Check refuses a caller whom the method's rule does not name.
func (r Rules) Check(method string, p identity.Principal) error {
	rule, ok := r[method]
	if !ok || p.System || !slices.Contains(rule.GetRoles(), p.Role) {
		return fault.Denied("The role " + p.RoleName() + " may not call this.")
	}
	return nil
}

// Recorded reports whether a successful call goes into the audit log though it changed nothing.
func (r Rules) Recorded(method string) bool {
	rule := r[method]
	return rule.GetProtected() || rule.GetAccess() == carefusionv1.Access_ACCESS_WRITE || strings.HasSuffix(method, "AuditRecords")
}
