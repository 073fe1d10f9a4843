package deploy_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/fusionems/quantum/deploy/local"
	_ "github.com/fusionems/quantum/proto/gen/go/fleet/agency/v1"
	_ "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
	authzv1 "github.com/fusionems/quantum/proto/gen/go/fleet/authz/v1"
	_ "github.com/fusionems/quantum/proto/gen/go/fleet/billing/v1"
	_ "github.com/fusionems/quantum/proto/gen/go/fleet/clinical/v1"
	_ "github.com/fusionems/quantum/proto/gen/go/fleet/compliance/v1"
	_ "github.com/fusionems/quantum/proto/gen/go/fleet/gateway/v1"
	_ "github.com/fusionems/quantum/proto/gen/go/fleet/qa/v1"
	_ "github.com/fusionems/quantum/proto/gen/go/fleet/reporting/v1"
)

// edges are "caller -> callee".
type edges map[string]bool

func (e edges) minus(other edges) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(e)) {
		if !other[name] {
			out = append(out, name)
		}
	}
	return out
}

func edge(from, to string) string { return from + " -> " + to }

// ruled are the calls that the rules of the methods permit: those of the services that a rule names, and those of the gateway to whatever has a
// path of HTTP.
func ruled(t *testing.T) edges {
	t.Helper()
	out := edges{}
	protoregistry.GlobalFiles.RangeFiles(func(fd protoreflect.FileDescriptor) bool {
		owner, ok := strings.CutPrefix(strings.TrimSuffix(string(fd.Package()), ".v1"), "fleet.")
		for i := 0; ok && i < fd.Services().Len(); i++ {
			methods := fd.Services().Get(i).Methods()
			for j := range methods.Len() {
				options := methods.Get(j).Options()
				rule, _ := proto.GetExtension(options, authzv1.E_Rule).(*authzv1.Rule)
				callers := rule.GetCallers()
				if proto.HasExtension(options, annotations.E_Http) {
					callers = append(slices.Clone(callers), "gateway")
				}
				for _, c := range callers {
					if c != owner {
						out[edge(c, owner)] = true
					}
				}
			}
		}
		return true
	})
	if len(out) < 10 {
		t.Fatalf("only %d calls are permitted: the protos are not linked", len(out))
	}
	return out
}

var (
	topologyEntry = regexp.MustCompile(`(?m)^([a-z]+):\n  delivery: ([a-z]+)\n  calls: \[([a-z, ]*)\]`)
	crossingEntry = regexp.MustCompile(`(?m)^  - \{from: [a-z]+/([a-z]+), to: [a-z]+/([a-z]+), port: [0-9]+\}$`)
)

// charted are the calls of the charts' topology, and among them those that leave a delivery.
func charted(t *testing.T) (all, crossing edges) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "charts", "fusionems-lib", "templates", "_topology.tpl"))
	if err != nil {
		t.Fatal(err)
	}
	all, crossing = edges{}, edges{}
	delivery := map[string]string{}
	entries := topologyEntry.FindAllStringSubmatch(string(raw), -1)
	for _, m := range entries {
		delivery[m[1]] = m[2]
	}
	if len(entries) != 8 {
		t.Fatalf("%d services are in the topology", len(entries))
	}
	for _, m := range entries {
		for _, callee := range strings.FieldsFunc(m[3], func(r rune) bool { return r == ',' || r == ' ' }) {
			all[edge(m[1], callee)] = true
			if delivery[m[1]] != delivery[callee] {
				crossing[edge(m[1], callee)] = true
			}
		}
	}
	return all, crossing
}

func TestTheTopologyOfTheChartsIsThatOfTheRules(t *testing.T) {
	permitted := ruled(t)
	drawn, crossing := charted(t)
	launched := edges{}
	for from, list := range local.Calls() {
		for _, to := range list {
			launched[edge(from, to)] = true
		}
	}
	raw, err := os.ReadFile(filepath.Join("..", "charts", "guardrails.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	crossings := edges{}
	for _, m := range crossingEntry.FindAllStringSubmatch(string(raw), -1) {
		crossings[edge(m[1], m[2])] = true
	}
	for _, c := range []struct {
		a, b  edges
		wrong string
	}{
		{permitted, drawn, "a rule permits %s, and the charts give it no way"},
		{drawn, permitted, "the charts open %s, which no rule of a method permits"},
		{launched, permitted, "the launcher tells of %s, which no rule of a method permits"},
		{permitted, launched, "a rule permits %s, and the launcher does not tell of it"},
		{crossing, crossings, "%s leaves its delivery, and is no permitted crossing"},
		{crossings, crossing, "%s is a permitted crossing, and nobody calls so"},
	} {
		for _, e := range c.a.minus(c.b) {
			t.Error(strings.Replace(c.wrong, "%s", e, 1))
		}
	}
}
