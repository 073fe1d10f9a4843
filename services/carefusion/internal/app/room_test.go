package app_test

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/fusionems/quantum/services/carefusion/internal/room"
)

// fakeRoom is a video server without video: it keeps what was asked of it.
type fakeRoom struct {
	mu     sync.Mutex
	open   map[string]bool
	closed map[string]bool
	tokens []room.Grant
	// in is who is in which room, by identity.
	in     map[string]map[string]room.Participant
	events chan room.Event
	// hang, if it is set, holds Open until it is closed.
	hang    atomic.Pointer[chan struct{}]
	hanging atomic.Int64
}

func newFakeRoom() *fakeRoom {
	return &fakeRoom{open: map[string]bool{}, closed: map[string]bool{}, in: map[string]map[string]room.Participant{}, events: make(chan room.Event, 16)}
}

func (f *fakeRoom) Open(ctx context.Context, name string) error {
	if hang := f.hang.Load(); hang != nil {
		f.hanging.Add(1)
		select {
		case <-*hang:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
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

// enter is somebody with a token coming in.
func (f *fakeRoom) enter(name, identity string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.in[name] == nil {
		f.in[name] = map[string]room.Participant{}
	}
	f.in[name][identity] = room.Participant{Identity: identity}
}

// has reports whether somebody is in the room, and whether they may send.
func (f *fakeRoom) has(name, identity string) (here, publish bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	p, here := f.in[name][identity]
	return here, p.Publish
}

func (f *fakeRoom) SetConsent(_ context.Context, name, identity string, publish bool) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, ok := f.in[name][identity]; !ok {
		return room.ErrClosed
	}
	f.in[name][identity] = room.Participant{Identity: identity, Publish: publish}
	return nil
}

func (f *fakeRoom) Remove(_ context.Context, name, identity string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.in[name], identity)
	return nil
}

func (f *fakeRoom) Participants(_ context.Context, name string) ([]room.Participant, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.open[name] {
		return nil, room.ErrClosed
	}
	var out []room.Participant
	for _, p := range f.in[name] {
		out = append(out, p)
	}
	return out, nil
}

func (f *fakeRoom) Rooms(_ context.Context, names []string) ([]string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []string
	for _, n := range names {
		if f.open[n] {
			out = append(out, n)
		}
	}
	return out, nil
}

func (f *fakeRoom) Close(_ context.Context, name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.open, name)
	delete(f.in, name)
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

// reopen does what no caller can: the room is there again.
func (f *fakeRoom) reopen(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.open[name] = true
}

func (f *fakeRoom) isOpen(name string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.open[name]
}
