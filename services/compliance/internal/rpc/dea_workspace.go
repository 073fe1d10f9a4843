package rpc

import (
	"context"

	"google.golang.org/genproto/googleapis/api/httpbody"

	compliancev1 "github.com/fusionems/quantum/proto/gen/go/fleet/compliance/v1"
)

// ListDeaAlerts answers one page of alerts.
func (s *Dea) ListDeaAlerts(ctx context.Context, req *compliancev1.ListDeaAlertsRequest) (*compliancev1.ListAlertsResponse, error) {
	return s.listAlerts(ctx, req)
}

// AcknowledgeDeaAlert says that somebody has seen an alert.
func (s *Dea) AcknowledgeDeaAlert(ctx context.Context, req *compliancev1.AcknowledgeDeaAlertRequest) (*compliancev1.Alert, error) {
	return s.acknowledgeAlert(ctx, req.GetId())
}

// SnoozeDeaAlert puts an alert off.
func (s *Dea) SnoozeDeaAlert(ctx context.Context, req *compliancev1.SnoozeDeaAlertRequest) (*compliancev1.Alert, error) {
	return s.snoozeAlert(ctx, req.GetId(), req.GetUntilDate(), req.GetReason())
}

// CreateDeaNote adds a note.
func (s *Dea) CreateDeaNote(ctx context.Context, req *compliancev1.CreateDeaNoteRequest) (*compliancev1.ComplianceNote, error) {
	return s.createNote(ctx, req.GetNote())
}

// ListDeaNotes answers one page of notes.
func (s *Dea) ListDeaNotes(ctx context.Context, req *compliancev1.ListDeaNotesRequest) (*compliancev1.ListNotesResponse, error) {
	return s.listNotes(ctx, req)
}

// ListDeaAuditLog answers one page of the audit log.
func (s *Dea) ListDeaAuditLog(ctx context.Context, req *compliancev1.ListDeaAuditLogRequest) (*compliancev1.ListAuditLogResponse, error) {
	return s.auditLog(ctx, req)
}

// GetDeaNotice answers the notice.
func (s *Dea) GetDeaNotice(ctx context.Context, _ *compliancev1.GetDeaNoticeRequest) (*compliancev1.Notice, error) {
	return s.getNotice(ctx)
}

// AcknowledgeDeaNotice acknowledges the notice.
func (s *Dea) AcknowledgeDeaNotice(ctx context.Context, req *compliancev1.AcknowledgeDeaNoticeRequest) (*compliancev1.Notice, error) {
	return s.acknowledgeNotice(ctx, req.GetVersion(), req.GetSha256())
}

// ExportDeaMetadata answers the export as a ZIP archive.
func (s *Dea) ExportDeaMetadata(ctx context.Context, _ *compliancev1.ExportDeaMetadataRequest) (*httpbody.HttpBody, error) {
	return exported(ctx, s.shared, s.records)
}
