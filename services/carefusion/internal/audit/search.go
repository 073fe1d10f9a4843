package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"google.golang.org/protobuf/proto"

	carefusionv1 "github.com/fusionems/quantum/services/carefusion/gen/carefusion/v1"
	"github.com/fusionems/quantum/services/carefusion/internal/identity"
)

// search is what records have to agree with. Only the conditions that were asked for are in the statement, each on a column
// of its own: a condition that could also be empty would be planned without one.
type search struct {
	conditions []string
	args       []any
}

// and adds a condition with one value, whose place is %d.
func (q *search) and(condition string, value any) {
	q.args = append(q.args, value)
	q.conditions = append(q.conditions, fmt.Sprintf(condition, len(q.args)))
}

func (q *search) where() string { return strings.Join(q.conditions, " AND ") }

func searchOf(req *carefusionv1.ListAuditRecordsRequest, before int64) search {
	q := search{}
	q.and(`sequence < $%d`, before)
	if v := req.GetSubject(); v != "" {
		q.and(`subject = $%d`, strings.ToLower(v))
	}
	if v := req.GetRole(); v != carefusionv1.Role_ROLE_UNSPECIFIED {
		q.and(`role = $%d`, identity.Names()[v])
	}
	if v := req.GetMethod(); v != "" {
		q.and(`method = $%d`, v)
	}
	if v := req.GetOutcome(); v != "" {
		q.and(`outcome = $%d`, v)
	}
	if req.GetRefused() {
		q.conditions = append(q.conditions, `outcome <> 'OK'`)
	}
	if v := strings.ToLower(req.GetTarget()); v != "" {
		// A span and not LIKE, which row-level security keeps from the index. No target has a byte that is greater than the last one's.
		q.and(`target >= $%d`, v)
		q.and(`target < $%d`, v+"\x7f")
	}
	if v := req.GetStartTime(); v != nil {
		q.and(`record_time >= $%d`, v.AsTime())
	}
	if v := req.GetEndTime(); v != nil {
		q.and(`record_time < $%d`, v.AsTime())
	}
	return q
}

// listOf names a search, so that the token of one does not lead on in another.
func listOf(req *carefusionv1.ListAuditRecordsRequest) (string, error) {
	what := proto.CloneOf(req)
	what.PageSize, what.PageToken = 0, ""
	text, err := proto.MarshalOptions{Deterministic: true}.Marshal(what)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return "audit " + hex.EncodeToString(sum[:]), nil
}
