package identity

import (
	"context"

	"github.com/google/uuid"

	carefusionv1 "github.com/fusionems/quantum/services/carefusion/gen/carefusion/v1"
)

// Principal is a caller, as a verified token names it.
type Principal struct {
	Subject uuid.UUID
	Role    carefusionv1.Role
	// System is the service itself; no token makes one.
	System bool
}

// Group is the database role that the caller's transactions run as. It is empty for a principal that nobody made.
func (p Principal) Group() string {
	if p.System {
		return "carefusion_system"
	}
	switch p.Role {
	case carefusionv1.Role_ROLE_PATIENT:
		return "carefusion_patient"
	case carefusionv1.Role_ROLE_PROVIDER:
		return "carefusion_provider"
	case carefusionv1.Role_ROLE_ADMIN:
		return "carefusion_admin"
	case carefusionv1.Role_ROLE_BILLING:
		return "carefusion_billing"
	}
	return ""
}

// RoleName is how records and tokens spell the role.
func (p Principal) RoleName() string {
	if p.System {
		return "system"
	}
	return Names()[p.Role]
}

// Names maps roles to how tokens spell them.
func Names() map[carefusionv1.Role]string {
	return map[carefusionv1.Role]string{
		carefusionv1.Role_ROLE_PATIENT:  "patient",
		carefusionv1.Role_ROLE_PROVIDER: "provider",
		carefusionv1.Role_ROLE_ADMIN:    "admin",
		carefusionv1.Role_ROLE_BILLING:  "billing",
	}
}

type key struct{}

// With puts the caller into the context.
func With(ctx context.Context, p Principal) context.Context { return context.WithValue(ctx, key{}, p) }

// From takes the caller out of the context.
func From(ctx context.Context) (Principal, bool) {
	p, ok := ctx.Value(key{}).(Principal)
	return p, ok
}

// System is a context of the service's own work.
func System(ctx context.Context) context.Context { return With(ctx, Principal{System: true}) }
