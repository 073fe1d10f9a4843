package rpc

import (
	"context"

	"google.golang.org/genproto/googleapis/api/httpbody"

	compliancev1 "github.com/fusionems/quantum/proto/gen/go/fleet/compliance/v1"
)

// ListCmsAlerts answers one page of alerts.
func (s *Cms) ListCmsAlerts(ctx context.Context, req *compliancev1.ListCmsAlertsRequest) (*compliancev1.ListAlertsResponse, error) {
	return s.listAlerts(ctx, req)
}

// AcknowledgeCmsAlert says that somebody has seen an alert.
func (s *Cms) AcknowledgeCmsAlert(ctx context.Context, req *compliancev1.AcknowledgeCmsAlertRequest) (*compliancev1.Alert, error) {
	return s.acknowledgeAlert(ctx, req.GetId())
}

// SnoozeCmsAlert puts an alert off.
func (s *Cms) SnoozeCmsAlert(ctx context.Context, req *compliancev1.SnoozeCmsAlertRequest) (*compliancev1.Alert, error) {
	return s.snoozeAlert(ctx, req.GetId(), req.GetUntilDate(), req.GetReason())
}

// CreateCmsNote adds a note.
func (s *Cms) CreateCmsNote(ctx context.Context, req *compliancev1.CreateCmsNoteRequest) (*compliancev1.ComplianceNote, error) {
	return s.createNote(ctx, req.GetNote())
}

// ListCmsNotes answers one page of notes.
func (s *Cms) ListCmsNotes(ctx context.Context, req *compliancev1.ListCmsNotesRequest) (*compliancev1.ListNotesResponse, error) {
	return s.listNotes(ctx, req)
}

// ListCmsAuditLog answers one page of the audit log.
func (s *Cms) ListCmsAuditLog(ctx context.Context, req *compliancev1.ListCmsAuditLogRequest) (*compliancev1.ListAuditLogResponse, error) {
	return s.auditLog(ctx, req)
}

// GetCmsNotice answers the notice.
func (s *Cms) GetCmsNotice(ctx context.Context, _ *compliancev1.GetCmsNoticeRequest) (*compliancev1.Notice, error) {
	return s.getNotice(ctx)
}

// AcknowledgeCmsNotice acknowledges the notice.
func (s *Cms) AcknowledgeCmsNotice(ctx context.Context, req *compliancev1.AcknowledgeCmsNoticeRequest) (*compliancev1.Notice, error) {
	return s.acknowledgeNotice(ctx, req.GetVersion(), req.GetSha256())
}

// ExportCmsMetadata answers the export as a ZIP archive.
func (s *Cms) ExportCmsMetadata(ctx context.Context, _ *compliancev1.ExportCmsMetadataRequest) (*httpbody.HttpBody, error) {
	return exported(ctx, s.shared, s.records)
}
