package agencies

import (
	"context"
	"time"

	"github.com/hashicorp/golang-lru/v2/expirable"

	agencyv1 "github.com/fusionems/quantum/proto/gen/go/fleet/agency/v1"
	"github.com/fusionems/quantum/services/clinical/internal/intake"
)

const (
	keptFor  = 30 * time.Second
	keptMost = 4096
)

// Registry is the agency service as this service sees it.
type Registry struct {
	client agencyv1.ModuleRegistryServiceClient
	owners *expirable.LRU[intake.Identifier, int64]
}

// New returns a registry that asks client. Owners are remembered for half a minute; that an identifier has none is not,
// so that a registration shows at once.
func New(client agencyv1.ModuleRegistryServiceClient) *Registry {
	return &Registry{client: client, owners: expirable.NewLRU[intake.Identifier, int64](keptMost, nil, keptFor)}
}

// Owner implements intake.Agencies.
func (r *Registry) Owner(ctx context.Context, id intake.Identifier) (int64, error) {
	if owner, ok := r.owners.Get(id); ok {
		return owner, nil
	}
	res, err := r.client.ResolveNemsisAgency(ctx, &agencyv1.ResolveNemsisAgencyRequest{
		StateUniqueId: id.StateUniqueID, AgencyNumber: id.Number, StateCode: id.State,
	})
	if err != nil {
		return 0, err
	}
	if owner := res.GetAgencyId(); owner != 0 {
		r.owners.Add(id, owner)
	}
	return res.GetAgencyId(), nil
}
