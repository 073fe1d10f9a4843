package edge

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"

	"buf.build/go/protovalidate"
	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/fusionems/quantum/services/carefusion/internal/audit"
	"github.com/fusionems/quantum/services/carefusion/internal/authn"
	"github.com/fusionems/quantum/services/carefusion/internal/authz"
	"github.com/fusionems/quantum/services/carefusion/internal/fault"
	"github.com/fusionems/quantum/services/carefusion/internal/identity"
	"github.com/fusionems/quantum/services/carefusion/internal/store"
	"github.com/fusionems/quantum/services/carefusion/internal/telemetry"
)

const requestIDKey = "x-request-id"

// deadline bounds every call.
const deadline = 15 * time.Second

// chain decides about a call, in this order: who, whether, how often, what; and keeps the record of it.
type chain struct {
	log       *slog.Logger
	clock     func() time.Time
	verifier  *authn.Verifier
	rules     authz.Rules
	validator protovalidate.Validator
	subjects  *limiter
	db        *store.DB
	metrics   *telemetry.Metrics
	// closing is closed when the process is about to end: streams would keep it.
	closing chan struct{}
}

// intercept is the whole chain, written as one so that its order can be read.
func (c *chain) intercept(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (res any, err error) {
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	id := requestID(ctx)
	ctx, call := audit.Open(ctx, c.clock, info.FullMethod, id)
	began := c.clock()
	// The caller as far as it was found out, for the record of a refusal.
	who := ctx
	defer func() {
		if r := recover(); r != nil {
			c.log.ErrorContext(ctx, "panic", "method", info.FullMethod, "request_id", id, "stack", string(debug.Stack()))
			res, err = nil, fault.Internal(id)
		}
		res, err = c.conclude(who, call, info.FullMethod, id, res, err)
		c.metrics.Call(info.FullMethod, status.Code(err).String(), c.clock().Sub(began))
		c.log.InfoContext(ctx, "call", "method", info.FullMethod, "code", status.Code(err).String(), "request_id", id, "ms", c.clock().Sub(began).Milliseconds())
	}()
	p, err := c.authenticate(ctx)
	if err != nil {
		return nil, err
	}
	who = identity.With(ctx, p)
	if err := c.rules.Check(info.FullMethod, p); err != nil {
		return nil, err
	}
	if !c.subjects.allow(p.Subject.String()) {
		return nil, &fault.Error{Code: codes.ResourceExhausted, Reason: "RATE_LIMITED", Message: "Too many requests. Try again in a moment."}
	}
	if err := c.validate(req); err != nil {
		return nil, err
	}
	return handler(who, req)
}

func requestID(ctx context.Context) string {
	md, _ := metadata.FromIncomingContext(ctx)
	if v := md.Get(requestIDKey); len(v) == 1 {
		return v[0]
	}
	return uuid.NewString()
}

func (c *chain) authenticate(ctx context.Context) (identity.Principal, error) {
	md, _ := metadata.FromIncomingContext(ctx)
	v := md.Get("authorization")
	if len(v) != 1 || len(v[0]) < 8 || !strings.EqualFold(v[0][:7], "bearer ") {
		return identity.Principal{}, fault.Unauthenticated()
	}
	p, err := c.verifier.Verify(ctx, v[0][7:])
	if err != nil {
		c.log.InfoContext(ctx, "token refused", "error", err)
		return identity.Principal{}, fault.Unauthenticated()
	}
	return p, nil
}

func (c *chain) validate(req any) error {
	m, ok := req.(proto.Message)
	if !ok {
		return errors.New("edge: not a message")
	}
	if at := unkept(m.ProtoReflect()); at != "" {
		return fault.Invalid(at, "no_nul", "Send text without the character U+0000.")
	}
	err := c.validator.Validate(m)
	var bad *protovalidate.ValidationError
	if !errors.As(err, &bad) {
		return err
	}
	out := &fault.Error{Code: codes.InvalidArgument, Reason: "INVALID", Message: "The request is not valid."}
	for _, v := range bad.Violations {
		out.Fields = append(out.Fields, fault.Field{Field: jsonPath(protovalidate.FieldPathString(v.Proto.GetField())), Rule: v.Proto.GetRuleId(), Message: v.Proto.GetMessage()})
	}
	return out
}

// conclude writes the record that no transaction wrote, and makes of every error what a client may know. A read whose record
// cannot be written is not answered. Callers without a valid token are in the log only: the chain is not for anybody to fill.
func (c *chain) conclude(ctx context.Context, call *audit.Call, method, id string, res any, err error) (any, error) {
	var known *fault.Error
	if err != nil && !errors.As(err, &known) {
		c.log.ErrorContext(ctx, "call failed", "method", method, "request_id", id, "error", err)
		err = fault.Internal(id)
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			err = fault.Unavailable("TIMEOUT", "The call took too long.")
		}
	} else if known != nil {
		err = known
	}
	if _, ok := identity.From(ctx); !ok || (err == nil && !c.rules.Recorded(method)) {
		return res, err
	}
	outcome := "OK"
	if err != nil {
		outcome = status.Code(err).String()
	}
	body, done, ok := call.Body(ctx, outcome)
	if !ok {
		return res, err
	}
	if werr := c.db.Append(context.WithoutCancel(ctx), body); werr != nil {
		c.log.ErrorContext(ctx, "audit record was not written", "method", method, "request_id", id, "error", werr)
		return nil, fault.Unavailable("AUDIT_UNAVAILABLE", "The call could not be recorded. Try again.")
	}
	done()
	return res, err
}
