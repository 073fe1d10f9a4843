package codec

import (
	"bytes"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/fusionems/quantum/gateway/internal/problem"
	"github.com/fusionems/quantum/gateway/internal/route"
	"github.com/fusionems/quantum/pkg/errs"
)

// The decoder of protojson says where and what only in words. They are read, never repeated: a part of the text could be a
// value of the request. The space after "proto:" is sometimes a no-break space.
var (
	jsonPlace   = regexp.MustCompile(`\(line (\d+):(\d+)\)`)
	jsonUnknown = regexp.MustCompile(`unknown field "([A-Za-z0-9_.\[\]/-]{1,64})"`)
	jsonField   = regexp.MustCompile(`for [a-z0-9]+ field ([A-Za-z0-9_]{1,64})`)
	jsonMember  = regexp.MustCompile(`"([A-Za-z0-9_]{1,64})"\s*:\s*$`)
	jsonTwice   = regexp.MustCompile(`duplicate field "([A-Za-z0-9_]{1,64})"`)
)

func invalidJSON(err error, body []byte, md protoreflect.MessageDescriptor) *problem.Problem {
	text := err.Error()
	line, column := 0, 0
	if m := jsonPlace.FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1])
		column, _ = strconv.Atoi(m[2])
	}
	p := problem.New(http.StatusBadRequest, ReasonJSON, "the body is not JSON of the form that this call takes")
	if m := jsonUnknown.FindStringSubmatch(text); m != nil {
		p.Detail = "the body has a field that this call does not know"
		return p.With(errs.Field{Field: m[1], Rule: "json.unknown_field", Message: "no such field here", Line: line})
	}
	if m := jsonTwice.FindStringSubmatch(text); m != nil {
		return p.With(errs.Field{Field: m[1], Rule: "json.duplicate_field", Message: "give the field once", Line: line})
	}
	if m := jsonField.FindStringSubmatch(text); m != nil {
		if fd := fieldOf(md, m[1]); fd != nil {
			return p.With(errs.Field{Field: fd.JSONName(), Rule: "json.type", Message: "must be " + fieldKind(fd), Line: line})
		}
	}
	if fd := memberAt(body, line, column, md); fd != nil {
		return p.With(errs.Field{Field: fd.JSONName(), Rule: "json.type", Message: "must be " + fieldKind(fd), Line: line})
	}
	if line > 0 {
		return p.With(errs.Field{Field: "body", Rule: "json.syntax", Message: "is not valid from here on", Line: line})
	}
	return p
}

// memberAt is the message field whose value begins at a place of the body, or nil. The decoder does not name the field when the
// value does not fit a message, as a time that is none. A list or scalar there is the decoder's to describe.
func memberAt(body []byte, line, column int, md protoreflect.MessageDescriptor) protoreflect.FieldDescriptor {
	for ; line > 1; line-- {
		end := bytes.IndexByte(body, '\n')
		if end < 0 {
			return nil
		}
		body = body[end+1:]
	}
	// Columns count characters; a name of a field is never far from its value.
	text := []rune(string(body[:min(len(body), 4*column)]))
	if column < 1 || column > len(text) {
		return nil
	}
	m := jsonMember.FindStringSubmatch(string(text[:column-1]))
	if m == nil {
		return nil
	}
	fd := fieldOf(md, m[1])
	if fd == nil || fd.Message() == nil || fd.IsList() || fd.IsMap() {
		return nil
	}
	return fd
}

func fieldOf(md protoreflect.MessageDescriptor, name string) protoreflect.FieldDescriptor {
	if fd := md.Fields().ByJSONName(name); fd != nil {
		return fd
	}
	return md.Fields().ByTextName(name)
}

// Reasons of refused parameters.
const (
	ReasonParameterUnknown = "UNKNOWN_PARAMETER"
	ReasonParameterInvalid = "INVALID_PARAMETER"
)

// maxNamed bounds what a problem repeats of a parameter's name.
const maxNamed = 64

var parameterName = regexp.MustCompile(`^[A-Za-z0-9_.\[\]-]+$`)

// CheckQuery refuses a query string with a parameter that the route does not know, has twice, or cannot read.
func CheckQuery(r *route.Route, raw string) *problem.Problem {
	if raw == "" {
		return nil
	}
	values, err := url.ParseQuery(raw)
	if err != nil {
		return problem.New(http.StatusBadRequest, ReasonParameterInvalid, "the query string is not well formed")
	}
	p := problem.New(http.StatusBadRequest, ReasonParameterInvalid, "a parameter of the request has the wrong form")
	for _, name := range sortedKeys(values) {
		fd, ok := r.Query[name]
		switch {
		case !ok:
			p.Reason, p.Detail = ReasonParameterUnknown, "the query string has a parameter that this call does not know"
			p = p.With(errs.Field{Field: printable(name), Rule: "query.unknown", Message: "no such parameter; known are " + known(r)})
		case !fd.IsList() && len(values[name]) > 1:
			p = p.With(errs.Field{Field: name, Rule: "query.duplicate", Message: "give the parameter once"})
		default:
			p = p.With(malformed(r, fd, values[name])...)
		}
	}
	if len(p.Fields) == 0 {
		return nil
	}
	return p
}

func malformed(r *route.Route, fd protoreflect.FieldDescriptor, values []string) []errs.Field {
	for _, v := range values {
		if !isText(v) {
			return []errs.Field{{Field: fd.JSONName(), Rule: "query.text", Message: notText}}
		}
		if err := runtime.PopulateFieldFromPath(r.NewInput(), string(fd.Name()), v); err != nil {
			return []errs.Field{{Field: fd.JSONName(), Rule: "query.type", Message: "must be " + fieldKind(fd)}}
		}
	}
	return nil
}

// CheckPath refuses a parameter of the path that its field cannot hold.
func CheckPath(r *route.Route, params map[string]string) *problem.Problem {
	for name, value := range params {
		if value == "" {
			return problem.New(http.StatusNotFound, problem.ReasonRoute, "no such path; /docs lists the API")
		}
		fd := r.Path[name]
		if fd != nil && !isText(value) {
			return problem.New(http.StatusBadRequest, ReasonParameterInvalid, "a parameter of the path has the wrong form").
				With(errs.Field{Field: fd.JSONName(), Rule: "path.text", Message: notText})
		}
		if fd == nil || fd.Kind() == protoreflect.StringKind {
			continue
		}
		if err := runtime.PopulateFieldFromPath(r.NewInput(), name, value); err != nil {
			return problem.New(http.StatusBadRequest, ReasonParameterInvalid, "a parameter of the path has the wrong form").
				With(errs.Field{Field: fd.JSONName(), Rule: "path.type", Message: "must be " + fieldKind(fd)})
		}
	}
	return nil
}

const notText = "must be UTF-8 without U+0000"

// isText is what messages and the database can hold; percent-encoding can say more.
func isText(v string) bool { return utf8.ValidString(v) && !strings.ContainsRune(v, 0) }

func known(r *route.Route) string {
	if len(r.Query) == 0 {
		return "none"
	}
	names := make([]string, 0, len(r.Query))
	for name := range r.Query {
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

func sortedKeys(v url.Values) []string {
	keys := make([]string, 0, len(v))
	for k := range v {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func printable(name string) string {
	if len(name) > maxNamed || !parameterName.MatchString(name) {
		return "?"
	}
	return name
}
