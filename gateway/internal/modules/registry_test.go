package modules

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc"

	agencyv1 "github.com/fusionems/quantum/proto/gen/go/fleet/agency/v1"
)

type fakeAgency struct {
	mu       sync.Mutex
	revision int64
	disabled []*agencyv1.DisabledModule
	err      error
	full     int
}

func (f *fakeAgency) GetModuleRegistry(_ context.Context, in *agencyv1.GetModuleRegistryRequest, _ ...grpc.CallOption) (*agencyv1.GetModuleRegistryResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return nil, f.err
	}
	if in.GetKnownRevision() == f.revision {
		return &agencyv1.GetModuleRegistryResponse{Revision: f.revision, Unchanged: true}, nil
	}
	f.full++
	return &agencyv1.GetModuleRegistryResponse{Revision: f.revision, Disabled: f.disabled}, nil
}

func (f *fakeAgency) set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

func TestFollowsTheRegistry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeAgency{revision: 3, err: errors.New("away")}
		r := New(f, slog.New(slog.NewTextHandler(io.Discard, nil)), time.Now)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- r.Run(ctx) }()
		time.Sleep(1500 * time.Millisecond)
		if r.Current() != nil || r.Ready(ctx) == nil {
			t.Fatal("a state without having read one")
		}
		f.set(func() { f.err = nil })
		time.Sleep(2 * time.Second)
		if s := r.Current(); s == nil || s.Revision != 3 || s.Off(7)["qa"] || r.Ready(ctx) != nil {
			t.Fatalf("%+v", s)
		}
		f.set(func() {
			f.revision, f.disabled = 4, []*agencyv1.DisabledModule{{AgencyId: 7, Module: "qa"}}
		})
		time.Sleep(2 * time.Second)
		if s := r.Current(); !s.Off(7)["qa"] || s.Off(8)["qa"] || s.Off(7)["billing"] || s.Revision != 4 {
			t.Fatalf("%+v", s)
		}
		time.Sleep(10 * time.Second)
		if f.full != 2 {
			t.Fatalf("the whole list was sent %d times for two states", f.full)
		}
		f.set(func() { f.err = errors.New("away") })
		time.Sleep(29 * time.Second)
		if r.Ready(ctx) != nil || !r.Current().Off(7)["qa"] {
			t.Fatal("an outage shorter than half a minute is a fault")
		}
		time.Sleep(5 * time.Second)
		if r.Ready(ctx) == nil {
			t.Fatal("a state of half a minute ago is ready")
		}
		if !r.Current().Off(7)["qa"] {
			t.Fatal("the last known state is gone")
		}
		cancel()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	})
}
