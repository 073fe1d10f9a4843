package route

import (
	"errors"
	"fmt"
	"strings"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/fusionems/quantum/pkg/authz"
	authzv1 "github.com/fusionems/quantum/proto/gen/go/fleet/authz/v1"
)

// Body is what a request may carry.
type Body uint8

// Bodies.
const (
	NoBody Body = iota
	JSON
	XML
)

// Route is one HTTP binding of an RPC.
type Route struct {
	// Method is the full gRPC method, e.g. "/fleet.qa.v1.CaseService/GetCase".
	Method string
	// Owner is the service process that answers, e.g. "qa".
	Owner string
	// HTTPMethod and Template are the binding, e.g. GET "/api/qa/cases/{id}".
	HTTPMethod, Template string
	Rule                 *authzv1.Rule
	Body                 Body
	// AnswersDocument says that the answer is a document, of a type that the service says, and not JSON.
	AnswersDocument bool
	// Query holds the parameters that the query string may have, by JSON name.
	Query map[string]protoreflect.FieldDescriptor
	// Path holds the parameters of the template, by proto name.
	Path  map[string]protoreflect.FieldDescriptor
	input protoreflect.MessageType
}

// NewInput is an empty request message of the RPC.
func (r *Route) NewInput() proto.Message { return r.input.New().Interface() }

// Action is the method as the audit log writes it.
func (r *Route) Action() string { return r.Method[1:] }

// Writes says whether the call changes state.
func (r *Route) Writes() bool { return r.Rule.GetAccess() != authzv1.Access_ACCESS_READ }

// Table is all routes.
type Table struct {
	routes []*Route
	byKey  map[string]*Route
}

const root = "/api/"

// Load reads the routes of all linked services and fails when one has no permission rule or leaves the API's root.
func Load(rules *authz.Table) (*Table, error) {
	t := &Table{byKey: map[string]*Route{}}
	var problems []error
	protoregistry.GlobalFiles.RangeFiles(func(fd protoreflect.FileDescriptor) bool {
		if strings.HasPrefix(string(fd.Package()), "fleet.") {
			for i := range fd.Services().Len() {
				problems = append(problems, t.addService(fd.Services().Get(i), rules))
			}
		}
		return true
	})
	return t, errors.Join(problems...)
}

func (t *Table) addService(sd protoreflect.ServiceDescriptor, rules *authz.Table) error {
	var problems []error
	for i := range sd.Methods().Len() {
		md := sd.Methods().Get(i)
		rule, _ := proto.GetExtension(md.Options(), annotations.E_Http).(*annotations.HttpRule)
		if rule == nil {
			continue
		}
		for _, binding := range append([]*annotations.HttpRule{rule}, rule.GetAdditionalBindings()...) {
			problems = append(problems, t.add(md, binding, rules))
		}
	}
	return errors.Join(problems...)
}

func (t *Table) add(md protoreflect.MethodDescriptor, binding *annotations.HttpRule, rules *authz.Table) error {
	method := fmt.Sprintf("/%s/%s", md.Parent().FullName(), md.Name())
	rule, ok := rules.Rule(method)
	if !ok {
		return fmt.Errorf("route: %s has no permission rule", method)
	}
	httpMethod, template := verbOf(binding)
	if !strings.HasPrefix(template, root) {
		return fmt.Errorf("route: %s: template %q is not below %s", method, template, root)
	}
	input, err := protoregistry.GlobalTypes.FindMessageByName(md.Input().FullName())
	if err != nil {
		return fmt.Errorf("route: %s: %w", method, err)
	}
	r := &Route{
		Method: method, Owner: ownerOf(md), HTTPMethod: httpMethod, Template: template, Rule: rule,
		Body: bodyOf(md, binding), AnswersDocument: md.Output().FullName() == httpBody, input: input,
	}
	r.Path, r.Query = parameters(md.Input(), template, binding.GetBody())
	k := key(httpMethod, template)
	if t.byKey[k] != nil {
		return fmt.Errorf("route: %s and %s are both %s %s", method, t.byKey[k].Method, httpMethod, template)
	}
	t.byKey[k] = r
	t.routes = append(t.routes, r)
	return nil
}

const httpBody = "google.api.HttpBody"

func verbOf(b *annotations.HttpRule) (method, template string) {
	switch p := b.GetPattern().(type) {
	case *annotations.HttpRule_Get:
		return "GET", p.Get
	case *annotations.HttpRule_Put:
		return "PUT", p.Put
	case *annotations.HttpRule_Post:
		return "POST", p.Post
	case *annotations.HttpRule_Delete:
		return "DELETE", p.Delete
	case *annotations.HttpRule_Patch:
		return "PATCH", p.Patch
	default:
		return "", ""
	}
}

// ownerOf is the second element of the package: fleet.qa.v1 is served by the process qa.
func ownerOf(md protoreflect.MethodDescriptor) string {
	return strings.Split(string(md.ParentFile().Package()), ".")[1]
}

func bodyOf(md protoreflect.MethodDescriptor, b *annotations.HttpRule) Body {
	if b.GetBody() == "" {
		return NoBody
	}
	if fd := md.Input().Fields().ByTextName(b.GetBody()); fd != nil && fd.Message() != nil && fd.Message().FullName() == httpBody {
		return XML
	}
	return JSON
}

func parameters(input protoreflect.MessageDescriptor, template, body string) (path, query map[string]protoreflect.FieldDescriptor) {
	path, query = map[string]protoreflect.FieldDescriptor{}, map[string]protoreflect.FieldDescriptor{}
	for i := range input.Fields().Len() {
		fd := input.Fields().Get(i)
		switch {
		case strings.Contains(template, "{"+string(fd.Name())+"}"):
			path[string(fd.Name())] = fd
		case body != "*" && body != string(fd.Name()):
			query[fd.JSONName()] = fd
		}
	}
	return path, query
}

func key(method, template string) string { return method + " " + template }

// Lookup finds a route by method and template. A capture may be written {id} or {id=*}.
func (t *Table) Lookup(method, template string) (*Route, bool) {
	r, ok := t.byKey[key(method, strings.ReplaceAll(template, "=*}", "}"))]
	return r, ok
}

// All returns the routes.
func (t *Table) All() []*Route { return t.routes }

// Allowed are the methods that a path answers to, for the Allow header of a 405.
func (t *Table) Allowed(path string) []string {
	var out []string
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		for _, r := range t.routes {
			if r.HTTPMethod == method && matches(r.Template, path) {
				out = append(out, method)
				break
			}
		}
	}
	return out
}

func matches(template, path string) bool {
	want, got := strings.Split(template, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return false
	}
	for i, w := range want {
		if open, rest, ok := strings.Cut(w, "{"); ok {
			_, suffix, _ := strings.Cut(rest, "}")
			if len(got[i]) <= len(open)+len(suffix) || !strings.HasPrefix(got[i], open) || !strings.HasSuffix(got[i], suffix) {
				return false
			}
			continue
		}
		if w != got[i] {
			return false
		}
	}
	return true
}

// SamplePath is a path that the template matches, with the same word for every parameter.
func (r *Route) SamplePath(value string) string {
	var b strings.Builder
	rest := r.Template
	for {
		before, after, ok := strings.Cut(rest, "{")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		b.WriteString(value)
		_, rest, _ = strings.Cut(after, "}")
	}
}
