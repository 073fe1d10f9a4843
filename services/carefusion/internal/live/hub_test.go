package live

import (
	"testing"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/services/carefusion/internal/outbox"
)

func woken(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func TestHubWakesWhomItConcerns(t *testing.T) {
	h := NewHub()
	a, b, p := uuid.New(), uuid.New(), uuid.New()
	first, endFirst := h.Watch(Appointment(a))
	second, endSecond := h.Watch(Appointment(a))
	other, endOther := h.Watch(Appointment(b))
	provider, endProvider := h.Watch(Provider(p))
	for range 3 {
		h.Publish(outbox.Event{Appointment: a, Provider: p})
	}
	if !woken(first) || !woken(second) || !woken(provider) || woken(other) {
		t.Error("not exactly those whom it concerns were woken")
	}
	if woken(first) {
		t.Error("several changes woke more than once")
	}
	endFirst()
	h.Publish(outbox.Event{Appointment: a, Provider: p})
	if woken(first) || !woken(second) {
		t.Error("who left was woken, or who stayed was not")
	}
	endSecond()
	endOther()
	endProvider()
	if len(h.watchers) != 0 {
		t.Errorf("%d keys are kept of nobody", len(h.watchers))
	}
}
