package rpc

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"time"

	"buf.build/go/protovalidate"
	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/fusionems/quantum/pkg/audit"
	"github.com/fusionems/quantum/pkg/authz"
	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/tlsfile"
	authzv1 "github.com/fusionems/quantum/proto/gen/go/fleet/authz/v1"
)

// Names of the links, in their order.
const (
	LinkRequestID = "request-id"
	LinkLog       = "log"
	LinkMetrics   = "metrics"
	LinkErrors    = "errors"
	LinkAudit     = "audit"
	LinkAuthn     = "authn"
	LinkAuthz     = "authz"
	LinkDeadline  = "deadline"
	LinkValidate  = "validate"
)

const gatewayService = "gateway"

func requestIDLink() Middleware {
	return Middleware{Name: LinkRequestID, Pre: func(ctx context.Context, _ string) (context.Context, error) {
		id := first(ctx, HeaderRequestID)
		if _, err := uuid.Parse(id); err != nil {
			v7, err := uuid.NewV7()
			if err != nil {
				return ctx, err
			}
			id = v7.String()
		}
		return identity.WithRequestID(ctx, id), nil
	}}
}

type startKey struct{}

func logLink(log *slog.Logger) Middleware {
	return Middleware{
		Name: LinkLog, After: []string{LinkRequestID},
		Pre: func(ctx context.Context, _ string) (context.Context, error) {
			return context.WithValue(ctx, startKey{}, time.Now()), nil
		},
		Post: func(ctx context.Context, method string, err error) error {
			attrs := []any{"method", method, "code", status.Code(err).String(), "ms", millisSince(ctx)}
			var cause *causeError
			if errors.As(err, &cause) {
				attrs = append(attrs, "error", cause.inner)
				var p *panicError
				if errors.As(cause.inner, &p) {
					attrs = append(attrs, "stack", string(p.stack))
				}
			}
			level := slog.LevelDebug
			switch status.Code(err) {
			case codes.Internal, codes.Unknown, codes.DataLoss:
				level = slog.LevelError
			case codes.Unavailable, codes.DeadlineExceeded:
				level = slog.LevelWarn
			}
			log.Log(ctx, level, "rpc", attrs...)
			if cause != nil {
				return cause.status
			}
			return err
		},
	}
}

func millisSince(ctx context.Context) int64 {
	t, _ := ctx.Value(startKey{}).(time.Time)
	return time.Since(t).Milliseconds()
}

func metricsLink(reg prometheus.Registerer) Middleware {
	seconds := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "fleet_rpc_duration_seconds", Help: "Time to answer an RPC, by method and gRPC code.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
	}, []string{"method", "code"})
	reg.MustRegister(seconds)
	return Middleware{Name: LinkMetrics, After: []string{LinkLog}, Post: func(ctx context.Context, method string, err error) error {
		t, _ := ctx.Value(startKey{}).(time.Time)
		seconds.WithLabelValues(method, status.Code(err).String()).Observe(time.Since(t).Seconds())
		return err
	}}
}

// causeError carries the status for the client and the cause for the log up to the log link.
type causeError struct {
	status error
	inner  error
}

func (c *causeError) Error() string              { return c.status.Error() }
func (c *causeError) GRPCStatus() *status.Status { return status.Convert(c.status) }

func errorsLink(service string) Middleware {
	return Middleware{Name: LinkErrors, After: []string{LinkLog, LinkMetrics}, Post: func(_ context.Context, _ string, err error) error {
		if err == nil {
			return nil
		}
		return &causeError{status: toStatus(service, err), inner: withCauses(err)}
	}}
}

// withCauses spells out what an errs.Error hides from clients.
func withCauses(err error) error {
	if e, ok := errs.As(err); ok && errors.Unwrap(e) != nil {
		return errors.Join(err, errors.Unwrap(e))
	}
	return err
}

// Recorder stores the audit record of a call that no transaction of the call has stored.
type Recorder interface {
	Record(ctx context.Context, call *audit.Call) error
}

func auditLink(service string, table *authz.Table, rec Recorder, log *slog.Logger, now func() time.Time) Middleware {
	return Middleware{
		Name: LinkAudit, After: []string{LinkRequestID, LinkErrors},
		Pre: func(ctx context.Context, method string) (context.Context, error) {
			ctx, call := audit.Start(ctx, service, method[1:], now)
			rule, ok := table.Rule(method)
			if ok && rule.GetAccess() == authzv1.Access_ACCESS_READ && !rule.GetProtected() {
				call.Silence()
			}
			return ctx, nil
		},
		Post: func(ctx context.Context, method string, err error) error {
			call := audit.FromContext(ctx)
			if call == nil || call.IsCommitted() {
				return err
			}
			if err != nil {
				describe(call, err)
			}
			if rerr := rec.Record(ctx, call); rerr != nil {
				log.ErrorContext(ctx, "the audit record of a call could not be stored", "method", method, "error", rerr)
				if err == nil {
					return errs.New(errs.Unavailable, "AUDIT_UNAVAILABLE", "the access could not be recorded, so it was not given; try again")
				}
			}
			return err
		},
	}
}

func describe(call *audit.Call, err error) {
	switch e, _ := errs.As(err); {
	case e != nil && (e.Kind == errs.Denied || e.Kind == errs.Unauthenticated):
		call.Unsilence()
		call.Refused(e.Reason)
	default:
		call.Failed(errs.Reason(err))
	}
}

func authnLink(verifier *identity.Verifier) Middleware {
	return Middleware{Name: LinkAuthn, After: []string{LinkAudit}, Pre: func(ctx context.Context, _ string) (context.Context, error) {
		service := peerService(ctx)
		if service == "" {
			return ctx, errs.New(errs.Unauthenticated, "PEER_UNKNOWN", "the connection has no identity of the fleet")
		}
		p, err := principalOf(ctx, verifier, service)
		if err != nil {
			return ctx, err
		}
		audit.FromContext(ctx).SetPrincipal(p)
		return context.WithValue(identity.With(ctx, p), peerKey{}, service), nil
	}}
}

type peerKey struct{}

// peerService is the service named by the client certificate of the connection.
func peerService(ctx context.Context) string {
	p, ok := peer.FromContext(ctx)
	if !ok {
		return ""
	}
	info, ok := p.AuthInfo.(credentials.TLSInfo)
	if !ok {
		return ""
	}
	return tlsfile.ServiceOf(info.State)
}

func principalOf(ctx context.Context, verifier *identity.Verifier, service string) (identity.Principal, error) {
	token := first(ctx, HeaderPrincipal)
	if token != "" {
		if service != gatewayService {
			return identity.Principal{}, errs.New(errs.Unauthenticated, "PRINCIPAL_NOT_FROM_GATEWAY", "only the gateway speaks for users")
		}
		p, err := verifier.Verify(token)
		if err != nil {
			return p, errs.New(errs.Unauthenticated, "PRINCIPAL_INVALID", "the signed principal is not valid", errs.WithCause(err))
		}
		return p, nil
	}
	var agency int64
	if v := first(ctx, HeaderAgency); v != "" {
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil || n <= 0 {
			return identity.Principal{}, errs.New(errs.Unauthenticated, "AGENCY_INVALID", "the agency of the call is not a positive number")
		}
		agency = n
	}
	return identity.ForService(service, agency), nil
}

func authzLink(table *authz.Table, now func() time.Time, open bool) Middleware {
	return Middleware{Name: LinkAuthz, After: []string{LinkAuthn}, Pre: func(ctx context.Context, method string) (context.Context, error) {
		p, _ := identity.From(ctx)
		service, _ := ctx.Value(peerKey{}).(string)
		grant, err := table.Authorize(authz.Caller{Service: service, Principal: p}, method, now())
		if err != nil && !open {
			return ctx, err
		}
		p.ActingRole = grant.Role
		if p.ActingRole == "" && len(p.Roles) > 0 {
			p.ActingRole = p.Roles[0]
		}
		audit.FromContext(ctx).SetPrincipal(p)
		return identity.With(ctx, p), nil
	}}
}

const (
	// hopMargin is left of the caller's deadline, so that it hears our answer and not its own clock.
	hopMargin = 20 * time.Millisecond
	// minBudget is what a call needs at least; less is refused at once.
	minBudget = 100 * time.Millisecond
)

func deadlineLink(limit time.Duration) Middleware {
	type cancelKey struct{}
	return Middleware{
		Name: LinkDeadline, After: []string{LinkAuthz},
		Pre: func(ctx context.Context, _ string) (context.Context, error) {
			budget := limit
			if d, ok := ctx.Deadline(); ok {
				left := time.Until(d)
				if left < minBudget {
					return ctx, errs.New(errs.Unavailable, "DEADLINE_EXCEEDED", "too little time is left for the call")
				}
				budget = min(budget, left-hopMargin)
			}
			ctx, cancel := context.WithTimeout(ctx, budget)
			return context.WithValue(ctx, cancelKey{}, cancel), nil
		},
		Post: func(ctx context.Context, _ string, err error) error {
			if cancel, ok := ctx.Value(cancelKey{}).(context.CancelFunc); ok {
				cancel()
			}
			return err
		},
	}
}

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
			Field: protovalidate.FieldPathString(v.Proto.GetField()), Rule: v.Proto.GetRuleId(), Message: v.Proto.GetMessage(),
		})
	}
	return errs.New(errs.Invalid, "REQUEST_INVALID", "the request breaks rules of its fields", errs.WithFields(fields...))
}

func first(ctx context.Context, key string) string {
	if v := metadata.ValueFromIncomingContext(ctx, key); len(v) > 0 {
		return v[0]
	}
	return ""
}
