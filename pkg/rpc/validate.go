package rpc

import (
	"context"
	"errors"
	"strings"
	"unicode"

	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/proto"

	"github.com/fusionems/quantum/pkg/errs"
)

func validateLink(v protovalidate.Validator) Middleware {
	return Middleware{Name: LinkValidate, After: []string{LinkAuthz}, Message: func(_ context.Context, _ string, msg any) error {
		m, ok := msg.(proto.Message)
		if !ok {
			return nil
		}
		return violations(v.Validate(m))
	}}
}

func violations(err error) error {
	var ve *protovalidate.ValidationError
	if err == nil || !errors.As(err, &ve) {
		return err
	}
	var fields []errs.Field
	for _, v := range ve.Violations {
		fields = append(fields, errs.Field{
			Field: jsonPath(protovalidate.FieldPathString(v.Proto.GetField())), Rule: v.Proto.GetRuleId(), Message: v.Proto.GetMessage(),
		})
	}
	return errs.New(errs.Invalid, "REQUEST_INVALID", "the request breaks rules of its fields", errs.WithFields(fields...))
}

// jsonPath names a field as the client wrote it: crew_ids[1] is crewIds[1]. What stands in quotes is a key of a map.
func jsonPath(path string) string {
	var out strings.Builder
	upper, quoted := false, false
	for _, c := range path {
		switch {
		case c == '"':
			quoted = !quoted
		case c == '_' && !quoted:
			upper = true
			continue
		}
		if upper {
			c, upper = unicode.ToUpper(c), false
		}
		out.WriteRune(c)
	}
	return out.String()
}
