package audit_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"strconv"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"

	"github.com/fusionems/quantum/pkg/rpc"
	"github.com/fusionems/quantum/pkg/testkit/servicetest"
	auditv1 "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
)

func work(action string, agency int64) *auditv1.Event {
	e := event(agency)
	e.Service, e.Action, e.Resource = "compliance", "fleet.compliance.v1.DeaService/"+action, "dea/metadata/1"
	return e
}

// A service reads the evidence of its own work about one agency, page by page, each row with a proof that a verifier that is
// not ours accepts; nobody else reads it this way, and it reads nothing else.
func TestAServiceReadsItsOwnEvidenceProven(t *testing.T) {
	w := newWorld(t, servicetest.Options{})
	ids := w.send(work("GetDeaMetadata", agencyA), work("UpdateDeaMetadata", agencyA), work("GetDeaMetadata", agencyB), event(agencyA), work("ListDeaMetadata", agencyA))
	for i, id := range ids {
		agency := int64(agencyA)
		if i == 2 {
			agency = agencyB
		}
		w.arrived("founder", agency, id)
	}
	query := auditv1.NewAuditQueryServiceClient(w.ConnAs("compliance"))
	req := &auditv1.ListServiceEventsRequest{PageSize: 2, Action: "fleet.compliance.v1.DeaService/"}
	var seen []string
	for {
		out, err := query.ListServiceEvents(about(t, agencyA), req)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range out.GetEvents() {
			leaf := sha256.Sum256(append([]byte{0}, p.GetLeafInput()...))
			err := proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(p.GetEvent().GetLeafIndex()), uint64(out.GetTreeSize()), leaf[:], p.GetPath(), out.GetRootHash())
			if err != nil || p.GetEvent().GetAgencyId() != agencyA {
				t.Errorf("%v: %v", p.GetEvent(), err)
			}
			seen = append(seen, p.GetEvent().GetId())
		}
		if !bytes.Contains([]byte(out.GetCheckpoint()), []byte(strconv.FormatInt(out.GetTreeSize(), 10))) {
			t.Errorf("checkpoint %q is not of size %d", out.GetCheckpoint(), out.GetTreeSize())
		}
		if req.PageToken = out.GetNextPageToken(); req.GetPageToken() == "" {
			break
		}
	}
	if len(seen) != 3 || seen[0] != ids[4] || seen[1] != ids[1] || seen[2] != ids[0] {
		t.Errorf("seen %v of %v", seen, ids)
	}
	one, err := query.ListServiceEvents(about(t, agencyA), &auditv1.ListServiceEventsRequest{Action: "fleet.compliance.v1.DeaService/UpdateDeaMetadata"})
	if err != nil || len(one.GetEvents()) != 1 || len(one.GetEvents()[0].GetEvent().GetChanges()) != 1 {
		t.Errorf("one method: %v, %v", one, err)
	}
	_, err = query.ListServiceEvents(about(t, agencyA), &auditv1.ListServiceEventsRequest{Action: "fleet.qa.v1.CaseService/"})
	wantReason(t, err, codes.PermissionDenied, "CALLER_NOT_ALLOWED")
	_, err = auditv1.NewAuditQueryServiceClient(w.ConnAs("qa")).ListServiceEvents(about(t, agencyA), &auditv1.ListServiceEventsRequest{Action: "fleet.compliance.v1.DeaService/"})
	wantReason(t, err, codes.PermissionDenied, "CALLER_NOT_ALLOWED")
	_, err = auditv1.NewAuditQueryServiceClient(w.ConnAs("gateway")).ListServiceEvents(about(t, agencyA), &auditv1.ListServiceEventsRequest{Action: "fleet.gateway.v1.X/"})
	wantReason(t, err, codes.PermissionDenied, "CALLER_NOT_ALLOWED")
	_, err = query.ListServiceEvents(t.Context(), req)
	wantReason(t, err, codes.PermissionDenied, "AGENCY_REQUIRED")
}

func about(t *testing.T, agency int64) context.Context {
	t.Helper()
	return metadata.AppendToOutgoingContext(t.Context(), rpc.HeaderAgency, strconv.FormatInt(agency, 10))
}
