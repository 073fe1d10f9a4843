package edge

import (
	"context"
	"fmt"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"

	agencyv1 "github.com/fusionems/quantum/proto/gen/go/fleet/agency/v1"
	auditv1 "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
	billingv1 "github.com/fusionems/quantum/proto/gen/go/fleet/billing/v1"
	clinicalv1 "github.com/fusionems/quantum/proto/gen/go/fleet/clinical/v1"
	compliancev1 "github.com/fusionems/quantum/proto/gen/go/fleet/compliance/v1"
	gatewayv1 "github.com/fusionems/quantum/proto/gen/go/fleet/gateway/v1"
	qav1 "github.com/fusionems/quantum/proto/gen/go/fleet/qa/v1"
	reportingv1 "github.com/fusionems/quantum/proto/gen/go/fleet/reporting/v1"
)

type registration struct {
	owner    string
	register func(context.Context, *runtime.ServeMux, *grpc.ClientConn) error
}

// registrations are the services with HTTP bindings. A service whose line is missing here stops the start: its routes reach
// nothing.
func registrations() []registration {
	return []registration{
		{"agency", agencyv1.RegisterAgencyServiceHandler},
		{"agency", agencyv1.RegisterMeServiceHandler},
		{"agency", agencyv1.RegisterModuleServiceHandler},
		{"agency", agencyv1.RegisterPersonServiceHandler},
		{"audit", auditv1.RegisterEventServiceHandler},
		{"audit", auditv1.RegisterPolicyServiceHandler},
		{"billing", billingv1.RegisterClaimServiceHandler},
		{"clinical", clinicalv1.RegisterChartServiceHandler},
		{"clinical", clinicalv1.RegisterPersonnelServiceHandler},
		{"compliance", compliancev1.RegisterDeaServiceHandler},
		{"compliance", compliancev1.RegisterCmsServiceHandler},
		{"qa", qav1.RegisterCaseServiceHandler},
		{"reporting", reportingv1.RegisterReportServiceHandler},
	}
}

// Own are the services that the gateway answers itself.
type Own struct {
	Sessions gatewayv1.SessionServiceServer
	Health   gatewayv1.HealthServiceServer
}

// owner is the name of the gateway among the services.
const owner = "gateway"

// Register registers the handlers of all services on a mux.
func Register(ctx context.Context, mux *runtime.ServeMux, conn func(service string) *grpc.ClientConn, own Own) error {
	if err := gatewayv1.RegisterSessionServiceHandlerServer(ctx, mux, own.Sessions); err != nil {
		return fmt.Errorf("edge: %w", err)
	}
	if err := gatewayv1.RegisterHealthServiceHandlerServer(ctx, mux, own.Health); err != nil {
		return fmt.Errorf("edge: %w", err)
	}
	for _, reg := range registrations() {
		c := conn(reg.owner)
		if c == nil {
			return fmt.Errorf("edge: no connection to the service %q", reg.owner)
		}
		if err := reg.register(ctx, mux, c); err != nil {
			return fmt.Errorf("edge: %w", err)
		}
	}
	return nil
}

// Services are the processes that the gateway connects to.
func Services() []string {
	var out []string
	for _, r := range registrations() {
		if len(out) == 0 || out[len(out)-1] != r.owner {
			out = append(out, r.owner)
		}
	}
	return out
}
