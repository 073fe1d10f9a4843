package switchboard

import (
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	_ "github.com/fusionems/quantum/proto/gen/go/fleet/billing/v1"    // its method rules name modules
	_ "github.com/fusionems/quantum/proto/gen/go/fleet/clinical/v1"   // its method rules name modules
	_ "github.com/fusionems/quantum/proto/gen/go/fleet/compliance/v1" // its method rules name modules
	_ "github.com/fusionems/quantum/proto/gen/go/fleet/qa/v1"         // its method rules name modules
	_ "github.com/fusionems/quantum/proto/gen/go/fleet/reporting/v1"  // its method rules name modules

	authzv1 "github.com/fusionems/quantum/proto/gen/go/fleet/authz/v1"
)

// A method rule that names a module which cannot be switched would never be off.
func TestEveryModuleOfAMethodRuleIsInTheRegistry(t *testing.T) {
	r, err := LoadRegistry()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	protoregistry.GlobalFiles.RangeFiles(func(fd protoreflect.FileDescriptor) bool {
		for i := range fd.Services().Len() {
			methods := fd.Services().Get(i).Methods()
			for j := range methods.Len() {
				rule, _ := proto.GetExtension(methods.Get(j).Options(), authzv1.E_Rule).(*authzv1.Rule)
				if m := rule.GetModule(); m != "" {
					seen[m] = true
				}
			}
		}
		return true
	})
	if len(seen) == 0 {
		t.Fatal("no method rule names a module")
	}
	for m := range seen {
		if !slices.Contains(r.Modules(), m) {
			t.Errorf("module %q of a method rule is not in the registry", m)
		}
	}
}

func TestRegistryRefusesWhatCannotBe(t *testing.T) {
	for name, c := range map[string]struct{ doc, want string }{
		"not JSON":       {`{`, "module registry"},
		"listed twice":   {`[{"module":"a"},{"module":"a"}]`, "listed twice"},
		"empty key":      {`[{"module":""}]`, "empty"},
		"needs unknown":  {`[{"module":"a","requires":["b"]}]`, "not listed before"},
		"needs a circle": {`[{"module":"a","requires":["b"]},{"module":"b","requires":["a"]}]`, "not listed before"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := parseRegistry([]byte(c.doc)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error with %q", err, c.want)
			}
		})
	}
}
