package app_test

import (
	"context"
	"sync"

	"github.com/fusionems/quantum/services/carefusion/internal/room"
)

// fakeRoom is a video server without video: it keeps what was asked of it.
type fakeRoom struct {
	mu     sync.Mutex
	open   map[string]bool
	closed map[string]bool
	tokens []room.Grant
	events chan room.Event
}

func newFakeRoom() *fakeRoom {
	return &fakeRoom{open: map[string]bool{}, closed: map[string]bool{}, events: make(chan room.Event, 16)}
}

func (f *fakeRoom) Open(_ context.Context, name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed[name] {
		return room.ErrClosed
	}
	f.open[name] = true
	return nil
}

func (f *fakeRoom) Token(_ context.Context, g room.Grant) (room.Credential, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.open[g.Room] {
		return room.Credential{}, room.ErrClosed
	}
	f.tokens = append(f.tokens, g)
	return room.Credential{Token: "token " + g.Identity, URL: "wss://rtc.test"}, nil
}

func (f *fakeRoom) SetConsent(context.Context, string, string, bool) error { return nil }
func (f *fakeRoom) Remove(context.Context, string, string) error           { return nil }

func (f *fakeRoom) Close(_ context.Context, name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.open, name)
	f.closed[name] = true
	return nil
}

func (f *fakeRoom) Events(context.Context) <-chan room.Event { return f.events }

func (f *fakeRoom) isClosed(name string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.closed[name]
}

func (f *fakeRoom) granted() []room.Grant {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]room.Grant(nil), f.tokens...)
}
