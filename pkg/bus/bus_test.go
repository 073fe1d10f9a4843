package bus_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/fusionems/quantum/pkg/bus"
	"github.com/fusionems/quantum/pkg/outbox"
	"github.com/fusionems/quantum/pkg/testkit/natstest"
	"github.com/fusionems/quantum/pkg/testkit/pki"
	commonv1 "github.com/fusionems/quantum/proto/gen/go/fleet/common/v1"
	qav1 "github.com/fusionems/quantum/proto/gen/go/fleet/qa/v1"
)

func message(id uuid.UUID) outbox.Message {
	return outbox.Message{ID: id, AgencyID: 11, NATSSubject: "qa.case.opened.v1", Payload: []byte("x"), TraceParent: "00-11111111111111111111111111111111-2222222222222222-01"}
}

func TestPublishStoresOnce(t *testing.T) {
	b := natstest.Start(t, nil).Bus("test")
	id := uuid.Must(uuid.NewV7())
	for _, err := range b.Publish(t.Context(), []outbox.Message{message(id), message(uuid.Must(uuid.NewV7())), message(id)}) {
		if err != nil {
			t.Fatal(err)
		}
	}
	s, err := b.JetStream().Stream(t.Context(), "QA")
	if err != nil {
		t.Fatal(err)
	}
	if n := s.CachedInfo().State.Msgs; n != 2 {
		t.Errorf("%d messages, want 2: the same id is stored once", n)
	}
	m, err := s.GetMsg(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if m.Header.Get("traceparent") == "" || m.Header.Get(jetstream.MsgIDHeader) != id.String() {
		t.Errorf("headers %v", m.Header)
	}
}

func TestPublishReportsEachMessage(t *testing.T) {
	srv := natstest.Start(t, nil)
	b := srv.Bus("test")
	stray := message(uuid.Must(uuid.NewV7()))
	stray.NATSSubject = "nowhere.at.all"
	errs := b.Publish(t.Context(), []outbox.Message{message(uuid.Must(uuid.NewV7())), stray})
	if errs[0] != nil || errs[1] == nil {
		t.Errorf("%v", errs)
	}
	if err := b.Ready(t.Context()); err != nil {
		t.Errorf("ready: %v", err)
	}
	srv.Down()
	time.Sleep(50 * time.Millisecond)
	start := time.Now()
	if errs := b.Publish(t.Context(), []outbox.Message{message(uuid.Must(uuid.NewV7()))}); errs[0] == nil {
		t.Error("published to a server that is away")
	}
	if time.Since(start) > 5*time.Second {
		t.Error("a failure must show at once")
	}
	if err := b.Ready(t.Context()); err == nil {
		t.Error("ready without a server")
	}
	srv.Up()
	deadline := time.Now().Add(10 * time.Second)
	for b.Ready(t.Context()) != nil {
		if time.Now().After(deadline) {
			t.Fatal("not connected again")
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func TestOnlyCertifiedClientsConnect(t *testing.T) {
	ca, err := pki.New()
	if err != nil {
		t.Fatal(err)
	}
	server, err := ca.TLS("nats")
	if err != nil {
		t.Fatal(err)
	}
	srv := natstest.Start(t, server)
	for name, good := range map[string]bool{"own": true, "stranger": false} {
		from := ca
		if !good {
			if from, err = pki.New(); err != nil {
				t.Fatal(err)
			}
		}
		cfg, err := from.TLS("qa")
		if err != nil {
			t.Fatal(err)
		}
		cfg.RootCAs = ca.Pool()
		b, err := bus.Connect(bus.Config{URL: srv.URL(), Name: "qa", TLS: cfg})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(b.Close)
		ready := false
		for deadline := time.Now().Add(time.Second); !ready && time.Now().Before(deadline); {
			ready = b.Ready(t.Context()) == nil
		}
		if ready != good {
			t.Errorf("%s certificate: ready %v", name, ready)
		}
	}
}

func TestStreamsHoldTheSubjectsOfEvents(t *testing.T) {
	b := natstest.Start(t, nil).Bus("test")
	if err := b.Ensure(t.Context(), bus.Streams()...); err != nil {
		t.Errorf("a second time: %v", err)
	}
	for subject, want := range map[string]string{
		"qa.case.opened.v1": "QA", "audit.record.v1": "AUDIT", "governance.policy.activated.v1": "GOVERNANCE", "dlq.qa": bus.DeadLetters,
	} {
		got, err := bus.StreamOf(subject)
		if err != nil || got != want {
			t.Errorf("StreamOf(%s) = %s, %v", subject, got, err)
		}
		if s, err := b.JetStream().StreamNameBySubject(t.Context(), subject); err != nil || s != want {
			t.Errorf("%s is held by %s, %v", subject, s, err)
		}
	}
	if _, err := bus.StreamOf("nothing"); err == nil {
		t.Error("a subject without a stream")
	}
	if s, err := bus.SubjectOf(&qav1.CaseOpened{}); err != nil || s != "qa.case.opened.v1" {
		t.Errorf("SubjectOf: %s, %v", s, err)
	}
	if _, err := bus.SubjectOf(&commonv1.Event{}); err == nil {
		t.Error("the envelope itself is no event")
	}
}
