package audit_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/fusionems/quantum/pkg/rpc"
	"github.com/fusionems/quantum/pkg/selftest"
	"github.com/fusionems/quantum/pkg/testkit/servicetest"
	auditv1 "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
)

const (
	takes  = "audit log takes a record and proves it"
	signed = "audit log's checkpoint is signed with this key"
)

func TestTheSelfTestPassesBesideTheService(t *testing.T) {
	w := newWorld(t, servicetest.Options{})
	lines, err := w.SelfTest(t.Context(), nil)
	if err != nil || len(lines) != 10 {
		t.Errorf("%v; %d lines", err, len(lines))
	}
	for name, wrong := range lines {
		if wrong != "" {
			t.Errorf("%s: %s", name, wrong)
		}
	}
}

// Each fault is what an operator, or somebody in their place, could do to a running installation.
func TestTheSelfTestFindsWhatWasDoneToTheDatabase(t *testing.T) {
	for name, c := range map[string]struct{ sql, check, says string }{
		"a table unprotected": {"ALTER TABLE audit.entry NO FORCE ROW LEVEL SECURITY", "rls is forced on every table of agencies", "entry"},
		"a policy for all":    {"CREATE POLICY open ON audit.entry TO audit_compliance USING (true)", "rls refuses a statement without an agency", "audit_compliance reads entry"},
		"a leaf altered": {`ALTER TABLE audit.entry DISABLE TRIGGER append_only;
CREATE FUNCTION audit.meddle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.leaf_input := NEW.leaf_input || ' '::bytea; RETURN NEW; END $$;
GRANT EXECUTE ON FUNCTION audit.meddle() TO PUBLIC; CREATE TRIGGER meddle BEFORE INSERT ON audit.entry FOR EACH ROW EXECUTE FUNCTION audit.meddle()`,
			takes, "not in the tree"},
		"a checkpoint replaced": {`ALTER TABLE audit.checkpoint DISABLE TRIGGER append_only;
CREATE FUNCTION audit.meddle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.note := replace(NEW.note, 'log.test', 'log.fake'); RETURN NEW; END $$;
GRANT EXECUTE ON FUNCTION audit.meddle() TO PUBLIC; CREATE TRIGGER meddle BEFORE INSERT ON audit.checkpoint FOR EACH ROW EXECUTE FUNCTION audit.meddle()`,
			signed, "signature"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, servicetest.Options{})
			if _, err := w.Database.Superuser(t).Exec(t.Context(), c.sql); err != nil {
				t.Fatal(err)
			}
			lines, err := w.SelfTest(t.Context(), nil)
			if !errors.Is(err, selftest.ErrFailed) || !strings.Contains(lines[c.check], c.says) {
				t.Errorf("%v; %q does not say %q", err, lines[c.check], c.says)
			}
		})
	}
}

// liar is a log that answers with proofs of its own making.
type liar struct {
	auditv1.UnimplementedAuditQueryServiceServer
	log auditv1.AuditQueryServiceClient
	lie func(*auditv1.ListServiceEventsResponse)
}

func (l liar) ListServiceEvents(ctx context.Context, req *auditv1.ListServiceEventsRequest) (*auditv1.ListServiceEventsResponse, error) {
	said, _ := metadata.FromIncomingContext(ctx)
	agency := said.Get(rpc.HeaderAgency)
	res, err := l.log.ListServiceEvents(metadata.AppendToOutgoingContext(ctx, rpc.HeaderAgency, agency[0]), req)
	if err == nil && len(res.GetEvents()) > 0 {
		l.lie(res)
	}
	return res, err
}

func TestTheSelfTestBelievesNoProofThatIsNone(t *testing.T) {
	w := newWorld(t, servicetest.Options{})
	log := auditv1.NewAuditQueryServiceClient(w.ConnAs("audit"))
	for name, c := range map[string]struct {
		lie  func(*auditv1.ListServiceEventsResponse)
		says string
	}{
		"another tree":  {func(r *auditv1.ListServiceEventsResponse) { r.RootHash[0]++ }, "not in the tree"},
		"another place": {func(r *auditv1.ListServiceEventsResponse) { r.GetEvents()[0].GetEvent().LeafIndex = r.GetTreeSize() }, "is not in a log"},
		"another leaf":  {func(r *auditv1.ListServiceEventsResponse) { r.GetEvents()[0].LeafInput = []byte(`{}`) }, "does not hold"},
		"no checkpoint": {func(r *auditv1.ListServiceEventsResponse) { r.Checkpoint = "" }, "another tree"},
		"an old checkpoint": {func(r *auditv1.ListServiceEventsResponse) {
			r.Checkpoint = strings.Replace(r.GetCheckpoint(), "\n", "\n1", 1)
		}, "another tree"},
	} {
		addr := w.Peer("audit", func(s grpc.ServiceRegistrar) { auditv1.RegisterAuditQueryServiceServer(s, liar{log: log, lie: c.lie}) })
		lines, err := w.SelfTest(t.Context(), map[string]string{"audit": addr})
		if !errors.Is(err, selftest.ErrFailed) || !strings.Contains(lines[takes], c.says) {
			t.Errorf("%s: %v; %q does not say %q", name, err, lines[takes], c.says)
		}
	}
}

// A record that stays in the outbox is no evidence.
func TestTheSelfTestMissesARecordThatDoesNotArrive(t *testing.T) {
	w := newWorld(t, servicetest.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	addr := w.Peer("audit", func(s grpc.ServiceRegistrar) {
		auditv1.RegisterAuditQueryServiceServer(s, &deaf{patience: 5, over: cancel})
	})
	lines, err := w.SelfTest(ctx, map[string]string{"audit": addr})
	if !errors.Is(err, selftest.ErrFailed) || !strings.Contains(lines[takes], "not in time") {
		t.Errorf("%v; %q", err, lines[takes])
	}
}

// deaf is a log that took nothing in. After it was asked some times there is no more time.
type deaf struct {
	auditv1.UnimplementedAuditQueryServiceServer
	patience int32
	asked    atomic.Int32
	over     func()
}

func (d *deaf) ListServiceEvents(context.Context, *auditv1.ListServiceEventsRequest) (*auditv1.ListServiceEventsResponse, error) {
	if d.asked.Add(1) == d.patience {
		d.over()
	}
	return &auditv1.ListServiceEventsResponse{}, nil
}
