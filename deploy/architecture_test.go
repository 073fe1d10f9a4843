package deploy_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const root = "github.com/fusionems/quantum/"

const careFusion = "services/carefusion"

// imports lists the packages of a module, outside of tests, with everything they depend on directly or not.
func imports(t *testing.T, module string) map[string][]string {
	t.Helper()
	cmd := exec.Command("go", "list", "-f", "{{.ImportPath}} {{join .Deps \" \"}}", "./...")
	cmd.Dir = filepath.Join("..", module)
	if module == careFusion {
		// It is no part of the workspace.
		cmd.Env = append(os.Environ(), "GOWORK=off")
	}
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list in %s: %v", module, err)
	}
	deps := map[string][]string{}
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		name, rest, _ := strings.Cut(line, " ")
		deps[name] = strings.Fields(rest)
	}
	if len(deps) == 0 {
		t.Fatalf("%s has no packages", module)
	}
	return deps
}

func services(t *testing.T) []string {
	t.Helper()
	dirs, err := filepath.Glob("../services/*/go.mod")
	if err != nil || len(dirs) < 7 {
		t.Fatalf("services: %v %v", dirs, err)
	}
	var out []string
	for _, d := range dirs {
		out = append(out, strings.TrimPrefix(filepath.Dir(d), "../"))
	}
	return out
}

func within(pkg, dir string) bool {
	return pkg == root+dir || strings.HasPrefix(pkg, root+dir+"/")
}

func refuse(t *testing.T, module string, forbidden func(from, dep string) bool) {
	t.Helper()
	for from, deps := range imports(t, module) {
		for _, dep := range deps {
			if forbidden(from, dep) {
				t.Errorf("%s must not depend on %s", strings.TrimPrefix(from, root), strings.TrimPrefix(dep, root))
			}
		}
	}
}

// embedded servers and test tools belong into tests and into deploy.
func testOnly(dep string) bool {
	return within(dep, "pkg/testkit") || dep == "testing" ||
		strings.HasPrefix(dep, "github.com/nats-io/nats-server/") || strings.HasPrefix(dep, "github.com/alicebob/miniredis/")
}

// launches says whether a package is CareFusion's launcher or a server that only it embeds: its module is all it has, so what is in deploy/local for
// the fleet is there. The delivered command is none of them, and its dependencies are looked at like any other's.
func launches(pkg string) bool {
	return within(pkg, careFusion+"/cmd/local") || within(pkg, careFusion+"/internal/local") ||
		within(pkg, careFusion+"/internal/broker/embedded") || within(pkg, careFusion+"/internal/room/embedded")
}

func TestServicesKnowNoOtherService(t *testing.T) {
	for _, s := range services(t) {
		refuse(t, s, func(from, dep string) bool {
			ofOurs := strings.HasPrefix(dep, root)
			// CareFusion shares nothing with the fleet: neither its mechanism nor its contract.
			shared := s != careFusion && (within(dep, "pkg") || within(dep, "proto"))
			return (ofOurs && !shared && !within(dep, s)) || (testOnly(dep) && !launches(from))
		})
	}
}

func TestPkgIsMechanismOnly(t *testing.T) {
	refuse(t, "pkg", func(from, dep string) bool {
		if within(from, "pkg/testkit") {
			return false
		}
		area := strings.HasPrefix(dep, root+"proto/gen/go/fleet/") &&
			!within(dep, "proto/gen/go/fleet/authz/v1") && !within(dep, "proto/gen/go/fleet/common/v1") &&
			// Events that every service exchanges: audit records, policies in force, modules switched.
			!within(dep, "proto/gen/go/fleet/audit/v1") && !within(dep, "proto/gen/go/fleet/agency/v1")
		return area || within(dep, "services") || within(dep, "gateway") || testOnly(dep)
	})
}

func TestGatewayHoldsNoData(t *testing.T) {
	refuse(t, "gateway", func(from, dep string) bool {
		ofOurs := strings.HasPrefix(dep, root)
		allowed := within(dep, "pkg") || within(dep, "proto") || within(dep, "gateway")
		return (ofOurs && !allowed) || strings.HasPrefix(dep, "github.com/jackc/pgx/") || testOnly(dep)
	})
}

// A domain package knows neither transport nor store: cmd -> app -> {rpc, events, store} -> domain.
func TestDomainKnowsNoMechanism(t *testing.T) {
	outer := []string{"rpc", "events", "store", "app"}
	for _, s := range services(t) {
		refuse(t, s, func(from, dep string) bool {
			inner, ok := strings.CutPrefix(from, root+s+"/internal/")
			if !ok || slices.Contains(outer, strings.Split(inner, "/")[0]) || !isDomain(s, strings.Split(inner, "/")[0]) {
				return false
			}
			return strings.HasPrefix(dep, "google.golang.org/grpc") || strings.HasPrefix(dep, "github.com/jackc/pgx/") ||
				strings.HasPrefix(dep, "github.com/nats-io/")
		})
	}
}

// isDomain names the packages that hold rules.
func isDomain(service, pkg string) bool {
	return slices.Contains(map[string][]string{
		"services/billing":    {"claim"},
		"services/clinical":   {"nemsis", "chart"},
		"services/qa":         {"trigger"},
		"services/reporting":  {"report"},
		"services/audit":      {"leaf", "tlog"},
		"services/compliance": {"record", "dea", "cms", "alert", "access", "notice", "note", "screen", "export"},
	}[service], pkg)
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	modules := append(services(t), "pkg", "gateway", "deploy")
	for _, m := range modules {
		for name := range imports(t, m) {
			dir := filepath.Join("..", strings.TrimPrefix(name, root))
			if strings.Contains(name, "/cmd/") || strings.Contains(name, "/gen/") || strings.HasSuffix(name, "/dbsqlc") {
				continue
			}
			if _, err := os.Stat(filepath.Join(dir, "doc.go")); err != nil {
				t.Errorf("%s has no doc.go", strings.TrimPrefix(name, root))
			}
		}
	}
}
