package compliance_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/fusionems/quantum/pkg/bus"
	"github.com/fusionems/quantum/pkg/outbox"
	agencyv1 "github.com/fusionems/quantum/proto/gen/go/fleet/agency/v1"
	auditv1 "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
	commonv1 "github.com/fusionems/quantum/proto/gen/go/fleet/common/v1"
	compliancev1 "github.com/fusionems/quantum/proto/gen/go/fleet/compliance/v1"
)

func TestAlertsOverTheAPI(t *testing.T) {
	w := start(t, false)
	w.acknowledged(t, "compliance_officer", "controlled_substance_officer")
	for _, agency := range []int64{agencyA, agencyB} {
		ctx := w.As("compliance_officer", agency)
		var soonest *compliancev1.DeaRegistration
		for i, days := range []int{32, 21, 10} {
			expiring := registration(numbers[i])
			expiring.ExpirationDate = in(days)
			soonest = w.make(t, agency, expiring)
		}
		req := &compliancev1.ListDeaAlertsRequest{PageSize: 2}
		first, err := w.dea.ListDeaAlerts(w.As("controlled_substance_officer", agency), req)
		if err != nil || len(first.GetAlerts()) != 2 || first.GetAlerts()[0].GetAgencyId() != agency {
			t.Fatalf("first page: %v, %v", first, err)
		}
		req.PageToken = first.GetNextPageToken()
		if rest, err := w.dea.ListDeaAlerts(w.As("controlled_substance_officer", agency), req); err != nil || len(rest.GetAlerts()) != 1 || rest.GetNextPageToken() != "" {
			t.Errorf("second page: %v, %v", rest, err)
		}
		id := first.GetAlerts()[0].GetId()
		seen, err := w.dea.AcknowledgeDeaAlert(ctx, &compliancev1.AcknowledgeDeaAlertRequest{Id: id})
		if err != nil || seen.GetState() != compliancev1.Alert_STATE_ACKNOWLEDGED || seen.GetActor() != "test-compliance_officer" {
			t.Errorf("acknowledge: %v, %v", seen, err)
		}
		rest, err := w.dea.SnoozeDeaAlert(ctx, &compliancev1.SnoozeDeaAlertRequest{Id: id, UntilDate: in(5), Reason: "certificate in the post"})
		if err != nil || rest.GetState() != compliancev1.Alert_STATE_SNOOZED || rest.GetSnoozeReason() == "" {
			t.Errorf("snooze: %v, %v", rest, err)
		}
		for want, req := range map[string]*compliancev1.SnoozeDeaAlertRequest{
			"untilDate snooze.before_due": {Id: id, UntilDate: in(10), Reason: "x"}, "reason text.present": {Id: id, UntilDate: in(1), Reason: " "},
			"reason credential.none": {Id: id, UntilDate: in(1), Reason: "PIN is 4821"},
		} {
			if _, err := w.dea.SnoozeDeaAlert(ctx, req); field(err) != want {
				t.Errorf("want %s: %v", want, err)
			}
		}
		other := w.As("compliance_officer", agencyA+agencyB-agency)
		if _, err := w.dea.AcknowledgeDeaAlert(other, &compliancev1.AcknowledgeDeaAlertRequest{Id: id}); reason(err) != "ALERT_NOT_FOUND" {
			t.Errorf("another agency's: %v", err)
		}
		if _, err := w.cms.AcknowledgeCmsAlert(ctx, &compliancev1.AcknowledgeCmsAlertRequest{Id: id}); reason(err) != "ALERT_NOT_FOUND" {
			t.Errorf("through the other workspace: %v", err)
		}
		// The record moves on: nothing stands behind its alerts any more.
		if _, err := w.dea.DeleteDeaMetadata(ctx, &compliancev1.DeleteDeaMetadataRequest{Id: soonest.GetId(), Etag: soonest.GetEtag(), Reason: 1}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.dea.AcknowledgeDeaAlert(ctx, &compliancev1.AcknowledgeDeaAlertRequest{Id: id}); reason(err) != "ALERT_STATE_INVALID" {
			t.Errorf("a resolved one: %v", err)
		}
	}
}

func TestTheAuditLogIsThatOfTheWorkspace(t *testing.T) {
	w := start(t, false)
	w.acknowledged(t, "compliance_officer", "controlled_substance_officer", "founder")
	ctx := w.As("compliance_officer", agencyA)
	req := &compliancev1.ListDeaAuditLogRequest{PageSize: 1, Method: "UpdateDeaMetadata", Outcome: auditv1.Outcome_OUTCOME_DENIED}
	out, err := w.dea.ListDeaAuditLog(ctx, req)
	if err != nil || len(out.GetEvents()) != 1 || len(out.GetEvents()[0].GetPath()) == 0 || out.GetCheckpoint() == "" || out.GetNextPageToken() == "theirs" {
		t.Fatalf("first page: %v, %v", out, err)
	}
	req.PageToken = out.GetNextPageToken()
	if _, err := w.dea.ListDeaAuditLog(w.As("founder", agencyA), req); reason(err) != "PAGE_TOKEN_INVALID" {
		t.Errorf("somebody else's token: %v", err)
	}
	if out, err = w.dea.ListDeaAuditLog(ctx, req); err != nil || out.GetNextPageToken() != "" {
		t.Errorf("last page: %v, %v", out, err)
	}
	asked := w.evidence.asked[len(w.evidence.asked)-1]
	if asked.GetPageToken() != "theirs" || asked.GetAction() != "fleet.compliance.v1.DeaService/UpdateDeaMetadata" || asked.GetOutcome() != auditv1.Outcome_OUTCOME_DENIED {
		t.Errorf("asked for %v", asked)
	}
	if _, err := w.cms.ListCmsAuditLog(ctx, &compliancev1.ListCmsAuditLogRequest{}); err != nil {
		t.Error(err)
	}
	if asked = w.evidence.asked[len(w.evidence.asked)-1]; asked.GetAction() != "fleet.compliance.v1.CmsService/" {
		t.Errorf("asked for %v", asked)
	}
	if _, err := w.dea.ListDeaAuditLog(w.As("controlled_substance_officer", agencyA), &compliancev1.ListDeaAuditLogRequest{}); reason(err) != "SCOPE_MISSING" {
		t.Errorf("a role without evidence: %v", err)
	}
}

// What is done and what is refused leaves a record in the outbox, identifiers by their last four, no free text.
func TestEverythingIsRecorded(t *testing.T) {
	w := start(t, false)
	w.acknowledged(t, "compliance_officer")
	ctx := w.As("compliance_officer", agencyA)
	records := make(chan *auditv1.Event, 64)
	stop := w.listen(t, records)
	defer stop()
	made := w.make(t, agencyA, registration(numbers[0]))
	_, _ = w.dea.GetDeaMetadata(ctx, &compliancev1.GetDeaMetadataRequest{Id: made.GetId()})
	made.DeaRegistrationNumber, made.Stationhouse = numbers[1], "Station 9 with a name"
	if _, err := w.dea.UpdateDeaMetadata(ctx, &compliancev1.UpdateDeaMetadataRequest{Id: made.GetId(), Metadata: made}); err != nil {
		t.Fatal(err)
	}
	_, _ = w.dea.ListDeaMetadata(w.As("qa_reviewer", agencyA), &compliancev1.ListDeaMetadataRequest{})
	got := map[string]*auditv1.Event{}
	for len(got) < 4 {
		e := <-records
		if e.GetAgencyId() == agencyA && e.GetService() == "compliance" {
			got[e.GetAction()[strings.LastIndexByte(e.GetAction(), '/')+1:]] = e
		}
	}
	for name, outcome := range map[string]auditv1.Outcome{
		"CreateDeaMetadata": auditv1.Outcome_OUTCOME_SUCCESS, "GetDeaMetadata": auditv1.Outcome_OUTCOME_SUCCESS,
		"UpdateDeaMetadata": auditv1.Outcome_OUTCOME_SUCCESS, "ListDeaMetadata": auditv1.Outcome_OUTCOME_DENIED,
	} {
		if e := got[name]; e.GetOutcome() != outcome {
			t.Errorf("%s: %v", name, e)
		}
	}
	changes := map[string]string{}
	for _, c := range got["UpdateDeaMetadata"].GetChanges() {
		changes[c.GetField()] = c.GetBefore() + " > " + c.GetAfter()
	}
	if len(changes) != 2 || changes["deaRegistrationNumber"] != "****4563 > ****8568" || changes["stationhouse"] != " > (text)" {
		t.Errorf("changes %v", changes)
	}
	if got["UpdateDeaMetadata"].GetResource() != "dea/metadata/"+made.GetId() {
		t.Errorf("resource %q", got["UpdateDeaMetadata"].GetResource())
	}
}

func TestExport(t *testing.T) {
	w := start(t, false)
	w.acknowledged(t, "compliance_officer")
	for _, agency := range []int64{agencyA, agencyB} {
		m := registration(numbers[0])
		m.RegistrantName = "=SUM(A1:A9)"
		made := w.make(t, agency, m)
		ctx := w.As("compliance_officer", agency)
		if _, err := w.dea.DeleteDeaMetadata(ctx, &compliancev1.DeleteDeaMetadataRequest{Id: made.GetId(), Etag: made.GetEtag(), Reason: 1}); err != nil {
			t.Fatal(err)
		}
		w.make(t, agency, registration(numbers[1]))
		body, err := w.dea.ExportDeaMetadata(ctx, &compliancev1.ExportDeaMetadataRequest{})
		if err != nil || body.GetContentType() != "application/zip" {
			t.Fatalf("%v, %v", body.GetContentType(), err)
		}
		files := unzip(t, body.GetData())
		var m2 struct {
			RowCount        int
			AgencyID        int64 `json:"agencyId"`
			AuditCheckpoint string
		}
		if err := json.Unmarshal(files["manifest.json"], &m2); err != nil || m2.RowCount != 2 || m2.AgencyID != agency || m2.AuditCheckpoint != "signed note" {
			t.Errorf("manifest %s: %v", files["manifest.json"], err)
		}
		if text := string(files["dea-metadata.csv"]); !strings.Contains(text, "'=SUM(") || !strings.Contains(text, "retired") || len(files["dea-metadata.xlsx"]) == 0 {
			t.Errorf("csv:\n%s", text)
		}
	}
}

func unzip(t *testing.T, data []byte) map[string][]byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if files[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// An agency that comes to exist gets its partitions, and its records find the way there.
func TestAnAgencyComesToExist(t *testing.T) {
	w := start(t, false)
	w.acknowledged(t, "compliance_officer")
	w.make(t, agencyA, registration(numbers[0]))
	b := w.NATS.Bus("test")
	for _, agency := range []int64{agencyA, agencyB} {
		m, err := outbox.Envelope(outbox.Fact{
			ID: uuid.Must(uuid.NewV7()), AgencyID: agency, Subject: "agencies/" + strconv.FormatInt(agency, 10), Time: timestamppb.Now().AsTime(),
			Event: &agencyv1.AgencyRegistered{TimeZone: "America/Chicago"},
		})
		if err != nil {
			t.Fatal(err)
		}
		publish(t, b, m)
	}
	w.wait(t, "SELECT count(*) = 4 FROM pg_class WHERE relname ~ '_metadata_(11|22)$' AND relkind = 'r'")
	w.make(t, agencyB, registration(numbers[0]))
	for _, agency := range []int64{agencyA, agencyB} {
		w.wait(t, "SELECT count(*) = 1 FROM compliance.dea_registrant_metadata_"+strconv.FormatInt(agency, 10))
		out, err := w.dea.ListDeaMetadata(w.As("compliance_officer", agency), &compliancev1.ListDeaMetadataRequest{})
		if err != nil || len(out.GetMetadata()) != 1 {
			t.Errorf("%v, %v", out, err)
		}
		twice := &compliancev1.CreateDeaMetadataRequest{Metadata: registration(numbers[0]), RequestId: uuid.NewString()}
		if _, err := w.dea.CreateDeaMetadata(w.As("compliance_officer", agency), twice); reason(err) != "METADATA_EXISTS" || status.Code(err) != codes.AlreadyExists {
			t.Errorf("a second one in the own partition: %v", err)
		}
	}
}

func publish(t *testing.T, b *bus.Bus, m outbox.Message) {
	t.Helper()
	for _, err := range b.Publish(t.Context(), []outbox.Message{m}) {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// listen hands over the audit records that leave the service.
func (w *world) listen(t *testing.T, to chan<- *auditv1.Event) (stop func()) {
	t.Helper()
	conn := w.NATS.Bus("listener").JetStream().Conn()
	sub, err := conn.Subscribe("audit.record.>", func(m *nats.Msg) {
		ev, rec := &commonv1.Event{}, &auditv1.Recorded{}
		if proto.Unmarshal(m.Data, ev) == nil && ev.GetPayload().UnmarshalTo(rec) == nil {
			to <- rec.GetEvent()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	// The server must know of it before the first record leaves: what was sent earlier does not come.
	if err := conn.Flush(); err != nil {
		t.Fatal(err)
	}
	return func() { _ = sub.Unsubscribe() }
}
