package compliance_test

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/fusionems/quantum/pkg/policy"
	"github.com/fusionems/quantum/pkg/rpc"
	"github.com/fusionems/quantum/pkg/testkit/servicetest"
	auditv1 "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
	compliancev1 "github.com/fusionems/quantum/proto/gen/go/fleet/compliance/v1"
	"github.com/fusionems/quantum/services/compliance"
	"github.com/fusionems/quantum/services/compliance/internal/notice"
)

const agencyA, agencyB = int64(11), int64(22)

// evidence stands for the audit service: it answers with the seeds of the policies, and keeps what it was asked.
type evidence struct {
	auditv1.UnimplementedPolicyDistributionServiceServer
	auditv1.UnimplementedAuditQueryServiceServer
	seeds map[string][]byte

	mu    sync.Mutex
	asked []*auditv1.ListServiceEventsRequest
}

func (e *evidence) GetActivePolicy(_ context.Context, req *auditv1.GetActivePolicyRequest) (*auditv1.PolicyVersion, error) {
	seed, ok := e.seeds[req.GetKey()]
	if !ok {
		return nil, status.Error(codes.NotFound, "no such policy")
	}
	_, sum, err := policy.Canonical(seed)
	if err != nil {
		return nil, err
	}
	doc := &structpb.Struct{}
	if err := protojson.Unmarshal(seed, doc); err != nil {
		return nil, err
	}
	return &auditv1.PolicyVersion{
		Key: req.GetKey(), Version: 1, Document: doc, Sha256: sum, Active: true, ActivateTime: timestamppb.New(time.Unix(1, 0)),
	}, nil
}

func (e *evidence) ListServiceEvents(_ context.Context, req *auditv1.ListServiceEventsRequest) (*auditv1.ListServiceEventsResponse, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.asked = append(e.asked, req)
	out := &auditv1.ListServiceEventsResponse{
		Events:     []*auditv1.ProvenEvent{{Event: &auditv1.Event{Action: req.GetAction()}, Path: [][]byte{{1}}}},
		Checkpoint: "signed note", TreeSize: 7,
	}
	if req.GetPageToken() == "" {
		out.NextPageToken = "theirs"
	}
	return out, nil
}

// world is the service with its connections.
type world struct {
	*servicetest.Running
	evidence *evidence
	dea      compliancev1.DeaServiceClient
	cms      compliancev1.CmsServiceClient
}

func start(t *testing.T, open bool) *world {
	t.Helper()
	e := &evidence{seeds: map[string][]byte{}}
	for _, key := range []string{"compliance.registrations", "compliance.alerts"} {
		seed, err := os.ReadFile(filepath.FromSlash("../audit/internal/governance/seeds/" + key + ".json"))
		if err != nil {
			t.Fatal(err)
		}
		e.seeds[key] = seed
	}
	r := servicetest.Start(t, compliance.Definition(), servicetest.Options{
		AuthzOpen: open,
		Peers: map[string]func(grpc.ServiceRegistrar){
			"audit": func(s grpc.ServiceRegistrar) {
				auditv1.RegisterPolicyDistributionServiceServer(s, e)
				auditv1.RegisterAuditQueryServiceServer(s, e)
			},
		},
	})
	w := &world{r, e, compliancev1.NewDeaServiceClient(r.Gateway()), compliancev1.NewCmsServiceClient(r.Gateway())}
	w.wait(t, "SELECT count(*) >= 2 FROM compliance.policy_version")
	return w
}

// wait waits until the condition holds.
func (w *world) wait(t *testing.T, condition string) {
	t.Helper()
	su := w.Database.Superuser(t)
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		var ok bool
		if err := su.QueryRow(t.Context(), condition).Scan(&ok); err != nil || time.Now().After(deadline) {
			t.Fatalf("waited for %s: %v", condition, err)
		}
		if ok {
			return
		}
	}
}

func (w *world) exec(t *testing.T, sql string, args ...any) {
	t.Helper()
	if _, err := w.Database.Superuser(t).Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

// everybody has read both notices.
func (w *world) acknowledged(t *testing.T, roles ...string) {
	t.Helper()
	for _, role := range roles {
		for _, workspace := range []string{"dea", "cms"} {
			n := notice.Current(workspace)
			w.exec(t, `INSERT INTO compliance.notice_acknowledgement VALUES ($1, $2, $3, $4, now()) ON CONFLICT DO NOTHING`,
				"test-"+role, workspace, n.Version, n.SHA256)
		}
	}
}

// granted gives the administrator of both agencies the DEA workspace.
func (w *world) granted(t *testing.T, enabled bool, expires string) {
	t.Helper()
	for _, agency := range []int64{agencyA, agencyB} {
		w.exec(t, `INSERT INTO compliance.dea_access VALUES ($1, $2, now()) ON CONFLICT (agency_id) DO UPDATE SET enabled = excluded.enabled`, agency, enabled)
		w.exec(t, `INSERT INTO compliance.dea_grant VALUES ($1, gen_random_uuid(), 'test-agency_administrator', 'inspection', 'officer', now() - interval '2 days', now() + $2::interval, NULL)`, agency, expires)
	}
}

// reason is the reason of a refusal, "" when there is none.
func reason(err error) string {
	if err == nil {
		return ""
	}
	return rpc.FromStatus(err).Reason
}

// field is field and rule of the first violation.
func field(err error) string {
	if e := rpc.FromStatus(err); e != nil && len(e.Fields) > 0 {
		return e.Fields[0].Field + " " + e.Fields[0].Rule
	}
	return ""
}
