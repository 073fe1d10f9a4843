package edge

import (
	"cmp"
	"context"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"github.com/fusionems/quantum/gateway/internal/codec"
	"github.com/fusionems/quantum/gateway/internal/problem"
	"github.com/fusionems/quantum/gateway/internal/route"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/rpc"
)

// Reasons of requests that have the wrong shape.
const (
	ReasonMediaType      = "UNSUPPORTED_MEDIA_TYPE"
	ReasonEncoding       = "UNSUPPORTED_CONTENT_ENCODING"
	ReasonNotAcceptable  = "NOT_ACCEPTABLE"
	ReasonBodyUnexpected = "BODY_UNEXPECTED"
	ReasonMethodNot      = "METHOD_NOT_ALLOWED"
)

// checkRequest looks at what comes before the body, and bounds the body.
func (e *Edge) checkRequest(x *exchange, r *http.Request) *problem.Problem {
	rt := x.handler.route
	if p := codec.CheckPath(rt, x.params); p != nil {
		return p
	}
	if p := codec.CheckQuery(rt, r.URL.RawQuery); p != nil {
		return p
	}
	if p := acceptable(r, rt.AnswersDocument); p != nil {
		return p
	}
	if rt.Body == route.NoBody {
		if r.ContentLength != 0 {
			return problem.New(http.StatusBadRequest, ReasonBodyUnexpected, "this call takes no body")
		}
		return nil
	}
	return e.checkBody(x, r, rt.Body)
}

func (e *Edge) checkBody(x *exchange, r *http.Request, kind route.Body) *problem.Problem {
	limit := e.Config.MaxBody
	if kind == route.XML {
		limit = e.Config.MaxDocument
	}
	if enc := r.Header.Get("Content-Encoding"); enc != "" && !strings.EqualFold(enc, "identity") {
		return problem.New(http.StatusUnsupportedMediaType, ReasonEncoding, "send the body without Content-Encoding")
	}
	if r.ContentLength != 0 || kind == route.XML {
		if p := mediaType(r.Header.Get("Content-Type"), kind); p != nil {
			return p
		}
	}
	if r.ContentLength > limit {
		return codec.TooLarge(limit, kind == route.XML)
	}
	x.body = codec.NewBody(x.ResponseWriter, r.Body, limit)
	return nil
}

func mediaType(header string, kind route.Body) *problem.Problem {
	media, _, err := mime.ParseMediaType(header)
	want := codec.MediaJSON
	ok := media == codec.MediaJSON
	if kind == route.XML {
		want, ok = codec.MediaXML, media == codec.MediaXML || media == codec.MediaTextXML
	}
	if err != nil || !ok {
		return problem.New(http.StatusUnsupportedMediaType, ReasonMediaType, "send the body with Content-Type: "+want)
	}
	return nil
}

// acceptable says whether the client takes what the route answers with: JSON, or a document, whose type is the service's to say.
func acceptable(r *http.Request, document bool) *problem.Problem {
	values := r.Header["Accept"]
	if len(values) == 0 || (len(values) == 1 && (values[0] == "*/*" || values[0] == codec.MediaJSON && !document)) {
		return nil
	}
	for part := range strings.SplitSeq(strings.Join(values, ","), ",") {
		media, params, err := mime.ParseMediaType(strings.TrimSpace(part))
		if err != nil || params["q"] == "0" {
			continue
		}
		switch media {
		case "*/*", "application/*":
			return nil
		case codec.MediaJSON, problem.ContentType:
			if !document {
				return nil
			}
		default:
			if document {
				return nil
			}
		}
	}
	detail := "this call answers with " + codec.MediaJSON
	if document {
		detail = "this call answers with a document; accept */*"
	}
	return problem.New(http.StatusNotAcceptable, ReasonNotAcceptable, detail)
}

func (e *Edge) sign(x *exchange, r *http.Request) *problem.Problem {
	var err error
	if x.signed, err = x.session.Sign(e.Signer, &x.principal, e.Now()); err != nil {
		e.Log.ErrorContext(r.Context(), "the principal could not be signed", "error", err)
		return problem.New(http.StatusInternalServerError, problem.ReasonInternal, "an internal error; the instance names it in the log")
	}
	return nil
}

// callContext bounds the call and holds all metadata that a service gets.
func (e *Edge) callContext(x *exchange, r *http.Request) (context.Context, context.CancelFunc) {
	md := metadata.MD{rpc.HeaderPrincipal: {x.signed}, rpc.HeaderRequestID: {x.record.RequestID}}
	if e.Tracer == nil && x.trace != "" {
		md["traceparent"] = []string{x.trace}
	}
	ctx, cancel := context.WithTimeout(r.Context(), e.remaining(x.handler.route.Body == route.XML))
	if x.handler.route.Owner == owner {
		return e.ownContext(ctx, x), cancel
	}
	return metadata.NewOutgoingContext(ctx, md), cancel
}

// forwarded is the request as the generated code may see it. It makes metadata of addresses and headers, replacing what is in
// the context: without them there is nothing to make.
func (e *Edge) forwarded(x *exchange, r *http.Request) *http.Request {
	r.Header = e.headers[x.handler.route.Body]
	r.Host, r.RemoteAddr = "", ""
	r.Body = http.NoBody
	if x.body != nil {
		r.Body = x.body
	}
	return r
}

// setStatus answers with the success status that a service asked for, and as a file if it named one.
func setStatus(ctx context.Context, w http.ResponseWriter, _ proto.Message) error {
	md, ok := runtime.ServerMetadataFromContext(ctx)
	if !ok {
		return nil
	}
	if v := md.HeaderMD.Get(rpc.HeaderFilename); len(v) == 1 {
		// It quotes the name, and makes nothing of one that a header cannot hold.
		w.Header().Set("Content-Disposition", cmp.Or(mime.FormatMediaType("attachment", map[string]string{"filename": v[0]}), "attachment"))
	}
	if v := md.HeaderMD.Get(rpc.HeaderHTTPCode); len(v) == 1 {
		if code, err := strconv.Atoi(v[0]); err == nil && code > http.StatusOK && code < http.StatusMultipleChoices {
			w.WriteHeader(code)
		}
	}
	return nil
}

// callFailed writes the error of a call, or of what the generated code could not decode.
func (e *Edge) callFailed(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, err error) {
	x, ok := w.(*exchange)
	if !ok {
		return
	}
	p := x.body.Problem()
	if p == nil {
		p = problem.FromError(err)
	}
	if x.call != nil {
		x.call.Failed(p.Reason)
	}
	if p.Status == http.StatusInternalServerError {
		e.Log.ErrorContext(r.Context(), "a call failed", "request_id", x.record.RequestID, "rpc", x.record.RPC, "error", err)
	}
	x.fail(p)
}

// notRouted answers requests that no route takes.
func (e *Edge) notRouted(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, code int) {
	x, ok := w.(*exchange)
	if !ok {
		return
	}
	switch code {
	case http.StatusMethodNotAllowed:
		x.Header().Set("Allow", strings.Join(e.Routes.Allowed(r.URL.Path), ", "))
		x.fail(problem.New(code, ReasonMethodNot, "this path does not take the method; Allow names those it takes"))
	case http.StatusNotFound:
		x.fail(problem.New(code, problem.ReasonRoute, "no such path; /docs lists the API"))
	default:
		x.fail(problem.New(http.StatusBadRequest, problem.ReasonInvalid, "the request is not well formed"))
	}
}

func (h *handler) answerProbe(w http.ResponseWriter, r *http.Request) {
	p, ok := w.(*probe)
	if !ok {
		return
	}
	pattern, _ := runtime.HTTPPattern(r.Context())
	p.reached, p.pattern = h, pattern.String()
}

// principalFor is who the record of a refusal names; a refused token names nobody.
func principalFor(x *exchange) identity.Principal {
	p := x.principal
	if p.Subject == "" {
		p.Subject, p.Actor = anonymous, identity.Human
	}
	if p.ActingRole == "" && len(p.Roles) > 0 {
		p.ActingRole = p.Roles[0]
	}
	return p
}
