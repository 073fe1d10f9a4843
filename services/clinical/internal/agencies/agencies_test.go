package agencies_test

import (
	"context"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	agencyv1 "github.com/fusionems/quantum/proto/gen/go/fleet/agency/v1"
	"github.com/fusionems/quantum/services/clinical/internal/agencies"
	"github.com/fusionems/quantum/services/clinical/internal/intake"
)

// client counts the questions and can be away.
type client struct {
	agencyv1.ModuleRegistryServiceClient
	owner int64
	asked int
	err   error
}

func (c *client) ResolveNemsisAgency(context.Context, *agencyv1.ResolveNemsisAgencyRequest, ...grpc.CallOption) (*agencyv1.ResolveNemsisAgencyResponse, error) {
	c.asked++
	return &agencyv1.ResolveNemsisAgencyResponse{AgencyId: c.owner}, c.err
}

func TestOwnersAreRememberedAndAbsenceIsNot(t *testing.T) {
	c := &client{}
	r := agencies.New(c)
	id := intake.Identifier{Number: "4701", State: "55"}
	for range 2 {
		if owner, err := r.Owner(t.Context(), id); owner != 0 || err != nil {
			t.Fatal(owner, err)
		}
	}
	if c.asked != 2 {
		t.Errorf("asked %d times for an unregistered identifier, want each time", c.asked)
	}
	c.owner = 7
	for range 3 {
		if owner, err := r.Owner(t.Context(), id); owner != 7 || err != nil {
			t.Fatal(owner, err)
		}
	}
	if c.asked != 3 {
		t.Errorf("asked %d times, want once after the registration", c.asked)
	}
	c.err = status.Error(codes.Unavailable, "away")
	if owner, err := r.Owner(t.Context(), id); owner != 7 || err != nil {
		t.Errorf("a known owner while the service is away: %d, %v", owner, err)
	}
	other := intake.Identifier{Number: "4701", State: "04"}
	if _, err := r.Owner(t.Context(), other); status.Code(err) != codes.Unavailable {
		t.Errorf("an unknown identifier while the service is away: %v", err)
	}
}
