package edge

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"

	"github.com/fusionems/quantum/gateway/internal/access"
	"github.com/fusionems/quantum/gateway/internal/authn"
	"github.com/fusionems/quantum/gateway/internal/codec"
	"github.com/fusionems/quantum/gateway/internal/decide"
	"github.com/fusionems/quantum/gateway/internal/evidence"
	"github.com/fusionems/quantum/gateway/internal/modules"
	"github.com/fusionems/quantum/gateway/internal/route"
	"github.com/fusionems/quantum/gateway/internal/session"
	"github.com/fusionems/quantum/pkg/audit"
	"github.com/fusionems/quantum/pkg/authz"
	"github.com/fusionems/quantum/pkg/limit"
)

type authenticator interface {
	Authenticate(ctx context.Context, token string) (*authn.Session, error)
}

type decider interface {
	Decide(ctx context.Context, r decide.Request) (decide.Decision, error)
}

type moduleRegistry interface {
	Current() *modules.State
}

type limiter interface {
	Take(ctx context.Context, s limit.Subject) (wait time.Duration, err error)
	TakeFailure(ctx context.Context, address string) (wait time.Duration, err error)
}

type recorder interface {
	Refused(f evidence.Refusal)
	Keep(call *audit.Call)
}

type browserSessions interface {
	Authenticate(ctx context.Context, r *http.Request, address string) (*session.Live, error)
}

// Deps is what the chain works with; all but Tracer are required.
type Deps struct {
	Config   Config
	Roles    []authz.Role
	Routes   *route.Table
	Tokens   authenticator
	Sessions browserSessions
	Own      Own
	Policy   decider
	Modules  moduleRegistry
	Limits   limiter
	Signer   authn.Signer
	Refusals recorder
	Access   *access.Log
	Metrics  *access.Metrics
	Log      *slog.Logger
	Now      func() time.Time
	// Conns are the connections to the services, by name.
	Conns map[string]*grpc.ClientConn
	// Tracer makes the span of a request; nil makes none.
	Tracer trace.Tracer
}

// Config is what an operator may set.
type Config struct {
	// MaxDocument and MaxBody bound XML and JSON bodies in bytes.
	MaxDocument, MaxBody int64
	// Timeout bounds a call, DocumentTimeout one that carries a document.
	Timeout, DocumentTimeout time.Duration
	// TrustedProxies may say in X-Forwarded-For whom they speak for.
	TrustedProxies []netip.Prefix
}

// Edge serves the API below /api/.
type Edge struct {
	Deps
	stages    []stage
	mux       *runtime.ServeMux
	handlers  []*handler
	unmatched *access.Series
	crossing  map[string]bool
	headers   map[route.Body]http.Header
}

// New builds the chain and proves that every route reaches the handler of its own method.
func New(ctx context.Context, d Deps) (*Edge, error) {
	e := &Edge{Deps: d, crossing: map[string]bool{}, unmatched: d.Metrics.Series("any", unmatchedEndpoint)}
	for _, r := range d.Roles {
		e.crossing[r.Name] = r.CrossAgency
	}
	e.stages = e.chain()
	// What the generated code may see of a request's headers is only what it needs to pick a decoder.
	e.headers = map[route.Body]http.Header{
		route.NoBody: {}, route.JSON: {"Content-Type": {codec.MediaJSON}}, route.XML: {"Content-Type": {codec.MediaXML}},
	}
	e.mux = runtime.NewServeMux(
		runtime.WithMiddlewares(e.bind),
		runtime.WithMarshalerOption(runtime.MIMEWildcard, codec.New(false)),
		runtime.WithMarshalerOption(codec.MediaXML, codec.New(true)),
		runtime.WithErrorHandler(e.callFailed),
		runtime.WithRoutingErrorHandler(e.notRouted),
		runtime.WithForwardResponseOption(setStatus),
		runtime.WithIncomingHeaderMatcher(noHeader),
		runtime.WithOutgoingHeaderMatcher(noHeader),
		runtime.WithOutgoingTrailerMatcher(noHeader),
		runtime.WithDisableHTTPMethodOverride(),
		runtime.WithDisablePathLengthFallback(),
	)
	if err := Register(ctx, e.mux, func(service string) *grpc.ClientConn { return d.Conns[service] }, d.Own); err != nil {
		return nil, err
	}
	return e, e.bindRoutes()
}

// noHeader forwards no header in either direction: what a service needs to know of a caller is in the signed principal.
func noHeader(string) (string, bool) { return "", false }

// handler is one route as the mux knows it.
type handler struct {
	edge   *Edge
	next   runtime.HandlerFunc
	route  *route.Route
	series *access.Series
}

// bind wraps a handler while it is registered. Its route is found by bindRoutes: the mux tells a pattern only with a request.
func (e *Edge) bind(next runtime.HandlerFunc) runtime.HandlerFunc {
	h := &handler{edge: e, next: next}
	e.handlers = append(e.handlers, h)
	return h.serve
}

// probe is the response writer of a sample request that asks a handler for its route.
type probe struct {
	http.ResponseWriter
	reached *handler
	pattern string
}

// bindRoutes sends a sample request through the mux for each route. So a route that another one hides, that has no handler, or
// whose handler has no rule, stops the start and not a request.
func (e *Edge) bindRoutes() error {
	const sample = "1"
	var problems []error
	for _, r := range e.Routes.All() {
		req, err := http.NewRequest(r.HTTPMethod, r.SamplePath(sample), nil)
		if err != nil {
			return fmt.Errorf("edge: %w", err)
		}
		p := &probe{}
		e.mux.ServeHTTP(p, req)
		found, ok := e.Routes.Lookup(r.HTTPMethod, p.pattern)
		if p.reached == nil || !ok || found != r || p.reached.route != nil {
			problems = append(problems, fmt.Errorf("edge: %s %s does not reach %s", r.HTTPMethod, r.Template, r.Method))
			continue
		}
		p.reached.route, p.reached.series = r, e.Metrics.Series(r.HTTPMethod, r.Template)
	}
	for _, h := range e.handlers {
		if h.route == nil {
			problems = append(problems, errors.New("edge: a handler has no route"))
		}
	}
	return errors.Join(problems...)
}
