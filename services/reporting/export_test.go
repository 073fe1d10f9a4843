package reporting_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/xuri/excelize/v2"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/fusionems/quantum/pkg/rpc"
	auditv1 "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
	reportingv1 "github.com/fusionems/quantum/proto/gen/go/fleet/reporting/v1"
)

func TestExports(t *testing.T) {
	w := start(t, false)
	w.calls(agencyA, "=cmd|calc", 300, 400, 500, 600)
	w.calls(agencyB, "M1", 100)
	admin := w.As("agency_administrator", agencyA)
	req := march("unit")
	req.TimeZone = "America/Chicago"
	e, err := w.reports.RunTemplate(admin, req)
	if err != nil {
		t.Fatal(err)
	}
	get := func(format string) (data []byte, contentType, name string) {
		t.Helper()
		var header metadata.MD
		body, err := w.reports.ExportExecution(admin, &reportingv1.ExportExecutionRequest{Id: e.GetId(), Format: format}, grpc.Header(&header))
		if err != nil || len(header.Get(rpc.HeaderFilename)) != 1 {
			t.Fatalf("%s: %v, %v", format, header, err)
		}
		return body.GetData(), body.GetContentType(), header.Get(rpc.HeaderFilename)[0]
	}
	data, contentType, name := get("json")
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != e.GetResultSha256() || contentType != "application/json" {
		t.Errorf("%s: the exported text does not have the hash of the result: %s", contentType, data)
	}
	if want := "response-time_2026-03-01_2026-03-31_" + e.GetId() + ".json"; name != want {
		t.Errorf("name %q, want %q", name, want)
	}
	data, contentType, name = get("")
	r := csv.NewReader(bytes.NewReader(data))
	r.FieldsPerRecord = -1
	lines, err := r.ReadAll()
	if err != nil || !strings.HasPrefix(contentType, "text/csv") || !strings.HasSuffix(name, ".csv") ||
		strings.Join(lines[1], " ") != "'=cmd|calc 4 330 375 450 525 570 450 0 0 0 0" || !bytes.Contains(data, []byte(e.GetResultSha256())) {
		t.Errorf("%s, %s: %v, %v", contentType, name, lines, err)
	}
	data, _, name = get("xlsx")
	book, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil || !strings.HasSuffix(name, ".xlsx") {
		t.Fatal(name, err)
	}
	if cells, err := book.GetRows("Report"); err != nil || len(cells) != 2 || cells[1][4] != "450" {
		t.Errorf("rows %v, %v", cells, err)
	}
	for agency, want := range map[int64]codes.Code{agencyB: codes.NotFound, agencyA: codes.OK} {
		if _, err := w.reports.ExportExecution(w.As("agency_administrator", agency), &reportingv1.ExportExecutionRequest{Id: e.GetId()}); status.Code(err) != want {
			t.Errorf("agency %d: %v", agency, err)
		}
	}
	if _, err := w.reports.ExportExecution(admin, &reportingv1.ExportExecutionRequest{Id: e.GetId(), Format: "pdf"}); status.Code(err) != codes.InvalidArgument {
		t.Errorf("pdf: %v", err)
	}
	w.exportAudited(e.GetId())
}

// exportAudited waits for the record that protected data was read.
func (w *world) exportAudited(id string) {
	w.t.Helper()
	consumer, err := w.bus.JetStream().OrderedConsumer(w.t.Context(), "AUDIT", jetstream.OrderedConsumerConfig{})
	if err != nil {
		w.t.Fatal(err)
	}
	for {
		msg, err := consumer.Next(jetstream.FetchMaxWait(time.Minute))
		if err != nil {
			w.t.Fatalf("no audit record of the export of executions/%s: %v", id, err)
		}
		r := recordOf(w.t, msg.Data())
		if r.GetResource() == "executions/"+id && r.GetAction() == "fleet.reporting.v1.ReportService/ExportExecution" && r.GetOutcome() == auditv1.Outcome_OUTCOME_SUCCESS {
			return
		}
	}
}

func TestCallFactsAreOfTheirAgency(t *testing.T) {
	w := start(t, false)
	w.calls(agencyA, "M1", 300)
	w.calls(agencyB, "M2", 700)
	for agency, want := range map[int64]int32{agencyA: 300, agencyB: 700} {
		req := &reportingv1.GetCallFactRequest{ChartId: w.chart(agency)}
		for _, ctx := range []struct {
			name  string
			role  string
			where int64
			code  codes.Code
		}{
			{"its administrator", "agency_administrator", agency, codes.OK},
			{"the founder in it", "founder", agency, codes.OK},
			{"the founder across agencies", "founder", 0, codes.OK},
			{"the other administrator", "agency_administrator", agencyA + agencyB - agency, codes.NotFound},
			{"the founder in the other", "founder", agencyA + agencyB - agency, codes.NotFound},
			{"a reviewer", "qa_reviewer", agency, codes.PermissionDenied},
		} {
			f, err := w.reports.GetCallFact(w.As(ctx.role, ctx.where), req)
			if status.Code(err) != ctx.code {
				t.Errorf("agency %d, %s: %v", agency, ctx.name, err)
			}
			if err == nil && (f.GetAgencyId() != agency || f.GetSeq() == 0 || f.GetVersion() != 1 || len(f.GetIntervals()) != 6 ||
				f.GetIntervals()[1].GetName() != "response" || f.GetIntervals()[1].GetSeconds() != want || f.GetIntervals()[0].Seconds != nil) {
				t.Errorf("agency %d, %s: %v", agency, ctx.name, f)
			}
			if ctx.code == codes.NotFound && reasonOf(err) != "CALL_FACT_NOT_FOUND" {
				t.Errorf("agency %d, %s: reason %s", agency, ctx.name, reasonOf(err))
			}
		}
	}
}
