package service

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"

	"github.com/fusionems/quantum/pkg/audit"
	"github.com/fusionems/quantum/pkg/identity"
	auditv1 "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
)

// selfTestAgency is a number that is never given out: what a self-test records is in no agency's evidence.
const selfTestAgency = 1<<53 - 1

// auditTrail leaves a record as every call does, in the outbox, from where the running service sends it; asks the log for it, and computes the
// root of the log's checkpoint from it. The signature is checked by who has the log's public key: audit's own self-test and `audit verify`.
func (k *Kit) auditTrail(ctx context.Context) (string, error) {
	conn, err := k.Conn("audit")
	if err != nil {
		return "", err
	}
	action, request := "fleet."+k.Name+".v1.SelfTest/Run", uuid.NewString()
	ctx = identity.WithRequestID(identity.With(ctx, identity.ForService(k.Name, selfTestAgency)), request)
	recorded, call := audit.Start(ctx, k.Name, action, k.Clock.Now)
	if err := newRecorder(k.DB).Record(recorded, call); err != nil {
		return "", fmt.Errorf("the record is not stored: %w", err)
	}
	log := auditv1.NewAuditQueryServiceClient(conn)
	var size int64
	var proven error
	err = until(ctx, func() (bool, error) {
		res, err := log.ListServiceEvents(ctx, &auditv1.ListServiceEventsRequest{Action: action, PageSize: 50})
		if err != nil {
			return false, err
		}
		for _, e := range res.GetEvents() {
			if e.GetEvent().GetRequestId() == request {
				size, proven = res.GetTreeSize(), included(e, res)
				return true, nil
			}
		}
		return false, errors.New("the record did not arrive in the log; is the service running that sends its outbox?")
	})
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("in a log of %d entries", size), proven
}

// included computes the root of the checkpoint from the entry. That the leaf is the record that was left is a part of it: a proof of some
// other leaf would be as good.
func included(e *auditv1.ProvenEvent, log *auditv1.ListServiceEventsResponse) error {
	for _, part := range []string{e.GetEvent().GetId(), e.GetEvent().GetRequestId(), e.GetEvent().GetAction()} {
		if part == "" || !bytes.Contains(e.GetLeafInput(), []byte(`"`+part+`"`)) {
			return fmt.Errorf("the leaf does not hold %q of its entry", part)
		}
	}
	index, size := e.GetEvent().GetLeafIndex(), log.GetTreeSize()
	if index < 0 || size <= index {
		return fmt.Errorf("entry %d is not in a log of %d", index, size)
	}
	leaf := rfc6962.DefaultHasher.HashLeaf(e.GetLeafInput())
	if err := proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(index), uint64(size), leaf, e.GetPath(), log.GetRootHash()); err != nil {
		return fmt.Errorf("the entry is not in the tree: %w", err)
	}
	lines := strings.Split(log.GetCheckpoint(), "\n")
	if len(lines) < 3 || lines[1] != strconv.FormatInt(size, 10) || lines[2] != base64.StdEncoding.EncodeToString(log.GetRootHash()) {
		return errors.New("the signed checkpoint is of another tree than the proof")
	}
	return nil
}
