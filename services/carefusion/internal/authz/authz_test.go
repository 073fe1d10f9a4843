package authz

import (
	"testing"

	"google.golang.org/grpc"

	carefusionv1 "github.com/fusionems/quantum/services/carefusion/gen/carefusion/v1"
	"github.com/fusionems/quantum/services/carefusion/internal/identity"
)

func TestAServerWithoutRulesDoesNotStart(t *testing.T) {
	for name, info := range map[string]map[string]grpc.ServiceInfo{
		"no such descriptor": {"carefusion.v1.Nothing": {Methods: []grpc.MethodInfo{{Name: "Do"}}}},
		"a method unknown":   {"carefusion.v1.PatientService": {Methods: []grpc.MethodInfo{{Name: "Do"}}}},
		"a stream":           {"carefusion.v1.PatientService": {Methods: []grpc.MethodInfo{{Name: "GetPatient", IsServerStream: true}}}},
	} {
		if _, err := Load(info); err == nil {
			t.Errorf("%s: loaded", name)
		}
	}
}

func TestDenyByDefault(t *testing.T) {
	rules, err := Load(map[string]grpc.ServiceInfo{"carefusion.v1.PatientService": {Methods: []grpc.MethodInfo{{Name: "RegisterPatient"}}}})
	if err != nil {
		t.Fatal(err)
	}
	const method = "/carefusion.v1.PatientService/RegisterPatient"
	if err := rules.Check(method, identity.Principal{Role: carefusionv1.Role_ROLE_PATIENT}); err != nil {
		t.Errorf("a patient: %v", err)
	}
	for name, p := range map[string]identity.Principal{
		"nobody": {}, "a provider": {Role: carefusionv1.Role_ROLE_PROVIDER}, "the service itself": {System: true, Role: carefusionv1.Role_ROLE_PATIENT},
	} {
		if rules.Check(method, p) == nil {
			t.Errorf("%s may call", name)
		}
	}
	if rules.Check("/carefusion.v1.PatientService/GetPatient", identity.Principal{Role: carefusionv1.Role_ROLE_PATIENT}) == nil {
		t.Error("a method without a rule may be called")
	}
}
