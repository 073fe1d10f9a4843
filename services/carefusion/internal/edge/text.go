package edge

import (
	"strconv"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// unkept is the path of the first text with a NUL in it, or "". JSON and protos carry one, PostgreSQL does not.
func unkept(m protoreflect.Message) string {
	found := ""
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case f.IsMap():
		case f.IsList():
			for i := range v.List().Len() {
				if at, bad := unkeptValue(f, v.List().Get(i)); bad {
					found = f.JSONName() + "[" + strconv.Itoa(i) + "]" + at
					return false
				}
			}
		default:
			if at, bad := unkeptValue(f, v); bad {
				found = f.JSONName() + at
				return false
			}
		}
		return true
	})
	return found
}

func unkeptValue(f protoreflect.FieldDescriptor, v protoreflect.Value) (string, bool) {
	switch f.Kind() {
	case protoreflect.StringKind:
		return "", strings.ContainsRune(v.String(), 0)
	case protoreflect.MessageKind:
		at := unkept(v.Message())
		return "." + at, at != ""
	default:
		return "", false
	}
}

// jsonPath spells a path of field names as the JSON of a request does, which is what a caller wrote.
func jsonPath(path string) string {
	var out strings.Builder
	up := false
	for _, c := range path {
		switch {
		case c == '_':
			up = true
		case up:
			out.WriteString(strings.ToUpper(string(c)))
			up = false
		default:
			out.WriteRune(c)
		}
	}
	return out.String()
}
