package identity

import (
	"context"
	"slices"
	"time"
)

// ActorKind is the kind of caller.
type ActorKind string

// Kinds of caller.
const (
	Human       ActorKind = "human"
	AI          ActorKind = "ai"
	Integration ActorKind = "integration"
	Service     ActorKind = "service"
)

// SystemRole is the role of a service that works on events; no person ever has it.
const SystemRole = "system"

// Principal is a verified caller.
type Principal struct {
	// Subject of the access token, client id, or service name.
	Subject string
	// Name is preferred_username; never used for a decision.
	Name   string
	Actor  ActorKind
	Roles  []string
	Scopes []string
	// AgencyID is the tenant; 0 when the caller has none.
	AgencyID int64
	// CrossAgency is set for a founder who works across agencies and gave a reason.
	CrossAgency  bool
	AccessReason string
	// ACR and AuthTime tell how and when the caller authenticated.
	ACR      string
	AuthTime time.Time
	// Delegator and PolicyVersionID are set for AI agents only.
	Delegator       string
	PolicyVersionID string
	// ActingRole is the role under which this call was permitted; set by the method rule check, never by the token.
	ActingRole string
}

// HasRole reports whether the principal has the role.
func (p Principal) HasRole(role string) bool { return slices.Contains(p.Roles, role) }

// HasScope reports whether the principal has the scope.
func (p Principal) HasScope(scope string) bool { return slices.Contains(p.Scopes, scope) }

// ForService is the principal of a service of the fleet at work for one agency.
func ForService(name string, agencyID int64) Principal {
	return Principal{
		Subject: name, Name: name, Actor: Service, Roles: []string{SystemRole},
		AgencyID: agencyID, ActingRole: SystemRole,
	}
}

type principalKey struct{}

// With returns a context that carries the principal.
func With(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, principalKey{}, p)
}

// From returns the principal of the context.
func From(ctx context.Context) (Principal, bool) {
	p, ok := ctx.Value(principalKey{}).(Principal)
	return p, ok
}

type requestIDKey struct{}

// WithRequestID returns a context that carries the id of the request.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestIDKey{}, id)
}

// RequestID returns the id of the request, or "".
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}
