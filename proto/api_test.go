package proto_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	_ "github.com/fusionems/quantum/proto/gen/go/fleet/agency/v1"
	_ "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
	authzv1 "github.com/fusionems/quantum/proto/gen/go/fleet/authz/v1"
	_ "github.com/fusionems/quantum/proto/gen/go/fleet/billing/v1"
	_ "github.com/fusionems/quantum/proto/gen/go/fleet/clinical/v1"
	commonv1 "github.com/fusionems/quantum/proto/gen/go/fleet/common/v1"
	_ "github.com/fusionems/quantum/proto/gen/go/fleet/compliance/v1"
	_ "github.com/fusionems/quantum/proto/gen/go/fleet/gateway/v1"
	_ "github.com/fusionems/quantum/proto/gen/go/fleet/qa/v1"
	_ "github.com/fusionems/quantum/proto/gen/go/fleet/reporting/v1"
)

func fleetFiles() []protoreflect.FileDescriptor {
	var out []protoreflect.FileDescriptor
	protoregistry.GlobalFiles.RangeFiles(func(fd protoreflect.FileDescriptor) bool {
		if strings.HasPrefix(string(fd.Package()), "fleet.") {
			out = append(out, fd)
		}
		return true
	})
	return out
}

func methods() []protoreflect.MethodDescriptor {
	var out []protoreflect.MethodDescriptor
	for _, fd := range fleetFiles() {
		for i := range fd.Services().Len() {
			for j := range fd.Services().Get(i).Methods().Len() {
				out = append(out, fd.Services().Get(i).Methods().Get(j))
			}
		}
	}
	return out
}

func messages(of protoreflect.MessageDescriptors) []protoreflect.MessageDescriptor {
	var out []protoreflect.MessageDescriptor
	for i := range of.Len() {
		out = append(out, of.Get(i))
		out = append(out, messages(of.Get(i).Messages())...)
	}
	return out
}

func rule(m protoreflect.MethodDescriptor) *authzv1.Rule {
	r, _ := proto.GetExtension(m.Options(), authzv1.E_Rule).(*authzv1.Rule)
	return r
}

func http(m protoreflect.MethodDescriptor) *annotations.HttpRule {
	r, _ := proto.GetExtension(m.Options(), annotations.E_Http).(*annotations.HttpRule)
	return r
}

func TestThereIsAFleet(t *testing.T) {
	if n := len(methods()); n < 30 {
		t.Fatalf("only %d RPCs are linked: the other tests would prove nothing", n)
	}
}

func TestEveryMethodHasARuleThatFitsItsBinding(t *testing.T) {
	for _, m := range methods() {
		r, binding := rule(m), http(m)
		switch {
		case r == nil:
			t.Errorf("%s has no rule", m.FullName())
		case r.GetTenancy() == authzv1.Tenancy_TENANCY_UNSPECIFIED || r.GetAccess() == authzv1.Access_ACCESS_UNSPECIFIED:
			t.Errorf("%s: the rule lacks tenancy or access", m.FullName())
		case binding != nil && len(r.GetScopes()) == 0 && !r.GetAnyAuthenticated():
			t.Errorf("%s is public but names no scope", m.FullName())
		case binding != nil && len(r.GetCallers()) > 0:
			t.Errorf("%s is public and internal at once; make it two services", m.FullName())
		case binding == nil && (len(r.GetCallers()) == 0 || len(r.GetScopes()) > 0):
			t.Errorf("%s is internal: it needs callers and no scopes", m.FullName())
		case binding.GetGet() != "" && r.GetAccess() != authzv1.Access_ACCESS_READ:
			t.Errorf("%s is a GET that writes", m.FullName())
		case binding != nil && binding.GetGet() == "" && !searches(binding) && r.GetAccess() != authzv1.Access_ACCESS_WRITE:
			t.Errorf("%s changes nothing but is not a GET", m.FullName())
		}
	}
}

// searches says whether a binding is a POST only to keep what is looked for out of the URL.
func searches(binding *annotations.HttpRule) bool {
	return strings.HasSuffix(binding.GetPost(), ":search")
}

func TestListsArePaged(t *testing.T) {
	// Bounded by the registry in code, not by rows.
	bounded := []string{"fleet.agency.v1.ModuleService.ListModules"}
	for _, m := range methods() {
		if !strings.HasPrefix(string(m.Name()), "List") && !strings.HasPrefix(string(m.Name()), "Search") || slices.Contains(bounded, string(m.FullName())) {
			continue
		}
		for _, f := range []protoreflect.Name{"page_size", "page_token"} {
			if m.Input().Fields().ByName(f) == nil {
				t.Errorf("%s lacks %s", m.FullName(), f)
			}
		}
		if m.Output().Fields().ByName("next_page_token") == nil || !m.Output().Fields().Get(0).IsList() {
			t.Errorf("%s must answer a list and next_page_token", m.FullName())
		}
	}
}

// The tenant comes from the verified caller. The platform's own methods about tenants are the exception.
func TestTenantIsNeverInARequest(t *testing.T) {
	for _, m := range methods() {
		if rule(m).GetTenancy() == authzv1.Tenancy_TENANCY_PLATFORM {
			continue
		}
		if m.Input().Fields().ByName("agency_id") != nil {
			t.Errorf("%s takes agency_id from the client", m.FullName())
		}
	}
}

// Query strings and paths end in access logs of proxies that are not ours.
func TestNothingProtectedInURLs(t *testing.T) {
	protected := []string{"name", "birth", "ssn", "address", "phone", "email", "member", "policy_number", "narrative"}
	for _, m := range methods() {
		if http(m).GetGet() == "" {
			continue
		}
		for i := range m.Input().Fields().Len() {
			f := string(m.Input().Fields().Get(i).Name())
			for _, p := range protected {
				if strings.Contains(f, p) {
					t.Errorf("%s: %s would be in a URL", m.FullName(), f)
				}
			}
		}
	}
}

func TestFieldsAndEnums(t *testing.T) {
	for _, fd := range fleetFiles() {
		for _, msg := range messages(fd.Messages()) {
			for i := range msg.Fields().Len() {
				f := msg.Fields().Get(i)
				isTime := f.Message() != nil && f.Message().FullName() == "google.protobuf.Timestamp"
				name := string(f.Name())
				if strings.HasSuffix(name, "_time") && !isTime && !(f.Message() != nil && f.Message().FullName() == "fleet.clinical.v1.Fact") {
					t.Errorf("%s must be a Timestamp", f.FullName())
				}
				if isTime && !strings.HasSuffix(name, "_time") && !slices.Contains([]string{"time", "from", "to", "notified_from", "notified_to", "data_as_of"}, name) {
					t.Errorf("%s is a Timestamp, so its name ends in _time", f.FullName())
				}
				if f.Kind() == protoreflect.FloatKind {
					t.Errorf("%s is a float: use double for measurements, integers for money", f.FullName())
				}
			}
		}
		for i := range fd.Enums().Len() {
			checkEnum(t, fd.Enums().Get(i))
		}
	}
}

func checkEnum(t *testing.T, e protoreflect.EnumDescriptor) {
	t.Helper()
	if zero := string(e.Values().Get(0).Name()); !strings.HasSuffix(zero, "_UNSPECIFIED") {
		t.Errorf("%s starts with %s, not with …_UNSPECIFIED", e.FullName(), zero)
	}
}

// An event says what happened with identifiers and codes. Whoever adds a field that could identify a person fails here.
func TestEventsCarryNoPerson(t *testing.T) {
	forbidden := []string{"first_name", "last_name", "patient_name", "birth_date", "ssn", "street", "phone", "email", "narrative", "member_id", "policy_number", "comment"}
	// What is present, never what it is.
	presence := []string{"policy_number_present", "birth_date", "name", "address", "sex"}
	events := 0
	for _, fd := range fleetFiles() {
		for _, msg := range messages(fd.Messages()) {
			if proto.GetExtension(msg.Options(), commonv1.E_Event).(string) == "" {
				continue
			}
			events++
			walk(msg, nil, func(f protoreflect.FieldDescriptor) {
				name := string(f.Name())
				if f.Kind() == protoreflect.BoolKind && slices.Contains(presence, name) {
					return
				}
				for _, bad := range forbidden {
					if strings.Contains(name, bad) {
						t.Errorf("event %s reaches %s", msg.FullName(), f.FullName())
					}
				}
			})
		}
	}
	if events < 8 {
		t.Fatalf("only %d events found", events)
	}
}

func walk(msg protoreflect.MessageDescriptor, seen []protoreflect.FullName, visit func(protoreflect.FieldDescriptor)) {
	if slices.Contains(seen, msg.FullName()) {
		return
	}
	for i := range msg.Fields().Len() {
		f := msg.Fields().Get(i)
		visit(f)
		if f.Message() != nil && strings.HasPrefix(string(f.Message().FullName()), "fleet.") {
			walk(f.Message(), append(seen, msg.FullName()), visit)
		}
	}
}

func TestEventSubjectsAreUniqueAndVersioned(t *testing.T) {
	owner := map[string]protoreflect.FullName{}
	for _, fd := range fleetFiles() {
		for _, msg := range messages(fd.Messages()) {
			subject := proto.GetExtension(msg.Options(), commonv1.E_Event).(string)
			if subject == "" {
				continue
			}
			if other, taken := owner[subject]; taken {
				t.Errorf("%s and %s share subject %s", other, msg.FullName(), subject)
			}
			owner[subject] = msg.FullName()
			version := string(fd.Package())[strings.LastIndex(string(fd.Package()), ".")+1:]
			if !strings.HasSuffix(subject, "."+version) {
				t.Errorf("%s: subject %s does not end in .%s", msg.FullName(), subject, version)
			}
		}
	}
}

func TestPathsAreUnique(t *testing.T) {
	seen := map[string]string{}
	for _, m := range methods() {
		b := http(m)
		if b == nil {
			continue
		}
		verb, path := binding(b)
		key := fmt.Sprintf("%s %s", verb, path)
		if other, dup := seen[key]; dup {
			t.Errorf("%s and %s are both %s", other, m.FullName(), key)
		}
		seen[key] = string(m.FullName())
		if !strings.HasPrefix(path, "/api/") {
			t.Errorf("%s: %s is outside /api/", m.FullName(), path)
		}
	}
}

func binding(b *annotations.HttpRule) (verb, path string) {
	switch p := b.GetPattern().(type) {
	case *annotations.HttpRule_Get:
		return "GET", p.Get
	case *annotations.HttpRule_Post:
		return "POST", p.Post
	case *annotations.HttpRule_Put:
		return "PUT", p.Put
	case *annotations.HttpRule_Delete:
		return "DELETE", p.Delete
	default:
		return "PATCH", b.GetPatch()
	}
}
