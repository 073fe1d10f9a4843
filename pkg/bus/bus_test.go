package bus_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
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
	becomes(t, b, false)
	// A failure shows at once: it is that of the sending, not of an acknowledgement that was waited for.
	if errs := b.Publish(t.Context(), []outbox.Message{message(uuid.Must(uuid.NewV7()))}); !errors.Is(errs[0], nats.ErrReconnectBufExceeded) {
		t.Errorf("published to a server that is away: %v", errs[0])
	}
	srv.Up()
	becomes(t, b, true)
}

func becomes(t *testing.T, b *bus.Bus, ready bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); (b.Ready(t.Context()) == nil) != ready; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it does not become ready = %v", ready)
		}
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
		if good {
			becomes(t, b, true)
			continue
		}
		for deadline := time.Now().Add(time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
			if b.Ready(t.Context()) == nil {
				t.Fatalf("it is ready with the certificate of a %s", name)
			}
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
