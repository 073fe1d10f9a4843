package audit_test

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/note"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/fusionems/quantum/pkg/bus"
	"github.com/fusionems/quantum/pkg/config"
	"github.com/fusionems/quantum/pkg/outbox"
	"github.com/fusionems/quantum/pkg/service"
	"github.com/fusionems/quantum/pkg/testkit/servicetest"
	auditv1 "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
	"github.com/fusionems/quantum/services/audit"
)

const (
	agencyA = 11
	agencyB = 22
)

// world is the service at work, with a bus on which other services' records arrive.
type world struct {
	*servicetest.Running
	t      *testing.T
	bus    *bus.Bus
	events auditv1.EventServiceClient
	policy auditv1.PolicyServiceClient
	vkey   string
}

func newWorld(t *testing.T, opts servicetest.Options) *world {
	t.Helper()
	key, vkey, err := note.GenerateKey(rand.Reader, "log.test/audit")
	if err != nil {
		t.Fatal(err)
	}
	opts.Settings = func(s service.Settings) { s.(*audit.Settings).CheckpointKey = config.Secret(key) }
	w := &world{t: t, Running: servicetest.Start(t, audit.Definition(), opts), vkey: vkey}
	w.bus = w.NATS.Bus("test")
	conn := w.Gateway()
	w.events, w.policy = auditv1.NewEventServiceClient(conn), auditv1.NewPolicyServiceClient(conn)
	w.eventually("the first policy versions", func() bool {
		list, err := w.policy.ListPolicies(w.As("founder", agencyA), &auditv1.ListPoliciesRequest{})
		return err == nil && len(list.GetPolicies()) > 0 &&
			!slices.ContainsFunc(list.GetPolicies(), func(p *auditv1.Policy) bool { return p.GetActiveVersion() != 1 })
	})
	return w
}

func (w *world) eventually(what string, ok func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if ok() {
			return
		}
	}
	w.t.Fatalf("%s did not come in time", what)
}

func event(agency int64) *auditv1.Event {
	return &auditv1.Event{
		Stream: auditv1.Stream_STREAM_HUMAN, Outcome: auditv1.Outcome_OUTCOME_SUCCESS, AgencyId: agency,
		OccurredTime: timestamppb.Now(), Service: "qa", Action: "fleet.qa.v1.CaseService/GetCase", Resource: "cases/1",
		Actor: "user-1", ActorKind: "human", Role: "qa_reviewer", RequestId: uuid.NewString(),
		Changes: []*auditv1.Change{{Field: "state", Before: "open", After: "closed"}},
	}
}

// send publishes records as a service's relay does and answers the ids of their entries.
func (w *world) send(events ...*auditv1.Event) []string {
	w.t.Helper()
	var list []outbox.Message
	var ids []string
	for _, e := range events {
		id := uuid.Must(uuid.NewV7())
		m, err := outbox.Envelope(outbox.Fact{
			ID: id, AgencyID: e.GetAgencyId(), Subject: "events/" + id.String(), Time: time.Now(), Event: &auditv1.Recorded{Event: e},
		})
		if err != nil {
			w.t.Fatal(err)
		}
		list, ids = append(list, m), append(ids, id.String())
	}
	for _, err := range w.bus.Publish(context.Background(), list) {
		if err != nil {
			w.t.Fatal(err)
		}
	}
	return ids
}

func (w *world) arrived(role string, agency int64, id string) *auditv1.Event {
	w.t.Helper()
	var e *auditv1.Event
	w.eventually("entry "+id, func() bool {
		var err error
		e, err = w.events.GetEvent(w.As(role, agency), &auditv1.GetEventRequest{Id: id})
		return err == nil
	})
	return e
}

func reason(err error) string {
	for _, d := range status.Convert(err).Details() {
		if info, ok := d.(interface{ GetReason() string }); ok {
			return info.GetReason()
		}
	}
	return ""
}

func wantReason(t *testing.T, err error, code codes.Code, want string) {
	t.Helper()
	if status.Code(err) != code || reason(err) != want {
		t.Errorf("got %v with reason %q, want %v with %q", err, reason(err), code, want)
	}
}

func TestRecordsOfTheFleetBecomeEvidence(t *testing.T) {
	w := newWorld(t, servicetest.Options{})
	ai := event(agencyA)
	ai.Stream, ai.ActorKind, ai.ExecutedBy, ai.PolicyVersionId = auditv1.Stream_STREAM_AI, "ai", "AI Agent under qa_reviewer authority", "p1"
	ids := w.send(event(agencyA), event(agencyB), ai)
	w.arrived("compliance_officer", agencyA, ids[2]) // the log keeps the order: the others are there too
	got := w.arrived("compliance_officer", agencyA, ids[0])
	if got.GetAgencyId() != agencyA || got.GetActor() != "user-1" || len(got.GetChanges()) != 1 || got.GetChanges()[0].GetAfter() != "closed" || len(got.GetLeafHash()) != 64 {
		t.Errorf("entry %v", got)
	}
	_, err := w.events.GetEvent(w.As("compliance_officer", agencyA), &auditv1.GetEventRequest{Id: ids[1]})
	wantReason(t, err, codes.NotFound, "EVENT_NOT_FOUND")
	list, err := w.events.ListEvents(w.As("founder", agencyA), &auditv1.ListEventsRequest{Stream: auditv1.Stream_STREAM_AI})
	if err != nil || len(list.GetEvents()) != 1 || list.GetEvents()[0].GetId() != ids[2] || list.GetEvents()[0].GetExecutedBy() != ai.GetExecutedBy() {
		t.Errorf("AI stream: %v, %v", list, err)
	}
	across, err := w.events.ListEvents(w.As("founder", 0), &auditv1.ListEventsRequest{Resource: "cases/1"})
	if err != nil || len(across.GetEvents()) != 3 {
		t.Errorf("across agencies: %v, %v", across, err)
	}
	// Reading evidence is evidence.
	w.eventually("the record of the read", func() bool {
		reads, err := w.events.ListEvents(w.As("founder", 0), &auditv1.ListEventsRequest{Action: "fleet.audit.v1.EventService/GetEvent"})
		return err == nil && len(reads.GetEvents()) >= 2
	})
	denied, err := w.events.ListEvents(w.As("qa_reviewer", agencyA), &auditv1.ListEventsRequest{})
	if denied != nil || status.Code(err) != codes.PermissionDenied {
		t.Errorf("a reviewer reads evidence: %v, %v", denied, err)
	}
	w.eventually("the record of the refusal", func() bool {
		refused, err := w.events.ListEvents(w.As("compliance_officer", agencyA), &auditv1.ListEventsRequest{
			Outcome: auditv1.Outcome_OUTCOME_DENIED, Actor: "test-qa_reviewer",
		})
		return err == nil && len(refused.GetEvents()) == 1 && refused.GetEvents()[0].GetReason() == "SCOPE_MISSING"
	})
}

func TestRedeliveryAndPoisonDoNotStopTheLog(t *testing.T) {
	w := newWorld(t, servicetest.Options{})
	poison := event(agencyA)
	poison.Stream = auditv1.Stream_STREAM_UNSPECIFIED
	odd := event(agencyB)
	odd.Resource, odd.Actor = "cases/\x00", "nul\x00"
	before := w.send(event(agencyA))
	bad := w.send(poison)
	after := w.send(event(agencyB), odd)
	w.arrived("compliance_officer", agencyA, before[0])
	w.arrived("compliance_officer", agencyB, after[0])
	if e := w.arrived("compliance_officer", agencyB, after[1]); e.GetResource() != "cases/\uFFFD" {
		t.Errorf("entry with an odd byte: %q", e.GetResource())
	}
	conn := w.Database.Superuser(t)
	w.eventually("the dead letter", func() bool {
		var reason string
		err := conn.QueryRow(context.Background(), "SELECT reason FROM audit.inbox WHERE event_id = $1 AND state = 'dead'", bad[0]).Scan(&reason)
		return err == nil && reason == "AUDIT_RECORD_INVALID"
	})
	// An inbox that has forgotten, and the same event again under another message id: the log itself holds it once.
	if _, err := conn.Exec(context.Background(), "DELETE FROM audit.inbox"); err != nil {
		t.Fatal(err)
	}
	stored, err := w.bus.JetStream().Stream(t.Context(), "AUDIT")
	if err != nil {
		t.Fatal(err)
	}
	for seq := uint64(1); ; seq++ {
		msg, err := stored.GetMsg(t.Context(), seq)
		if err != nil {
			break
		}
		if _, err := w.bus.JetStream().Publish(t.Context(), msg.Subject, msg.Data); err != nil {
			t.Fatal(err)
		}
		if seq > 500 {
			t.Fatal("the stream does not end")
		}
		if msg.Header.Get("Nats-Msg-Id") == after[1] {
			break
		}
	}
	last := w.send(event(agencyB))[0]
	w.arrived("compliance_officer", agencyB, last)
	var entries int
	if err := conn.QueryRow(context.Background(), "SELECT count(*) FROM audit.entry WHERE service = 'qa'").Scan(&entries); err != nil || entries != 4 {
		t.Errorf("%d entries, %v", entries, err)
	}
}

func TestPoliciesOverTheWire(t *testing.T) {
	w := newWorld(t, servicetest.Options{})
	founder := w.As("founder", agencyA)
	list, err := w.policy.ListPolicies(founder, &auditv1.ListPoliciesRequest{PageSize: 1})
	if err != nil || len(list.GetPolicies()) != 1 || list.GetNextPageToken() == "" || list.GetPolicies()[0].GetDescription() == "" {
		t.Fatalf("policies: %v, %v", list, err)
	}
	const key = "qa.triggers"
	first, err := w.policy.GetPolicyVersion(founder, &auditv1.GetPolicyVersionRequest{Key: key, Version: 1})
	if err != nil || first.GetAuthor() != "system" || !first.GetActive() || len(first.GetSha256()) != 64 {
		t.Fatalf("first version: %v, %v", first, err)
	}
	second, err := w.policy.CreatePolicyVersion(founder, &auditv1.CreatePolicyVersionRequest{Key: key, Document: first.GetDocument(), Comment: "as it was"})
	if err != nil || second.GetVersion() != 2 || second.GetActive() || second.GetSha256() != first.GetSha256() || second.GetAuthor() != "test-founder" {
		t.Fatalf("second version: %v, %v", second, err)
	}
	active, err := w.policy.ActivatePolicyVersion(founder, &auditv1.ActivatePolicyVersionRequest{Key: key, Version: 2})
	if err != nil || !active.GetActive() || active.GetActivateTime() == nil {
		t.Fatalf("activated: %v, %v", active, err)
	}
	_, err = w.policy.ActivatePolicyVersion(founder, &auditv1.ActivatePolicyVersionRequest{Key: key, Version: 2})
	wantReason(t, err, codes.FailedPrecondition, "POLICY_VERSION_ACTIVE")
	_, err = w.policy.ActivatePolicyVersion(founder, &auditv1.ActivatePolicyVersionRequest{Key: key, Version: 9})
	wantReason(t, err, codes.NotFound, "POLICY_VERSION_NOT_FOUND")
	_, err = w.policy.GetPolicyVersion(founder, &auditv1.GetPolicyVersionRequest{Key: "no.such", Version: 1})
	wantReason(t, err, codes.NotFound, "POLICY_UNKNOWN")
	if !strings.Contains(err.Error(), key) {
		t.Errorf("%v does not list the keys", err)
	}
	w.inForce("qa", key, 2)
	w.eventually("evidence of the activation", func() bool {
		got, err := w.events.ListEvents(w.As("founder", 0), &auditv1.ListEventsRequest{Resource: "policies/qa.triggers/versions/2"})
		return err == nil && len(got.GetEvents()) >= 2 && got.GetEvents()[0].GetAgencyId() == 0
	})
}

func (w *world) inForce(peer, key string, version int32) {
	w.t.Helper()
	got, err := auditv1.NewPolicyDistributionServiceClient(w.ConnAs(peer)).GetActivePolicy(w.t.Context(), &auditv1.GetActivePolicyRequest{Key: key})
	if err != nil || got.GetVersion() != version || got.GetActivateTime() == nil {
		w.t.Errorf("%s is told %v, %v; want version %d", peer, got, err, version)
	}
}

// The service's own check is off: the database still refuses whoever the matrix denies.
func TestTheDatabaseRefuses(t *testing.T) {
	w := newWorld(t, servicetest.Options{AuthzOpen: true})
	id := w.send(event(agencyA))[0]
	w.arrived("compliance_officer", agencyA, id)
	const events, policies = "/fleet.audit.v1.EventService/", "/fleet.audit.v1.PolicyService/"
	w.DatabaseRefuses(t, agencyA, []servicetest.Probe{
		{Method: events + "ListEvents", Request: &auditv1.ListEventsRequest{}},
		{Method: events + "GetEvent", Request: &auditv1.GetEventRequest{Id: id}},
		{Method: events + "GetInclusionProof", Request: &auditv1.GetInclusionProofRequest{Id: id}},
		{Method: events + "GetCheckpoint", Request: &auditv1.GetCheckpointRequest{}},
		{Method: events + "GetConsistencyProof", Request: &auditv1.GetConsistencyProofRequest{From: 1}},
		{Method: policies + "GetPolicyVersion", Request: &auditv1.GetPolicyVersionRequest{Key: "qa.triggers", Version: 1}},
		{Method: policies + "ListPolicyVersions", Request: &auditv1.ListPolicyVersionsRequest{Key: "qa.triggers"}},
		{Method: policies + "ListPolicies", Request: &auditv1.ListPoliciesRequest{}},
	}, map[string]string{
		policies + "CreatePolicyVersion": "probed below", policies + "ActivatePolicyVersion": "probed below",
	})
	for _, role := range []string{"agency_administrator", "qa_reviewer", "billing_administrator", "compliance_officer", "medical_director"} {
		first, err := w.policy.GetPolicyVersion(w.As("founder", agencyA), &auditv1.GetPolicyVersionRequest{Key: "qa.triggers", Version: 1})
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.policy.CreatePolicyVersion(w.As(role, agencyA), &auditv1.CreatePolicyVersionRequest{Key: "qa.triggers", Document: first.GetDocument(), Comment: "mine"})
		if status.Code(err) != codes.PermissionDenied {
			t.Errorf("%s makes a policy version: %v", role, err)
		}
		_, err = w.policy.ActivatePolicyVersion(w.As(role, agencyA), &auditv1.ActivatePolicyVersionRequest{Key: "qa.triggers", Version: 1})
		if status.Code(err) != codes.PermissionDenied {
			t.Errorf("%s activates a policy version: %v", role, err)
		}
	}
}
