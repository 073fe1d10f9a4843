package edge

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"buf.build/go/protovalidate"
	"github.com/google/uuid"
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"

	carefusionv1 "github.com/fusionems/quantum/services/carefusion/gen/carefusion/v1"
	"github.com/fusionems/quantum/services/carefusion/gen/openapi"
	"github.com/fusionems/quantum/services/carefusion/internal/authn"
	"github.com/fusionems/quantum/services/carefusion/internal/authz"
	"github.com/fusionems/quantum/services/carefusion/internal/store"
	"github.com/fusionems/quantum/services/carefusion/internal/telemetry"
)

// tooLarge bounds a request's body: the largest text is a note.
const tooLarge = 256 << 10

// Services are the implementations that are served.
type Services struct {
	Providers    carefusionv1.ProviderServiceServer
	Patients     carefusionv1.PatientServiceServer
	Schedules    carefusionv1.ScheduleServiceServer
	Appointments carefusionv1.AppointmentServiceServer
	Sessions     carefusionv1.SessionServiceServer
	Consents     carefusionv1.ConsentServiceServer
	Messages     carefusionv1.MessageServiceServer
	Notes        carefusionv1.NoteServiceServer
	Ledger       carefusionv1.LedgerServiceServer
	Audit        carefusionv1.AuditServiceServer
}

// Options is what an edge is made of.
type Options struct {
	Services Services
	Verifier *authn.Verifier
	DB       *store.DB
	Log      *slog.Logger
	Clock    func() time.Time
	// Realm is the embedded issuer, Signals the way to the video server, Page what people see; nil where there is none.
	Realm, Signals, Page http.Handler
	// Authorize lets the page's session stand for a token; nil where there is no page.
	Authorize func(http.Handler) http.Handler
	Live      Live
	Metrics   *telemetry.Metrics
	// Traces makes traces of calls.
	Traces                         trace.TracerProvider
	RatePerAddress, RatePerSubject float64
}

// Edge serves one process.
type Edge struct {
	server *grpc.Server
	conn   *grpc.ClientConn
	pipe   *pipe
	chain  *chain
	// Handler is all of REST.
	Handler http.Handler
}

// New builds the edge. It fails if an RPC has no rule.
func New(ctx context.Context, o Options) (*Edge, error) {
	v, err := protovalidate.New()
	if err != nil {
		return nil, err
	}
	c := &chain{log: o.Log, clock: o.Clock, verifier: o.Verifier, validator: v, db: o.DB, metrics: o.Metrics,
		subjects: newLimiter(o.RatePerSubject, o.Clock), closing: make(chan struct{})}
	e := &Edge{pipe: newPipe(), chain: c, server: grpc.NewServer(grpc.UnaryInterceptor(c.intercept), grpc.MaxRecvMsgSize(2*tooLarge),
		grpc.StatsHandler(otelgrpc.NewServerHandler(otelgrpc.WithTracerProvider(o.Traces))))}
	o.Services.register(e.server)
	if c.rules, err = authz.Load(e.server.GetServiceInfo()); err != nil {
		return nil, err
	}
	e.conn, err = grpc.NewClient("passthrough:///carefusion", grpc.WithContextDialer(e.pipe.dial), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, err
	}
	mux, err := restMux(ctx, e.conn)
	if err != nil {
		return nil, err
	}
	root := http.NewServeMux()
	authorize := o.Authorize
	if authorize == nil {
		authorize = func(h http.Handler) http.Handler { return h }
	}
	watch := &streams{chain: c, live: o.Live, open: map[uuid.UUID]int{}}
	root.Handle("/api/telehealth/v1/", authorize(mux))
	root.Handle("GET /api/telehealth/v1/appointments/{id}/session:watch", authorize(watch.serve(watch.session)))
	root.Handle("GET /api/telehealth/v1/waitingRoom:watch", authorize(watch.serve(watch.waiting)))
	root.HandleFunc("GET /api/telehealth/v1/openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(openapi.Document())
	})
	for path, h := range map[string]http.Handler{"/realms/": o.Realm, "/rtc": o.Signals, "/rtc/": o.Signals, "/": o.Page} {
		if h != nil {
			root.Handle(path, h)
		}
	}
	e.Handler = guard(root, newLimiter(o.RatePerAddress, o.Clock))
	return e, nil
}

func (s Services) register(r grpc.ServiceRegistrar) {
	carefusionv1.RegisterProviderServiceServer(r, s.Providers)
	carefusionv1.RegisterPatientServiceServer(r, s.Patients)
	carefusionv1.RegisterScheduleServiceServer(r, s.Schedules)
	carefusionv1.RegisterAppointmentServiceServer(r, s.Appointments)
	carefusionv1.RegisterSessionServiceServer(r, s.Sessions)
	carefusionv1.RegisterConsentServiceServer(r, s.Consents)
	carefusionv1.RegisterMessageServiceServer(r, s.Messages)
	carefusionv1.RegisterNoteServiceServer(r, s.Notes)
	carefusionv1.RegisterLedgerServiceServer(r, s.Ledger)
	carefusionv1.RegisterAuditServiceServer(r, s.Audit)
}

func restMux(ctx context.Context, conn *grpc.ClientConn) (*runtime.ServeMux, error) {
	mux := runtime.NewServeMux(
		// Unknown fields are refused: a misspelt one would be a decision that nobody took.
		runtime.WithMarshalerOption(runtime.MIMEWildcard, &runtime.JSONPb{MarshalOptions: protojson.MarshalOptions{EmitUnpopulated: true}}),
		runtime.WithErrorHandler(problem),
		// No header of a client becomes metadata but the token, which the gateway forwards by itself.
		runtime.WithIncomingHeaderMatcher(func(string) (string, bool) { return "", false }),
		runtime.WithOutgoingHeaderMatcher(func(string) (string, bool) { return "", false }),
		runtime.WithMetadata(func(_ context.Context, r *http.Request) metadata.MD {
			return metadata.Pairs(requestIDKey, r.Header.Get(requestIDKey))
		}),
	)
	for _, register := range []func(context.Context, *runtime.ServeMux, *grpc.ClientConn) error{
		carefusionv1.RegisterProviderServiceHandler, carefusionv1.RegisterPatientServiceHandler, carefusionv1.RegisterScheduleServiceHandler,
		carefusionv1.RegisterAppointmentServiceHandler, carefusionv1.RegisterSessionServiceHandler, carefusionv1.RegisterConsentServiceHandler,
		carefusionv1.RegisterMessageServiceHandler, carefusionv1.RegisterNoteServiceHandler, carefusionv1.RegisterLedgerServiceHandler,
		carefusionv1.RegisterAuditServiceHandler,
	} {
		if err := register(ctx, mux, conn); err != nil {
			return nil, err
		}
	}
	return mux, nil
}

// guard is what holds for every request, with a token or without.
func guard(next http.Handler, addresses *limiter) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// The client's own id could be anything, health information too.
		id := uuid.NewString()
		r.Header.Set(requestIDKey, id)
		h := w.Header()
		h.Set("X-Request-Id", id)
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Strict-Transport-Security", "max-age=31536000")
		host, _, err := net.SplitHostPort(r.RemoteAddr)
		if err != nil {
			host = r.RemoteAddr
		}
		if !addresses.allow(host) {
			write(w, r, status.New(codes.ResourceExhausted, "Too many requests. Try again in a moment."))
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, tooLarge)
		next.ServeHTTP(w, r)
	})
}

func problem(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, err error) {
	st := status.Convert(err)
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		st = status.New(codes.InvalidArgument, "The request is too large.")
	} else if len(st.Details()) == 0 {
		// Not ours: the gateway's own errors may quote what was sent.
		st = status.New(st.Code(), map[codes.Code]string{
			codes.InvalidArgument: "The request is not valid JSON of this call, or has an unknown field.",
			codes.NotFound:        "There is no such path.", codes.Unimplemented: "The path does not take this method.",
		}[st.Code()])
	}
	write(w, r, st)
}

type problemField struct {
	Field   string `json:"field"`
	Rule    string `json:"rule"`
	Message string `json:"message"`
}

// write answers RFC 9457.
func write(w http.ResponseWriter, r *http.Request, st *status.Status) {
	code := runtime.HTTPStatusFromCode(st.Code())
	if st.Code() == codes.Unimplemented {
		code = http.StatusMethodNotAllowed
	}
	out := struct {
		Type     string         `json:"type"`
		Title    string         `json:"title"`
		Status   int            `json:"status"`
		Detail   string         `json:"detail,omitempty"`
		Reason   string         `json:"reason,omitempty"`
		Instance string         `json:"instance"`
		Errors   []problemField `json:"errors,omitempty"`
	}{Type: "about:blank", Title: http.StatusText(code), Status: code, Detail: st.Message(), Instance: r.Header.Get(requestIDKey)}
	for _, d := range st.Details() {
		switch d := d.(type) {
		case *errdetails.ErrorInfo:
			out.Reason = d.GetReason()
		case *errdetails.BadRequest:
			for _, f := range d.GetFieldViolations() {
				out.Errors = append(out.Errors, problemField{f.GetField(), f.GetReason(), f.GetDescription()})
			}
		}
	}
	if code == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="carefusion"`)
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(out)
}

// Serve answers on the listener until the context is over and then lets requests in progress end.
func (e *Edge) Serve(ctx context.Context, l net.Listener, cert func(*tls.ClientHelloInfo) (*tls.Certificate, error), patience time.Duration) error {
	srv := &http.Server{Handler: e.Handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 20 * time.Second, WriteTimeout: 30 * time.Second,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10, TLSConfig: &tls.Config{MinVersion: tls.VersionTLS13, GetCertificate: cert},
		// Its messages name addresses of clients.
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)}
	failed := make(chan error, 2)
	go func() { failed <- e.server.Serve(e.pipe) }()
	go func() { failed <- srv.ServeTLS(l, "", "") }()
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	close(e.chain.closing)
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	err = errors.Join(ignoreClosed(err), srv.Shutdown(end), e.conn.Close())
	e.server.Stop()
	return err
}

func ignoreClosed(err error) error {
	if errors.Is(err, http.ErrServerClosed) || (err != nil && strings.Contains(err.Error(), "closed")) {
		return nil
	}
	return err
}
