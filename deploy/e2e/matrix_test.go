//go:build e2e

package e2e

import (
	"encoding/csv"
	"fmt"
	"os"
	"regexp"
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
	_ "github.com/fusionems/quantum/proto/gen/go/fleet/compliance/v1"
	_ "github.com/fusionems/quantum/proto/gen/go/fleet/gateway/v1"
	_ "github.com/fusionems/quantum/proto/gen/go/fleet/reporting/v1"
)

// route is how an RPC looks from outside.
type route struct {
	method, verb, path string
	tenancy            authzv1.Tenancy
}

func routes(t *testing.T) map[string]route {
	t.Helper()
	out := map[string]route{}
	protoregistry.GlobalFiles.RangeFiles(func(fd protoreflect.FileDescriptor) bool {
		if !strings.HasPrefix(string(fd.Package()), "fleet.") {
			return true
		}
		for i := range fd.Services().Len() {
			for j := range fd.Services().Get(i).Methods().Len() {
				m := fd.Services().Get(i).Methods().Get(j)
				r := route{method: fmt.Sprintf("/%s/%s", m.Parent().FullName(), m.Name())}
				r.tenancy = proto.GetExtension(m.Options(), authzv1.E_Rule).(*authzv1.Rule).GetTenancy()
				if h, ok := proto.GetExtension(m.Options(), annotations.E_Http).(*annotations.HttpRule); ok && h != nil {
					r.verb, r.path = pattern(h)
				}
				out[r.method] = r
			}
		}
		return true
	})
	return out
}

func pattern(h *annotations.HttpRule) (verb, path string) {
	switch p := h.GetPattern().(type) {
	case *annotations.HttpRule_Get:
		return "GET", p.Get
	case *annotations.HttpRule_Post:
		return "POST", p.Post
	case *annotations.HttpRule_Put:
		return "PUT", p.Put
	case *annotations.HttpRule_Delete:
		return "DELETE", p.Delete
	default:
		return "", ""
	}
}

var variable = regexp.MustCompile(`\{([a-z_]+)\}`)

// concrete fills the variables of a path with values of the right form that name nothing.
func concrete(path string) string {
	return variable.ReplaceAllStringFunc(path, func(v string) string {
		switch strings.Trim(v, "{}") {
		case "agency_id", "version":
			return "999999"
		case "id":
			if strings.HasPrefix(path, "/api/agencies") {
				return "999999"
			}
			return "018f3b1c-7d2e-7c4a-9a3f-2f6f0c1d2e3f"
		default:
			return "no-such"
		}
	})
}

// Every role calls every RPC through the edge. What the matrix allows gets past every check of permission, whatever it
// then answers; what it denies is 403 with a reason. RPCs without a route do not exist outside.
func TestPermissionMatrixThroughTheEdge(t *testing.T) {
	f, err := os.Open("../../gateway/policy/matrix.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	all := routes(t)
	listed := map[string]bool{}
	for _, row := range rows[1:] {
		r, ok := all[row[0]]
		if !ok {
			t.Errorf("%s is in the matrix and nowhere else", row[0])
			continue
		}
		listed[row[0]] = true
		if r.path == "" {
			continue
		}
		for i, role := range rows[0][1:] {
			for n, agency := range agencies(t) {
				if role == "founder" && n == 1 {
					continue
				}
				got := verdict(t, r, role, agency)
				if got != row[i+1] {
					t.Errorf("%s %s as %s: %s, the matrix says %s", r.verb, r.path, role, got, row[i+1])
				}
			}
		}
		nobody := caller{}
		nobody.do(t, r.verb, concrete(r.path), contentType(r), nil).refused(t, 401)
	}
	for name := range all {
		if !listed[name] {
			t.Errorf("%s has no verdict", name)
		}
	}
}

func contentType(r route) string {
	switch {
	case r.verb == "GET":
		return ""
	case strings.HasSuffix(r.method, "/ImportCharts"):
		return "application/xml"
	default:
		return "application/json"
	}
}

// conditional says whether a refusal is one that the caller's role permits and a condition of the compliance workspaces stops:
// a notice that is not acknowledged, a grant that is not given, billing that is off.
func conditional(t *testing.T, a answer) bool {
	t.Helper()
	var p problem
	decode(t, a.body, &p)
	return slices.Contains([]string{"NOTICE_NOT_ACKNOWLEDGED", "DEA_GRANT_REQUIRED", "BILLING_DISABLED"}, p.Reason)
}

func verdict(t *testing.T, r route, role string, agency int64) string {
	t.Helper()
	var who caller
	if role == "founder" {
		who = founder(t)
		if r.tenancy == authzv1.Tenancy_TENANCY_AGENCY || r.tenancy == authzv1.Tenancy_TENANCY_AGENCY_OR_CROSS {
			who = who.with("X-Agency-Id", fmt.Sprint(agency))
		}
	} else {
		who = as(t, role, agency)
	}
	a := who.do(t, r.verb, concrete(r.path), contentType(r), []byte(map[bool]string{true: "", false: "{}"}[r.verb == "GET" || r.verb == "DELETE"]))
	if a.status == 403 && !conditional(t, a) {
		a.refused(t, 403)
		return "deny"
	}
	if a.status == 401 || a.status >= 500 || a.status == 429 {
		t.Fatalf("%s %s as %s: %d %s", r.verb, r.path, role, a.status, a.body)
	}
	return "allow"
}

func TestDemoHasEveryRoleInBothAgencies(t *testing.T) {
	f, err := os.ReadFile("../../gateway/policy/matrix.csv")
	if err != nil {
		t.Fatal(err)
	}
	header, _, _ := strings.Cut(string(f), "\n")
	for _, role := range strings.Split(header, ",")[1:] {
		if role == "founder" || role == "integration" {
			continue
		}
		for _, agency := range agencies(t) {
			if !slices.ContainsFunc(users(t), func(u user) bool { return u.Agency == agency && slices.Contains(u.Roles, role) }) {
				t.Errorf("agency %d has no demo user with role %s", agency, role)
			}
		}
	}
}
