package audit

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"math"
	"strconv"

	"google.golang.org/protobuf/types/known/timestamppb"

	carefusionv1 "github.com/fusionems/quantum/services/carefusion/gen/carefusion/v1"
	"github.com/fusionems/quantum/services/carefusion/internal/fault"
	"github.com/fusionems/quantum/services/carefusion/internal/page"
	"github.com/fusionems/quantum/services/carefusion/internal/store"
)

// Service implements AuditService.
type Service struct {
	carefusionv1.UnimplementedAuditServiceServer
	DB    *store.DB
	Pages page.Pages
}

// ListAuditRecords lists newest first what the search is for.
func (s *Service) ListAuditRecords(ctx context.Context, req *carefusionv1.ListAuditRecordsRequest) (*carefusionv1.ListAuditRecordsResponse, error) {
	if req.GetStartTime() != nil && req.GetEndTime() != nil && !req.GetEndTime().AsTime().After(req.GetStartTime().AsTime()) {
		return nil, fault.Invalid("endTime", "range", "Send an end after the start.")
	}
	before := int64(math.MaxInt64)
	name, err := listOf(req)
	if err != nil {
		return nil, err
	}
	key, err := s.Pages.After(ctx, name, req.GetPageToken())
	if err != nil {
		return nil, err
	}
	if key != "" {
		if before, err = strconv.ParseInt(key, 10, 64); err != nil {
			return nil, fault.Invalid("pageToken", "page_token", "Send the token of the previous page.")
		}
	}
	size := page.Size(req.GetPageSize())
	var out []*carefusionv1.AuditRecord
	err = s.DB.Read(ctx, func(ctx context.Context, tx store.Tx) error {
		out, err = list(ctx, tx, searchOf(req, before), size+1)
		return err
	})
	if err != nil {
		return nil, err
	}
	rows, token := page.Cut(ctx, s.Pages, name, out, size, func(r *carefusionv1.AuditRecord) string { return strconv.FormatInt(r.GetSequence(), 10) })
	return &carefusionv1.ListAuditRecordsResponse{Records: rows, NextPageToken: token}, nil
}

func list(ctx context.Context, tx store.Tx, q search, limit int) ([]*carefusionv1.AuditRecord, error) {
	rows, err := tx.Query(ctx, `SELECT sequence, body FROM carefusion.audit_record WHERE `+q.where()+` ORDER BY sequence DESC LIMIT `+strconv.Itoa(limit), q.args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []*carefusionv1.AuditRecord
	for rows.Next() {
		var seq int64
		var body string
		var r Record
		if err := rows.Scan(&seq, &body); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(body), &r); err != nil {
			return nil, err
		}
		out = append(out, &carefusionv1.AuditRecord{Sequence: seq, RecordTime: timestamppb.New(r.Time), Subject: r.Subject, Role: r.Role,
			Method: r.Method, Outcome: r.Outcome, Target: r.Target, RequestId: r.RequestID})
	}
	return out, rows.Err()
}

// VerifyAuditLog walks the whole chain.
func (s *Service) VerifyAuditLog(ctx context.Context, _ *carefusionv1.VerifyAuditLogRequest) (*carefusionv1.VerifyAuditLogResponse, error) {
	var v Verdict
	err := s.DB.Read(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		v, err = Verify(ctx, tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &carefusionv1.VerifyAuditLogResponse{Records: v.Records, HeadSha256: hex.EncodeToString(v.Head), Intact: v.Intact(), FirstBadSequence: v.FirstBad}, nil
}
