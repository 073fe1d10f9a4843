package audit_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/fusionems/quantum/pkg/testkit/servicetest"
	auditv1 "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
)

// answer is the body that the gateway gives out.
func (w *world) answer(role string, agency int64, id string) []byte {
	w.t.Helper()
	p, err := w.events.GetInclusionProof(w.As(role, agency), &auditv1.GetInclusionProofRequest{Id: id})
	if err != nil {
		w.t.Fatal(err)
	}
	b, err := protojson.Marshal(p)
	if err != nil {
		w.t.Fatal(err)
	}
	return b
}

func TestProofsSatisfyAVerifierThatIsNotOurs(t *testing.T) {
	w := newWorld(t, servicetest.Options{})
	var ids []string
	for range 5 {
		ids = append(ids, w.send(event(agencyA), event(agencyB), event(agencyA))...)
	}
	w.arrived("compliance_officer", agencyA, ids[len(ids)-1])
	for i, id := range ids {
		agency := int64(agencyA)
		if i%3 == 1 {
			agency = agencyB
		}
		body := w.answer("compliance_officer", agency, id)
		if err := checkInclusion(body); err != nil {
			t.Errorf("entry %d: %v\n%s", i, err, body)
		}
		if err := checkDetail(body, `{"accessReason":"","changes":[{"after":"closed","before":"open","field":"state"}]}`); err != nil {
			t.Errorf("entry %d: %v", i, err)
		}
		if checkDetail(body, `{"accessReason":"","changes":[{"after":"closed","before":"open","field":"priority"}]}`) == nil {
			t.Errorf("entry %d: another change is proven", i)
		}
		if bytes.Contains(body, []byte("closed")) {
			t.Error("a proof shows detail")
		}
	}
	body := w.answer("founder", 0, ids[0])
	for name, change := range map[string]func(map[string]any){
		"another leaf":  func(m map[string]any) { m["leafInput"] = "eyJ4IjoxfQ==" },
		"another index": func(m map[string]any) { m["leafIndex"] = m["leafIndex"].(float64) + 1 },
		"a shorter way": func(m map[string]any) { m["path"] = m["path"].([]any)[1:] },
		"another root":  func(m map[string]any) { m["rootHash"] = m["path"].([]any)[0] },
		"another size":  func(m map[string]any) { m["treeSize"] = m["treeSize"].(float64) + 1 },
	} {
		var m map[string]any
		if err := json.Unmarshal(body, &m); err != nil {
			t.Fatal(err)
		}
		change(m)
		forged, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if checkInclusion(forged) == nil {
			t.Errorf("%s passes", name)
		}
	}
	_, err := w.events.GetInclusionProof(w.As("compliance_officer", agencyB), &auditv1.GetInclusionProofRequest{Id: ids[0]})
	wantReason(t, err, codes.NotFound, "EVENT_NOT_FOUND")
}

func TestCheckpointsAndGrowth(t *testing.T) {
	w := newWorld(t, servicetest.Options{})
	w.arrived("founder", 0, w.send(event(agencyA))[0])
	before, err := w.events.GetCheckpoint(w.As("compliance_officer", agencyA), &auditv1.GetCheckpointRequest{})
	if err != nil || before.GetVerifierKey() != w.vkey {
		t.Fatalf("checkpoint %v, %v", before, err)
	}
	verifier, err := note.NewVerifier(before.GetVerifierKey())
	if err != nil {
		t.Fatal(err)
	}
	signed, err := note.Open([]byte(before.GetCheckpoint()), note.VerifierList(verifier))
	if err != nil || !strings.HasPrefix(signed.Text, "log.test/audit\n") {
		t.Fatalf("note %v, %v", signed, err)
	}
	w.arrived("founder", 0, w.send(event(agencyB), event(agencyA))[1])
	founder := w.As("founder", agencyA)
	grown, err := w.events.GetConsistencyProof(founder, &auditv1.GetConsistencyProofRequest{From: before.GetTreeSize()})
	if err != nil || grown.GetTo() <= grown.GetFrom() || !bytes.Equal(grown.GetFromRootHash(), before.GetRootHash()) {
		t.Fatalf("growth %v, %v", grown, err)
	}
	err = proof.VerifyConsistency(rfc6962.DefaultHasher, uint64(grown.GetFrom()), uint64(grown.GetTo()), grown.GetPath(), grown.GetFromRootHash(), grown.GetToRootHash())
	if err != nil {
		t.Error(err)
	}
	_, err = w.events.GetConsistencyProof(founder, &auditv1.GetConsistencyProofRequest{From: 5, To: 4})
	wantReason(t, err, codes.InvalidArgument, "TREE_SIZE_INVALID")
	_, err = w.events.GetConsistencyProof(founder, &auditv1.GetConsistencyProofRequest{From: 1, To: 1 << 40})
	wantReason(t, err, codes.InvalidArgument, "TREE_SIZE_INVALID")
}
