//go:build e2e

package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"

	auditv1 "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
)

// inclusion is the proof as somebody else's program reads it: JSON, RFC 6962, nothing of ours.
type inclusion struct {
	LeafInput  []byte      `json:"leafInput"`
	LeafIndex  json.Number `json:"leafIndex"`
	TreeSize   json.Number `json:"treeSize"`
	Path       [][]byte    `json:"path"`
	RootHash   []byte      `json:"rootHash"`
	Checkpoint string      `json:"checkpoint"`
}

func (p inclusion) verify() error {
	index, err1 := strconv.ParseUint(p.LeafIndex.String(), 10, 64)
	size, err2 := strconv.ParseUint(p.TreeSize.String(), 10, 64)
	if err := errors.Join(err1, err2); err != nil || index >= size {
		return fmt.Errorf("index %s of %s: %w", p.LeafIndex, p.TreeSize, err)
	}
	hash := sha256.Sum256(append([]byte{0}, p.LeafInput...))
	node, last := index, size-1
	for _, sibling := range p.Path {
		if last == 0 {
			return errors.New("the path is too long")
		}
		if node&1 == 1 || node == last {
			hash = sha256.Sum256(append(append([]byte{1}, sibling...), hash[:]...))
			for node&1 == 0 && node != 0 {
				node, last = node>>1, last>>1
			}
		} else {
			hash = sha256.Sum256(append(append([]byte{1}, hash[:]...), sibling...))
		}
		node, last = node>>1, last>>1
	}
	if last != 0 || !bytes.Equal(hash[:], p.RootHash) {
		return errors.New("the path does not lead to the root")
	}
	lines := strings.Split(p.Checkpoint, "\n")
	if len(lines) < 4 || lines[1] != p.TreeSize.String() || lines[2] != base64.StdEncoding.EncodeToString(p.RootHash) {
		return errors.New("the checkpoint states another tree")
	}
	return nil
}

func TestEveryReadIsEvidence(t *testing.T) {
	agency, other := agencies(t)[0], agencies(t)[1]
	c := importOne(t, agency, demoDocument(t, 0))
	as(t, "clinical_supervisor", agency).get(t, "/api/clinical/charts/"+c.GetId()).want(t, 200)
	as(t, "billing_staff", agency).get(t, "/api/clinical/charts/"+c.GetId()).refused(t, 403)

	officer := as(t, "compliance_officer", agency)
	find := func(query url.Values) *auditv1.Event {
		var found *auditv1.Event
		eventually(t, "audit entry "+query.Encode(), func() bool {
			var list auditv1.ListEventsResponse
			officer.get(t, "/api/audit/events?"+query.Encode()).want(t, 200).into(t, &list)
			if len(list.GetEvents()) > 0 {
				found = list.GetEvents()[0]
			}
			return found != nil
		})
		return found
	}
	read := find(url.Values{"resource": {"charts/" + c.GetId()}, "action": {"fleet.clinical.v1.ChartService/GetChart"}})
	if read.GetRole() != "clinical_supervisor" || read.GetAgencyId() != agency || read.GetOutcome() != auditv1.Outcome_OUTCOME_SUCCESS {
		t.Errorf("entry %v", read)
	}
	find(url.Values{"outcome": {"OUTCOME_DENIED"}, "action": {"fleet.clinical.v1.ChartService/GetChart"}})

	raw := officer.get(t, "/api/audit/events/"+read.GetId()+"/proof").want(t, 200)
	var proof inclusion
	if err := json.Unmarshal(raw.body, &proof); err != nil {
		t.Fatal(err)
	}
	if err := proof.verify(); err != nil {
		t.Errorf("%v in %s", err, raw.body)
	}
	if !strings.Contains(string(proof.LeafInput), read.GetId()) {
		t.Error("the leaf is not that of the entry")
	}
	proof.LeafInput = append(proof.LeafInput, ' ')
	if proof.verify() == nil {
		t.Error("a changed leaf passes: the verification proves nothing")
	}
	var cp auditv1.Checkpoint
	officer.get(t, "/api/audit/checkpoint").want(t, 200).into(t, &cp)
	if cp.GetTreeSize() <= read.GetLeafIndex() || cp.GetVerifierKey() == "" {
		t.Errorf("checkpoint %v", &cp)
	}
	as(t, "compliance_officer", other).get(t, "/api/audit/events/"+read.GetId()).refused(t, 404, "EVENT_NOT_FOUND")
	as(t, "compliance_officer", other).get(t, "/api/audit/events/"+read.GetId()+"/proof").refused(t, 404, "EVENT_NOT_FOUND")
}

func TestAuditPagesAreStable(t *testing.T) {
	officer := as(t, "compliance_officer", agencies(t)[0])
	seen := map[string]bool{}
	token, pages := "", 0
	for pages < 5 {
		var list auditv1.ListEventsResponse
		officer.get(t, "/api/audit/events?pageSize=7&pageToken="+url.QueryEscape(token)).want(t, 200).into(t, &list)
		for _, e := range list.GetEvents() {
			if seen[e.GetId()] {
				t.Fatalf("entry %s stands on two pages", e.GetId())
			}
			seen[e.GetId()] = true
		}
		pages++
		if token = list.GetNextPageToken(); token == "" {
			break
		}
	}
	if pages < 2 {
		t.Fatal("one page only: nothing is shown")
	}
	officer.get(t, "/api/audit/events?pageSize=7&actor=x&pageToken="+url.QueryEscape(token)).refused(t, 400, "PAGE_TOKEN_INVALID")
}
