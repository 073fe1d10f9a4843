package compliance_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/fusionems/quantum/pkg/policy"
	"github.com/fusionems/quantum/pkg/testkit/servicetest"
	auditv1 "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
	compliancev1 "github.com/fusionems/quantum/proto/gen/go/fleet/compliance/v1"
	"github.com/fusionems/quantum/services/compliance"
)

const agencyA, agencyB = int64(11), int64(22)

// evidence answers with the seed of the governance policy.
type evidence struct {
	auditv1.UnimplementedPolicyDistributionServiceServer
	seed []byte
}

func (e evidence) GetActivePolicy(_ context.Context, req *auditv1.GetActivePolicyRequest) (*auditv1.PolicyVersion, error) {
	_, sum, err := policy.Canonical(e.seed)
	if err != nil {
		return nil, err
	}
	doc := &structpb.Struct{}
	if err := protojson.Unmarshal(e.seed, doc); err != nil {
		return nil, err
	}
	return &auditv1.PolicyVersion{
		Key: req.GetKey(), Version: 1, Document: doc, Sha256: sum, Active: true, ActivateTime: timestamppb.New(time.Unix(1, 0)),
	}, nil
}

func start(t *testing.T, open bool) *servicetest.Running {
	t.Helper()
	seed, err := os.ReadFile(filepath.FromSlash("../audit/internal/governance/seeds/compliance.registrations.json"))
	if err != nil {
		t.Fatal(err)
	}
	r := servicetest.Start(t, compliance.Definition(), servicetest.Options{
		AuthzOpen: open,
		Peers: map[string]func(grpc.ServiceRegistrar){
			"audit": func(s grpc.ServiceRegistrar) {
				auditv1.RegisterPolicyDistributionServiceServer(s, evidence{seed: seed})
			},
		},
	})
	su := r.Database.Superuser(t)
	for i := range 5 {
		for _, agency := range []int64{agencyA, agencyB} {
			_, err := su.Exec(t.Context(), `INSERT INTO compliance.dea_registrant_metadata
(agency_id, id, registrant_name, dea_registration_number, authorized_schedules, issue_date, expiration_date, create_time, update_time)
VALUES ($1, gen_random_uuid(), 'EMS', $2, '{II,IV}', CASE WHEN $3 < 4 THEN current_date - 400 END,
 CASE WHEN $3 < 4 THEN current_date - 20 + 100 * $3 END, now(), now())`, agency, fmt.Sprintf("AB%07d", i), i)
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	waitForPolicy(t, r)
	return r
}

// waitForPolicy waits until the service has asked for its policy; until then it is not ready and answers "try again".
func waitForPolicy(t *testing.T, r *servicetest.Running) {
	t.Helper()
	su := r.Database.Superuser(t)
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		var n int
		if err := su.QueryRow(t.Context(), "SELECT count(*) FROM compliance.policy_version").Scan(&n); err != nil || time.Now().After(deadline) {
			t.Fatalf("no policy: %v", err)
		}
		if n > 0 {
			return
		}
	}
}

func TestListDeaMetadata(t *testing.T) {
	r := start(t, false)
	client := compliancev1.NewDeaServiceClient(r.Gateway())
	for _, agency := range []int64{agencyA, agencyB} {
		for _, role := range []string{"founder", "compliance_officer", "controlled_substance_officer"} {
			var statuses []string
			req := &compliancev1.ListDeaMetadataRequest{PageSize: 2}
			for {
				out, err := client.ListDeaMetadata(r.As(role, agency), req)
				if err != nil {
					t.Fatalf("%s: %v", role, err)
				}
				for _, m := range out.GetMetadata() {
					if m.GetAgencyId() != agency {
						t.Errorf("%s in %d got a record of %d", role, agency, m.GetAgencyId())
					}
					if pending := m.GetRegistrationStatus() == "pending"; pending != (m.GetExpirationDate() == nil) {
						t.Errorf("record %v", m)
					}
					statuses = append(statuses, m.GetRegistrationStatus())
				}
				if req.PageToken = out.GetNextPageToken(); req.GetPageToken() == "" {
					break
				}
			}
			// Ends 20 days ago, in 80, 180 and 280 days, and unknown.
			if want := []string{"expired", "expiring", "active", "active", "pending"}; !slices.Equal(statuses, want) {
				t.Errorf("%s in %d: %v, want %v", role, agency, statuses, want)
			}
		}
	}
	across, err := client.ListDeaMetadata(r.As("founder", 0), &compliancev1.ListDeaMetadataRequest{})
	if err != nil || len(across.GetMetadata()) != 10 {
		t.Errorf("across agencies: %d records, %v", len(across.GetMetadata()), err)
	}
	if _, err := client.ListDeaMetadata(r.As("compliance_officer", agencyA), &compliancev1.ListDeaMetadataRequest{PageToken: "x"}); status.Code(err) != codes.InvalidArgument {
		t.Errorf("a forged token: %v", err)
	}
}

func TestTheServiceRefuses(t *testing.T) {
	r := start(t, false)
	for _, role := range []string{"agency_administrator", "qa_reviewer", "clinical_staff", "billing_staff", "billing_administrator", "peer_reviewer", "integration"} {
		_, err := compliancev1.NewDeaServiceClient(r.Gateway()).ListDeaMetadata(r.As(role, agencyA), &compliancev1.ListDeaMetadataRequest{})
		if status.Code(err) != codes.PermissionDenied {
			t.Errorf("%s: %v, want it denied", role, err)
		}
	}
	_, err := compliancev1.NewDeaServiceClient(r.ConnAs("qa")).ListDeaMetadata(r.As("compliance_officer", agencyA), &compliancev1.ListDeaMetadataRequest{})
	if status.Code(err) != codes.Unauthenticated {
		t.Errorf("a user's call that did not come through the gateway: %v", err)
	}
}

func TestTheDatabaseRefuses(t *testing.T) {
	r := start(t, true)
	r.DatabaseRefuses(t, agencyA, []servicetest.Probe{{
		Method: compliancev1.DeaService_ListDeaMetadata_FullMethodName, Request: &compliancev1.ListDeaMetadataRequest{},
	}}, nil)
}
