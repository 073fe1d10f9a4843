package broker_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/services/carefusion/internal/broker"
	"github.com/fusionems/quantum/services/carefusion/internal/broker/embedded"
	"github.com/fusionems/quantum/services/carefusion/internal/outbox"
)

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if is() {
			return
		}
	}
	t.Fatalf("not so in two minutes: %s", what)
}

func connect(t *testing.T, url string) *broker.Broker {
	t.Helper()
	b, err := broker.Connect(broker.Options{URL: url, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

// got collects events.
type got struct {
	mu   sync.Mutex
	seen []uuid.UUID
	fail int
}

func (g *got) take(_ context.Context, e outbox.Event) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.seen = append(g.seen, e.ID)
	if g.fail > 0 {
		g.fail--
		return errors.New("not now")
	}
	return nil
}

func (g *got) count(id uuid.UUID) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := 0
	for _, s := range g.seen {
		if s == id {
			n++
		}
	}
	return n
}

func event(subject string) outbox.Event {
	return outbox.Event{ID: uuid.New(), Subject: subject, Appointment: uuid.New(), Provider: uuid.New(), Time: time.Now()}
}

func TestEventsReachEveryProcessAndWorkOne(t *testing.T) {
	s, err := embedded.Start(embedded.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop()
	one, two := connect(t, s.URL), connect(t, s.URL)
	eventually(t, "both are connected", func() bool { return one.Connected() && two.Connected() })
	work, live1, live2 := &got{fail: 1}, &got{}, &got{}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for b, l := range map[*broker.Broker]*got{one: live1, two: live2} {
		wg.Go(func() { b.Follow(ctx, func(e outbox.Event) { _ = l.take(ctx, e) }) })
		wg.Go(func() { b.Consume(ctx, "work", "reminder", work.take) })
	}
	defer func() { cancel(); wg.Wait() }()
	// Followers hear from when they began; so until one has, events are sent.
	eventually(t, "both follow", func() bool {
		e := event("session")
		if err := one.Publish(ctx, e); err != nil {
			t.Fatal(err)
		}
		time.Sleep(100 * time.Millisecond)
		return live1.count(e.ID) == 1 && live2.count(e.ID) == 1
	})
	e := event("reminder")
	for range 3 {
		if err := one.Publish(ctx, e); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "work that failed comes again", func() bool { return work.count(e.ID) == 2 })
	eventually(t, "live updates came", func() bool { return live1.count(e.ID) > 0 && live2.count(e.ID) > 0 })
	time.Sleep(300 * time.Millisecond)
	if n := work.count(e.ID); n != 2 || live1.count(e.ID) != 1 || live2.count(e.ID) != 1 {
		t.Errorf("work was done %d times, want one failure and one success; live %d %d", n, live1.count(e.ID), live2.count(e.ID))
	}
}

func TestWhileTheServerIsAway(t *testing.T) {
	dir := t.TempDir()
	s, err := embedded.Start(embedded.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	b := connect(t, s.URL)
	eventually(t, "connected", b.Connected)
	before, during := event("reminder"), event("reminder")
	if err := b.Publish(t.Context(), before); err != nil {
		t.Fatal(err)
	}
	s.Stop()
	eventually(t, "it is away", func() bool { return !b.Connected() })
	if err := b.Publish(t.Context(), during); err == nil {
		t.Error("an event was accepted by nobody")
	}
	again, err := embedded.Start(embedded.Options{Dir: dir, Port: s.Port})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Stop()
	eventually(t, "what waited is accepted", func() bool { return b.Publish(t.Context(), during) == nil })
	work := &got{}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { b.Consume(ctx, "work", "reminder", work.take) })
	defer func() { cancel(); wg.Wait() }()
	eventually(t, "nothing is lost", func() bool { return work.count(before.ID) == 1 && work.count(during.ID) == 1 })
}
