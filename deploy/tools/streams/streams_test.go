package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// account is an empty JetStream account of a server of its own.
type account struct {
	t   *testing.T
	url string
	js  jetstream.JetStream
}

func newAccount(t *testing.T) account {
	t.Helper()
	ns, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: t.TempDir(), NoLog: true, NoSigs: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	ns.Start()
	t.Cleanup(func() { ns.Shutdown(); ns.WaitForShutdown() })
	if !ns.ReadyForConnections(30 * time.Second) {
		t.Fatal("the server is not ready")
	}
	nc, err := nats.Connect(ns.ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	return account{t, ns.ClientURL(), js}
}

func (a account) stream(names ...string) {
	a.t.Helper()
	for _, name := range names {
		if _, err := a.js.CreateStream(a.t.Context(), jetstream.StreamConfig{Name: name, Subjects: []string{strings.ToLower(name) + ".>"}}); err != nil {
			a.t.Fatal(err)
		}
		if _, err := a.js.CreateConsumer(a.t.Context(), name, jetstream.ConsumerConfig{Durable: "reader", AckPolicy: jetstream.AckExplicitPolicy}); err != nil {
			a.t.Fatal(err)
		}
	}
}

func (a account) publish(subject string, n int) {
	a.t.Helper()
	for range n {
		if _, err := a.js.Publish(a.t.Context(), subject, []byte("x")); err != nil {
			a.t.Fatal(err)
		}
	}
}

// holds says how many messages and consumers a stream has.
func (a account) holds(name string, messages uint64, consumers int) {
	a.t.Helper()
	s, err := a.js.Stream(a.t.Context(), name)
	if err != nil {
		a.t.Fatal(err)
	}
	if i := s.CachedInfo().State; i.Msgs != messages || i.Consumers != consumers {
		a.t.Errorf("%s holds %d messages and %d consumers, want %d and %d", name, i.Msgs, i.Consumers, messages, consumers)
	}
}

func (a account) run(args ...string) (string, error) {
	var out bytes.Buffer
	err := run(a.t.Context(), append([]string{"-nats", a.url}, args...), &out)
	return out.String(), err
}

func TestRewindTakesBackWhatCameLater(t *testing.T) {
	a := newAccount(t)
	a.stream("CLINICAL", "AUDIT")
	a.publish("clinical.a", 5)
	a.publish("audit.a", 2)
	s, err := a.js.Stream(t.Context(), "CLINICAL")
	if err != nil {
		t.Fatal(err)
	}
	last, err := s.GetMsg(t.Context(), 5)
	if err != nil {
		t.Fatal(err)
	}
	to := last.Time.UTC().Format(time.RFC3339Nano)
	a.publish("clinical.b", 3)
	a.publish("audit.b", 3)
	if err := s.DeleteMsg(t.Context(), 7); err != nil { // a gap must not end the search
		t.Fatal(err)
	}

	out, err := a.run("rewind", to)
	if err != nil || !strings.Contains(out, "CLINICAL: 2 messages after") || !strings.Contains(out, "Nothing was changed") {
		t.Fatalf("%v %s", err, out)
	}
	a.holds("CLINICAL", 7, 1)
	if out, err := a.run("-apply", "rewind", to); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	a.holds("CLINICAL", 5, 0)
	a.holds("AUDIT", 5, 0)
	a.publish("clinical.c", 1)
	a.holds("CLINICAL", 6, 0)
	if _, err := a.run("rewind", "yesterday"); err == nil || !strings.Contains(err.Error(), "RFC 3339") {
		t.Error(err)
	}
}

func TestBackupIsRestoredElsewhere(t *testing.T) {
	from, dir := newAccount(t), t.TempDir()
	if _, err := from.run("backup", dir); err == nil {
		t.Error("an account without streams was backed up")
	}
	from.stream("CLINICAL", "QA")
	from.publish("clinical.a", 40)
	for range 2 { // the second replaces the first
		if out, err := from.run("backup", dir); err != nil || !strings.Contains(out, "CLINICAL: 40 messages") || !strings.Contains(out, "QA: 0 messages") {
			t.Fatalf("%v %s", err, out)
		}
	}
	from.publish("clinical.b", 1)
	if _, err := from.run("restore", dir); err == nil || !strings.Contains(err.Error(), "exists") {
		t.Errorf("restored over what is there: %v", err)
	}
	to := newAccount(t)
	if _, err := to.run("restore", t.TempDir()); err == nil {
		t.Error("nothing was restored without complaint")
	}
	if out, err := to.run("restore", dir); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	to.holds("CLINICAL", 40, 0)
	to.holds("QA", 0, 0)
}
