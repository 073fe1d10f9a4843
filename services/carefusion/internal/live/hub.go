package live

import (
	"sync"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/services/carefusion/internal/outbox"
)

// Hub is the watchers of one process.
type Hub struct {
	mu       sync.Mutex
	watchers map[string]map[chan struct{}]bool
}

// NewHub is a hub without watchers.
func NewHub() *Hub { return &Hub{watchers: map[string]map[chan struct{}]bool{}} }

// Appointment and Provider are what one can watch.
func Appointment(id uuid.UUID) string { return "appointment/" + id.String() }

// Provider is everything of one provider.
func Provider(id uuid.UUID) string { return "provider/" + id.String() }

// Watch wakes the channel at each change; several changes at once are one. The function ends it.
func (h *Hub) Watch(key string) (<-chan struct{}, func()) {
	wake := make(chan struct{}, 1)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.watchers[key] == nil {
		h.watchers[key] = map[chan struct{}]bool{}
	}
	h.watchers[key][wake] = true
	return wake, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.watchers[key], wake)
		if len(h.watchers[key]) == 0 {
			delete(h.watchers, key)
		}
	}
}

// Publish wakes whom an event concerns.
func (h *Hub) Publish(e outbox.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, key := range []string{Appointment(e.Appointment), Provider(e.Provider)} {
		for wake := range h.watchers[key] {
			select {
			case wake <- struct{}{}:
			default:
			}
		}
	}
}
