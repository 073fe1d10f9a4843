package evidence_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"google.golang.org/protobuf/proto"

	"github.com/fusionems/quantum/gateway/internal/evidence"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/testkit/natstest"
	auditv1 "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
	commonv1 "github.com/fusionems/quantum/proto/gen/go/fleet/common/v1"
)

func refusal(agency int64, reason string) evidence.Refusal {
	return evidence.Refusal{
		Action: "fleet.qa.v1.CaseService/GetCase", Reason: reason, RequestID: "r-1",
		Principal: identity.Principal{Subject: "u-1", Actor: identity.Human, AgencyID: agency, Roles: []string{"billing_staff"}},
	}
}

func stored(t *testing.T, js jetstream.JetStream, want int) []*auditv1.Event {
	t.Helper()
	c, err := js.OrderedConsumer(t.Context(), "AUDIT", jetstream.OrderedConsumerConfig{})
	if err != nil {
		t.Fatal(err)
	}
	var out []*auditv1.Event
	for len(out) < want {
		msg, err := c.Next(jetstream.FetchMaxWait(time.Minute))
		if err != nil {
			t.Fatalf("after %d of %d records: %v", len(out), want, err)
		}
		var envelope commonv1.Event
		var recorded auditv1.Recorded
		if err := proto.Unmarshal(msg.Data(), &envelope); err != nil {
			t.Fatal(err)
		}
		if err := envelope.GetPayload().UnmarshalTo(&recorded); err != nil {
			t.Fatal(err)
		}
		if msg.Subject() != "audit.record.v1" {
			t.Fatalf("on subject %s", msg.Subject())
		}
		out = append(out, recorded.GetEvent())
	}
	return out
}

func TestRefusalsReachTheAuditStreamThroughAnOutage(t *testing.T) {
	server := natstest.Start(t, nil)
	bus := server.Bus("gateway")
	reg := prometheus.NewRegistry()
	r := evidence.New(bus, reg, slog.New(slog.DiscardHandler), time.Now)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()

	r.Refused(refusal(7, "SCOPE_MISSING"))
	got := stored(t, bus.JetStream(), 1)[0]
	if got.GetOutcome() != auditv1.Outcome_OUTCOME_DENIED || got.GetReason() != "SCOPE_MISSING" || got.GetAgencyId() != 7 ||
		got.GetActor() != "u-1" || got.GetService() != "gateway" || got.GetAction() != "fleet.qa.v1.CaseService/GetCase" || got.GetRequestId() != "r-1" {
		t.Fatalf("%v", got)
	}

	server.Down()
	for range 100 {
		r.Refused(refusal(8, "MODULE_DISABLED"))
	}
	time.Sleep(50 * time.Millisecond)
	server.Up()
	for deadline := time.Now().Add(time.Minute); bus.Ready(t.Context()) != nil; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("not connected again")
		}
	}
	of8 := 0
	for _, e := range stored(t, bus.JetStream(), 101) {
		if e.GetAgencyId() == 8 {
			of8++
		}
	}
	if of8 != 100 {
		t.Fatalf("%d of 100 refusals survived the outage", of8)
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if n, err := testutil.GatherAndCount(reg, "gateway_audit_dropped_total"); err != nil || n != 1 {
		t.Fatal(n, err)
	}
}

func TestStopHandsOverTheQueue(t *testing.T) {
	server := natstest.Start(t, nil)
	bus := server.Bus("gateway")
	r := evidence.New(bus, prometheus.NewRegistry(), slog.New(slog.DiscardHandler), time.Now)
	for range 600 {
		r.Refused(refusal(7, "SCOPE_MISSING"))
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if got := stored(t, bus.JetStream(), 600); len(got) != 600 {
		t.Fatal(len(got))
	}
}

// TestDeeds are what nobody refused: a person signs in, and a session ends.
func TestDeeds(t *testing.T) {
	bus := natstest.Start(t, nil).Bus("gateway")
	r := evidence.New(bus, prometheus.NewRegistry(), slog.New(slog.DiscardHandler), time.Now)
	go func() { _ = r.Run(t.Context()) }()
	who := identity.Principal{Subject: "u-1", Actor: identity.Human, AgencyID: 8, ActingRole: "qa_reviewer"}
	r.Done(evidence.Deed{Action: "fleet.gateway.v1.SessionService/SignIn", Resource: "sessions/s-1", RequestID: "r-1", Principal: who})
	r.SessionEnded(identity.WithRequestID(t.Context(), "r-2"), who, "s-1", "idle")
	got := stored(t, bus.JetStream(), 2)
	for i, want := range []struct{ action, request string }{
		{"fleet.gateway.v1.SessionService/SignIn", "r-1"}, {"fleet.gateway.v1.SessionService/EndSession", "r-2"},
	} {
		e := got[i]
		if e.GetAction() != want.action || e.GetRequestId() != want.request || e.GetOutcome() != auditv1.Outcome_OUTCOME_SUCCESS ||
			e.GetResource() != "sessions/s-1" || e.GetAgencyId() != 8 || e.GetActor() != "u-1" || e.GetRole() != "qa_reviewer" {
			t.Fatalf("%v", e)
		}
	}
	if c := got[1].GetChanges(); len(c) != 1 || c[0].GetField() != "cause" || c[0].GetAfter() != "idle" || len(got[0].GetChanges()) != 0 {
		t.Fatalf("%v", c)
	}
}
