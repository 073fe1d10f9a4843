package rpc

import (
	"context"
	"strconv"
	"time"

	"google.golang.org/genproto/googleapis/api/httpbody"

	"github.com/fusionems/quantum/pkg/audit"
	"github.com/fusionems/quantum/pkg/identity"
	auditv1 "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
	"github.com/fusionems/quantum/services/compliance/internal/export"
	"github.com/fusionems/quantum/services/compliance/internal/keeper"
	"github.com/fusionems/quantum/services/compliance/internal/record"
)

// mostExported bounds an export; an agency has some ten registrations.
const mostExported = 100000

// exported reads all records of the agency and writes them beside the newest checkpoint of the audit log. It stores nothing:
// an export that is cut off leaves nothing behind but the record that it was asked for.
func exported[T record.Record[T]](ctx context.Context, s shared, records *keeper.Keeper[T]) (*httpbody.HttpBody, error) {
	audit.Target(ctx, s.name+"/export")
	log, err := s.Evidence.ListServiceEvents(ctx, &auditv1.ListServiceEventsRequest{PageSize: 1, Action: s.action()})
	if err != nil {
		return nil, away(err)
	}
	q := record.Query{Statuses: append([]string{string(record.Retired)}, inForce...), Order: record.ByDue, Limit: mostExported}
	list, err := records.List(ctx, q)
	if err != nil {
		return nil, err
	}
	p, _ := identity.From(ctx)
	data, err := export.Archive(sheet(s.name, list), export.Manifest{
		Workspace: s.name, AgencyID: p.AgencyID, Exporter: p.Subject, RequestID: identity.RequestID(ctx),
		ExportTime: s.Clock.Now().UTC().Truncate(time.Second), Checkpoint: log.GetCheckpoint(), TreeSize: log.GetTreeSize(),
	})
	if err != nil {
		return nil, err
	}
	return &httpbody.HttpBody{ContentType: "application/zip", Data: data}, nil
}

func sheet[T record.Record[T]](name string, list []T) export.Sheet {
	var none T
	s := export.Sheet{Name: name + "-metadata", Header: []string{"id", "status"}}
	for _, f := range none.Fields() {
		s.Header = append(s.Header, f.Name)
	}
	s.Header = append(s.Header, "createTime", "updateTime", "retireTime", "retireReason")
	for _, r := range list {
		h := r.Common()
		row := []string{h.ID.String(), string(h.Status)}
		for _, f := range r.Fields() {
			row = append(row, f.Value)
		}
		retired := ""
		if h.RetireTime != nil {
			retired = h.RetireTime.UTC().Format(time.RFC3339)
		}
		s.Rows = append(s.Rows, append(row, h.CreateTime.UTC().Format(time.RFC3339), h.UpdateTime.UTC().Format(time.RFC3339),
			retired, strconv.Itoa(int(h.RetireReason))))
	}
	return s
}
