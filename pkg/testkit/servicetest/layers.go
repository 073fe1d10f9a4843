package servicetest

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// Probe is one method with a request that answers something to those who may call it.
type Probe struct {
	Method  string
	Request proto.Message
}

// DatabaseRefuses shows the third layer: with the service's own check open (Options.AuthzOpen), a role to which the matrix
// denies a probe gets an error or an empty list all the same, because its database role has no grant or sees no row. As
// a control, a role to which it is allowed gets an answer. except names methods without rows of their own, and why.
func (r *Running) DatabaseRefuses(t *testing.T, agency int64, probes []Probe, except map[string]string) {
	t.Helper()
	matrix := readMatrix(t)
	conn := r.Gateway()
	for method := range matrix {
		probed := slices.ContainsFunc(probes, func(p Probe) bool { return p.Method == method })
		if r.serves(method) && !probed && except[method] == "" {
			t.Errorf("%s is neither probed nor excepted", method)
		}
	}
	for _, p := range probes {
		for role, allowed := range matrix[p.Method] {
			got := r.answers(t, conn, role, agency, p)
			if got != allowed {
				t.Errorf("%s as %s: answered %v, the matrix says %v", p.Method, role, got, allowed)
			}
		}
	}
}

// serves says whether the method is one of this service's that users call.
func (r *Running) serves(method string) bool {
	rule, ok := r.table.Rule(method)
	return ok && strings.HasPrefix(method, "/fleet."+r.name+".") && len(rule.GetCallers()) == 0
}

func (r *Running) answers(t *testing.T, conn *grpc.ClientConn, role string, agency int64, p Probe) bool {
	t.Helper()
	reply := outputOf(t, p.Method)
	if err := conn.Invoke(r.As(role, agency), p.Method, p.Request, reply); err != nil {
		return false
	}
	list := reply.ProtoReflect().Descriptor().Fields().Get(0)
	return !list.IsList() || reply.ProtoReflect().Get(list).List().Len() > 0
}

func outputOf(t *testing.T, method string) proto.Message {
	t.Helper()
	service, name, _ := strings.Cut(strings.TrimPrefix(method, "/"), "/")
	d, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(service))
	if err != nil {
		t.Fatal(err)
	}
	out := d.(protoreflect.ServiceDescriptor).Methods().ByName(protoreflect.Name(name)).Output()
	mt, err := protoregistry.GlobalTypes.FindMessageByName(out.FullName())
	if err != nil {
		t.Fatal(err)
	}
	return mt.New().Interface()
}

// readMatrix reads gateway/policy/matrix.csv, found upwards from the test: method -> role -> allowed.
func readMatrix(t *testing.T) map[string]map[string]bool {
	t.Helper()
	f, err := os.Open(upwards(t, "gateway/policy/matrix.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]map[string]bool{}
	for _, row := range rows[1:] {
		out[row[0]] = map[string]bool{}
		for i, v := range row[1:] {
			out[row[0]][rows[0][i+1]] = v == "allow"
		}
	}
	return out
}

func upwards(t *testing.T, path string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		p := filepath.Join(dir, path)
		if _, err := os.Stat(p); err == nil {
			return p
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatalf("%s is nowhere above the test", path)
		}
		dir = parent
	}
}
