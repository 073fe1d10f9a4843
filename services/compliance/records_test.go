package compliance_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/genproto/googleapis/type/date"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	compliancev1 "github.com/fusionems/quantum/proto/gen/go/fleet/compliance/v1"
)

func in(days int) *date.Date {
	t := time.Now().UTC().AddDate(0, 0, days)
	return &date.Date{Year: int32(t.Year()), Month: int32(t.Month()), Day: int32(t.Day())}
}

// numbers are DEA numbers whose check digit holds.
var numbers = []string{"AB1234563", "BB1388568", "FP1234563", "GP1388568"}

func registration(number string) *compliancev1.DeaRegistration {
	return &compliancev1.DeaRegistration{
		RegistrantName: "Prairie EMS", DeaRegistrationNumber: number, AuthorizedSchedules: []string{"II", "IV"}, RegisteredState: "WI",
		BusinessActivity: compliancev1.DeaRegistration_BUSINESS_ACTIVITY_EMS_AGENCY, IssueDate: in(-400), ExpirationDate: in(200),
	}
}

func enrollment(npi string) *compliancev1.CmsEnrollment {
	return &compliancev1.CmsEnrollment{
		SupplierName: "Prairie EMS", NpiReference: npi, PtanReference: "P00123456", EnrollmentState: "WI", EffectiveDate: in(-400), RevalidationDueDate: in(200),
		PayerParticipation: []*compliancev1.PayerParticipation{{
			PayerId: "00120", Status: compliancev1.PayerParticipation_STATUS_PARTICIPATING, EffectiveDate: in(-400),
		}},
	}
}

func (w *world) make(t *testing.T, agency int64, m *compliancev1.DeaRegistration) *compliancev1.DeaRegistration {
	t.Helper()
	out, err := w.dea.CreateDeaMetadata(w.As("compliance_officer", agency), &compliancev1.CreateDeaMetadataRequest{Metadata: m, RequestId: uuid.NewString()})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTheLifeOfARegistration(t *testing.T) {
	w := start(t, false)
	w.acknowledged(t, "compliance_officer", "founder")
	for _, agency := range []int64{agencyA, agencyB} {
		ctx := w.As("compliance_officer", agency)
		req := &compliancev1.CreateDeaMetadataRequest{Metadata: registration(numbers[0]), RequestId: uuid.NewString()}
		made, err := w.dea.CreateDeaMetadata(ctx, req)
		if err != nil || made.GetAgencyId() != agency || made.GetRegistrationStatus() != "active" || made.GetWarnings()[0].GetCode() != "UNVERIFIED" {
			t.Fatalf("create: %v, %v", made, err)
		}
		if again, err := w.dea.CreateDeaMetadata(ctx, req); err != nil || !proto.Equal(again, made) {
			t.Errorf("the same call again: %v, %v", again, err)
		}
		other := proto.CloneOf(req)
		other.Metadata.Stationhouse = "Station 4"
		if _, err := w.dea.CreateDeaMetadata(ctx, other); reason(err) != "REQUEST_ID_REUSED" || status.Code(err) != codes.Aborted {
			t.Errorf("another content under the same id: %v", err)
		}
		twice := &compliancev1.CreateDeaMetadataRequest{Metadata: registration(numbers[0]), RequestId: uuid.NewString()}
		if _, err := w.dea.CreateDeaMetadata(ctx, twice); reason(err) != "METADATA_EXISTS" {
			t.Errorf("a second one of the number: %v", err)
		}
		update := &compliancev1.UpdateDeaMetadataRequest{
			Id: made.GetId(), UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"expiration_date"}},
			Metadata: &compliancev1.DeaRegistration{ExpirationDate: in(30), Etag: made.GetEtag(), RegistrantName: "not named in the mask"},
		}
		changed, err := w.dea.UpdateDeaMetadata(ctx, update)
		if err != nil || changed.GetRegistrationStatus() != "expiring" || changed.GetRegistrantName() != "Prairie EMS" || changed.GetEtag() == made.GetEtag() {
			t.Fatalf("update: %v, %v", changed, err)
		}
		if _, err := w.dea.UpdateDeaMetadata(ctx, update); reason(err) != "ETAG_MISMATCH" || status.Code(err) != codes.Aborted {
			t.Errorf("a lost race: %v", err)
		}
		retire := &compliancev1.DeleteDeaMetadataRequest{Id: made.GetId(), Reason: compliancev1.RetireReason_RETIRE_REASON_SURRENDERED, Etag: made.GetEtag()}
		if _, err := w.dea.DeleteDeaMetadata(ctx, retire); reason(err) != "ETAG_MISMATCH" {
			t.Errorf("retiring by an old etag: %v", err)
		}
		retire.Etag = changed.GetEtag()
		gone, err := w.dea.DeleteDeaMetadata(ctx, retire)
		if err != nil || gone.GetRegistrationStatus() != "retired" || gone.GetRetireReason() != retire.GetReason() {
			t.Fatalf("retire: %v, %v", gone, err)
		}
		update.Metadata.Etag = gone.GetEtag()
		if _, err := w.dea.UpdateDeaMetadata(ctx, update); reason(err) != "METADATA_RETIRED" {
			t.Errorf("changing a retired one: %v", err)
		}
		if read, err := w.dea.GetDeaMetadata(ctx, &compliancev1.GetDeaMetadataRequest{Id: made.GetId()}); err != nil || !proto.Equal(read, gone) {
			t.Errorf("history: %v, %v", read, err)
		}
		if list, err := w.dea.ListDeaMetadata(ctx, &compliancev1.ListDeaMetadataRequest{}); err != nil || len(list.GetMetadata()) != 0 {
			t.Errorf("the list by default: %v, %v", list, err)
		}
		if list, err := w.dea.ListDeaMetadata(ctx, &compliancev1.ListDeaMetadataRequest{Status: []string{"retired"}}); err != nil || len(list.GetMetadata()) != 1 {
			t.Errorf("the retired: %v, %v", list, err)
		}
		if _, err := w.dea.CreateDeaMetadata(ctx, twice); err != nil {
			t.Errorf("the number is free again: %v", err)
		}
	}
}

func TestAnotherAgencysRecordIsNotFound(t *testing.T) {
	w := start(t, false)
	w.acknowledged(t, "compliance_officer")
	theirs := w.make(t, agencyB, registration(numbers[0]))
	ctx := w.As("compliance_officer", agencyA)
	_, get := w.dea.GetDeaMetadata(ctx, &compliancev1.GetDeaMetadataRequest{Id: theirs.GetId()})
	_, update := w.dea.UpdateDeaMetadata(ctx, &compliancev1.UpdateDeaMetadataRequest{Id: theirs.GetId(), Metadata: theirs})
	_, retire := w.dea.DeleteDeaMetadata(ctx, &compliancev1.DeleteDeaMetadataRequest{Id: theirs.GetId(), Etag: theirs.GetEtag(), Reason: 1})
	_, note := w.dea.CreateDeaNote(ctx, &compliancev1.CreateDeaNoteRequest{Note: &compliancev1.ComplianceNote{MetadataId: theirs.GetId(), Text: "x"}})
	for name, err := range map[string]error{"get": get, "update": update, "retire": retire, "note": note} {
		if reason(err) != "METADATA_NOT_FOUND" || status.Code(err) != codes.NotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
	if list, err := w.dea.ListDeaMetadata(ctx, &compliancev1.ListDeaMetadataRequest{}); err != nil || len(list.GetMetadata()) != 0 {
		t.Errorf("list: %v, %v", list, err)
	}
}

func TestBadInputIsNamed(t *testing.T) {
	w := start(t, false)
	w.acknowledged(t, "compliance_officer")
	ctx := w.As("compliance_officer", agencyA)
	for want, spoil := range map[string]func(*compliancev1.DeaRegistration){
		"deaRegistrationNumber dea.check_digit": func(m *compliancev1.DeaRegistration) { m.DeaRegistrationNumber = "AB1234564" },
		"registrantName credential.none":        func(m *compliancev1.DeaRegistration) { m.RegistrantName = "password: Winter2026!" },
		"stationhouse credential.none":          func(m *compliancev1.DeaRegistration) { m.Stationhouse = "door code 4471" },
		"issueDate date":                        func(m *compliancev1.DeaRegistration) { m.IssueDate = &date.Date{Year: 2026, Month: 2, Day: 30} },
		"registeredState state.usps":            func(m *compliancev1.DeaRegistration) { m.RegisteredState = "" },
	} {
		m := registration(numbers[0])
		spoil(m)
		_, err := w.dea.CreateDeaMetadata(ctx, &compliancev1.CreateDeaMetadataRequest{Metadata: m, RequestId: uuid.NewString()})
		if field(err) != want || status.Code(err) != codes.InvalidArgument {
			t.Errorf("want %s, got %s: %v", want, field(err), err)
		}
	}
	e := enrollment("1234567890")
	_, err := w.cms.CreateCmsMetadata(ctx, &compliancev1.CreateCmsMetadataRequest{Metadata: e, RequestId: uuid.NewString()})
	if field(err) != "npiReference npi.check_digit" {
		t.Errorf("an NPI: %v", err)
	}
	made := w.make(t, agencyA, registration(numbers[0]))
	_, err = w.dea.UpdateDeaMetadata(ctx, &compliancev1.UpdateDeaMetadataRequest{
		Id: made.GetId(), Metadata: made, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"registration_status"}},
	})
	if field(err) != "updateMask field_mask.known" {
		t.Errorf("typing a status: %v", err)
	}
	if _, err := w.dea.ListDeaMetadata(ctx, &compliancev1.ListDeaMetadataRequest{PageToken: "x"}); reason(err) != "PAGE_TOKEN_INVALID" {
		t.Errorf("a forged token: %v", err)
	}
}

// A record that is added while somebody turns pages neither repeats nor hides another.
func TestPagesAreStableUnderInserts(t *testing.T) {
	w := start(t, false)
	for i := range 5 {
		for _, agency := range []int64{agencyA, agencyB} {
			w.exec(t, `INSERT INTO compliance.dea_registrant_metadata
(agency_id, id, registrant_name, dea_registration_number, authorized_schedules, issue_date, expiration_date, create_time, update_time)
VALUES ($1, gen_random_uuid(), 'EMS', $2, '{II,IV}', CASE WHEN $3 < 4 THEN current_date - 400 END,
 CASE WHEN $3 < 4 THEN current_date - 20 + 100 * $3 END, now(), now())`, agency, fmt.Sprintf("AB%07d", i), i)
		}
	}
	w.acknowledged(t, "founder", "compliance_officer", "controlled_substance_officer")
	for _, order := range []string{"", "expirationDate desc", "createTime desc"} {
		for i, agency := range []int64{agencyA, agencyB} {
			seen := map[string]int{}
			var statuses []string
			req := &compliancev1.ListDeaMetadataRequest{PageSize: 2, OrderBy: order}
			for page := 0; ; page++ {
				out, err := w.dea.ListDeaMetadata(w.As("controlled_substance_officer", agency), req)
				if err != nil {
					t.Fatal(err)
				}
				for _, m := range out.GetMetadata() {
					if m.GetAgencyId() != agency {
						t.Errorf("a record of %d", m.GetAgencyId())
					}
					seen[m.GetId()]++
					statuses = append(statuses, m.GetRegistrationStatus())
				}
				if page == 0 && order == "" {
					w.make(t, agency, func() *compliancev1.DeaRegistration {
						m := registration(numbers[i])
						m.ExpirationDate = in(-390) // before everything
						return m
					}())
				}
				if req.PageToken = out.GetNextPageToken(); req.GetPageToken() == "" {
					break
				}
			}
			want := 6
			if order == "" {
				want = 5
				if !slices.Equal(statuses, []string{"expired", "expiring", "active", "active", "pending"}) {
					t.Errorf("statuses %v", statuses)
				}
			}
			if len(seen) != want || len(statuses) != want {
				t.Errorf("order %q in %d: %d records in %d rows, want %d", order, agency, len(seen), len(statuses), want)
			}
		}
	}
	across, err := w.dea.ListDeaMetadata(w.As("founder", 0), &compliancev1.ListDeaMetadataRequest{Status: []string{"expired"}})
	if err != nil || len(across.GetMetadata()) != 4 {
		t.Errorf("across agencies: %d records, %v", len(across.GetMetadata()), err)
	}
	window := &compliancev1.ListDeaMetadataRequest{
		DueFrom: time.Now().UTC().AddDate(0, 0, 70).Format(time.DateOnly), DueTo: time.Now().UTC().AddDate(0, 0, 200).Format(time.DateOnly),
	}
	if out, err := w.dea.ListDeaMetadata(w.As("compliance_officer", agencyA), window); err != nil || len(out.GetMetadata()) != 2 {
		t.Errorf("a window: %d records, %v", len(out.GetMetadata()), err)
	}
}

func TestTheLifeOfAnEnrollment(t *testing.T) {
	w := start(t, false)
	w.acknowledged(t, "billing_administrator", "compliance_officer")
	for _, agency := range []int64{agencyA, agencyB} {
		ctx := w.As("billing_administrator", agency)
		made, err := w.cms.CreateCmsMetadata(ctx, &compliancev1.CreateCmsMetadataRequest{Metadata: enrollment("1234567893"), RequestId: uuid.NewString()})
		if err != nil || made.GetEnrollmentStatus() != "active" || len(made.GetPayerParticipation()) != 1 {
			t.Fatalf("create: %v, %v", made, err)
		}
		ready, err := w.cms.GetCmsReadiness(ctx, &compliancev1.GetCmsReadinessRequest{})
		if err != nil || ready.GetOverall() != compliancev1.CmsReadiness_VERDICT_UNKNOWN || len(ready.GetChecks()) != 9 {
			t.Errorf("unverified is unknown: %v, %v", ready, err)
		}
		made.LastVerifiedDate, made.VerificationSource = in(-1), compliancev1.VerificationSource_VERIFICATION_SOURCE_PECOS
		changed, err := w.cms.UpdateCmsMetadata(ctx, &compliancev1.UpdateCmsMetadataRequest{Id: made.GetId(), Metadata: made})
		if err != nil || len(changed.GetWarnings()) != 0 {
			t.Fatalf("update: %v, %v", changed, err)
		}
		if ready, err = w.cms.GetCmsReadiness(ctx, &compliancev1.GetCmsReadinessRequest{}); err != nil || ready.GetOverall() != compliancev1.CmsReadiness_VERDICT_PASS {
			t.Errorf("ready: %v, %v", ready, err)
		}
		list, err := w.cms.ListCmsMetadata(ctx, &compliancev1.ListCmsMetadataRequest{OrderBy: "revalidationDueDate desc"})
		if err != nil || len(list.GetMetadata()) != 1 || !proto.Equal(list.GetMetadata()[0], changed) {
			t.Errorf("list: %v, %v", list, err)
		}
		if _, err := w.cms.DeleteCmsMetadata(ctx, &compliancev1.DeleteCmsMetadataRequest{Id: made.GetId(), Etag: changed.GetEtag(), Reason: 1}); err != nil {
			t.Errorf("retire: %v", err)
		}
	}
}

func tomorrow() *timestamppb.Timestamp { return timestamppb.New(time.Now().AddDate(0, 0, 1)) }
