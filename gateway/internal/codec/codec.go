package codec

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/fusionems/quantum/gateway/internal/problem"
)

// Media types of bodies.
const (
	MediaJSON    = "application/json"
	MediaXML     = "application/xml"
	MediaTextXML = "text/xml"
)

// Body is a request body that remembers why it could not be decoded: the generated code between decoder and error handler
// turns every error into text.
type Body struct {
	io.ReadCloser
	problem *problem.Problem
}

// NewBody bounds the body of a request.
func NewBody(w http.ResponseWriter, body io.ReadCloser, limit int64) *Body {
	return &Body{ReadCloser: http.MaxBytesReader(w, body, limit)}
}

// Problem is why decoding failed, or nil.
func (b *Body) Problem() *problem.Problem {
	if b == nil {
		return nil
	}
	return b.problem
}

// Marshaler reads one kind of body and writes JSON, or a document as it is.
type Marshaler struct {
	xml  bool
	json protojson.MarshalOptions
}

// New makes the marshaler of JSON bodies, or of XML ones. Answers have every list, string and number, and leave out messages
// and optional facts that are absent: null is not a fact.
func New(xml bool) *Marshaler {
	return &Marshaler{xml: xml, json: protojson.MarshalOptions{EmitDefaultValues: true}}
}

// ContentType of an answer.
func (*Marshaler) ContentType(v any) string {
	if b, ok := v.(*httpbody.HttpBody); ok {
		return b.GetContentType()
	}
	return MediaJSON
}

// Marshal encodes an answer.
func (m *Marshaler) Marshal(v any) ([]byte, error) {
	switch v := v.(type) {
	case *httpbody.HttpBody:
		return v.GetData(), nil
	case proto.Message:
		return m.json.Marshal(v)
	default:
		return nil, fmt.Errorf("codec: an answer of type %T", v)
	}
}

var errNotOneMessage = errors.New("codec: the body is not one message")

// Unmarshal decodes JSON.
func (*Marshaler) Unmarshal(data []byte, v any) error {
	msg, ok := v.(proto.Message)
	if !ok {
		return errNotOneMessage
	}
	return protojson.Unmarshal(data, msg)
}

// NewEncoder writes answers.
func (m *Marshaler) NewEncoder(w io.Writer) runtime.Encoder {
	return runtime.EncoderFunc(func(v any) error {
		data, err := m.Marshal(v)
		if err == nil {
			_, err = w.Write(data)
		}
		return err
	})
}

// NewDecoder reads the one message of a body.
func (m *Marshaler) NewDecoder(r io.Reader) runtime.Decoder {
	return runtime.DecoderFunc(func(v any) error {
		p := m.decode(r, v)
		if p == nil {
			return nil
		}
		if b, ok := r.(*Body); ok {
			b.problem = p
		}
		return p
	})
}

func (m *Marshaler) decode(r io.Reader, v any) *problem.Problem {
	data, err := io.ReadAll(r)
	if err != nil {
		return unread(err, m.xml)
	}
	msg := target(v)
	if msg == nil {
		return problem.New(http.StatusInternalServerError, problem.ReasonInternal, "the body cannot be taken in")
	}
	if doc, ok := msg.(*httpbody.HttpBody); ok && m.xml {
		doc.ContentType, doc.Data = MediaXML, data
		return nil
	}
	if len(data) == 0 {
		return nil
	}
	if err := protojson.Unmarshal(data, msg); err != nil {
		return invalidJSON(err, data, msg.ProtoReflect().Descriptor())
	}
	return nil
}

// target is the message to fill: v itself, or what the pointer in a field of the request shall point to.
func target(v any) proto.Message {
	if msg, ok := v.(proto.Message); ok {
		return msg
	}
	field := reflect.ValueOf(v)
	if field.Kind() != reflect.Pointer || field.Elem().Kind() != reflect.Pointer {
		return nil
	}
	if field.Elem().IsNil() {
		field.Elem().Set(reflect.New(field.Elem().Type().Elem()))
	}
	msg, _ := field.Elem().Interface().(proto.Message)
	return msg
}

var _ runtime.Marshaler = (*Marshaler)(nil)

// Reasons of refused bodies.
const (
	ReasonJSON     = "INVALID_JSON"
	ReasonTooLarge = "BODY_TOO_LARGE"
	ReasonDocument = "DOCUMENT_TOO_LARGE"
	ReasonUnread   = "BODY_UNREADABLE"
)

func unread(err error, xml bool) *problem.Problem {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return TooLarge(tooLarge.Limit, xml)
	}
	return problem.New(http.StatusBadRequest, ReasonUnread, "the body ended before it was whole")
}

// TooLarge refuses a body beyond its limit in bytes.
func TooLarge(limit int64, xml bool) *problem.Problem {
	reason := ReasonTooLarge
	if xml {
		reason = ReasonDocument
	}
	const mega = 1 << 20
	size := fmt.Sprintf("%d bytes", limit)
	if limit%mega == 0 {
		size = fmt.Sprintf("%d MB", limit/mega)
	}
	return problem.New(http.StatusRequestEntityTooLarge, reason, "the body is larger than "+size)
}

// fieldKind says in words what a field takes.
func fieldKind(fd protoreflect.FieldDescriptor) string {
	switch fd.Kind() {
	case protoreflect.BoolKind:
		return "true or false"
	case protoreflect.EnumKind:
		return "one of " + namesOf(fd.Enum())
	case protoreflect.StringKind:
		return "a string"
	case protoreflect.BytesKind:
		return "a base64 string"
	case protoreflect.MessageKind, protoreflect.GroupKind:
		return messageKind(fd.Message())
	case protoreflect.FloatKind, protoreflect.DoubleKind:
		return "a number"
	default:
		return "a whole number"
	}
}

func messageKind(md protoreflect.MessageDescriptor) string {
	switch md.FullName() {
	case "google.protobuf.Timestamp":
		return "a time as 2026-01-31T12:00:00Z"
	case "google.protobuf.Duration":
		return "a duration as 90s"
	case "google.protobuf.FieldMask":
		return "a list of field paths"
	default:
		return "an object"
	}
}

// namesOf lists the values of an enumeration, without the one that stands for none.
func namesOf(e protoreflect.EnumDescriptor) string {
	var names []string
	for i := range e.Values().Len() {
		if v := e.Values().Get(i); v.Number() != 0 {
			names = append(names, string(v.Name()))
		}
	}
	return strings.Join(names, ", ")
}
