package bus

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Retention of the streams. A consumer that is away for longer loses events, so the figures are far above any outage;
// pkg/inbox remembers event ids for longer than any stream keeps events, so a stream read again from its start doubles
// nothing.
const (
	keepEvents = 14 * 24 * time.Hour
	keepAudit  = 30 * 24 * time.Hour
	keepDead   = 30 * 24 * time.Hour
	// InboxRetention is how long an inbox must remember an event id.
	InboxRetention = 45 * 24 * time.Hour
	// dedupe is how long JetStream itself drops a second copy; what comes later is the inbox's.
	dedupe = 5 * time.Minute
)

// DeadLetters is the stream of events that a service gave up on.
const DeadLetters = "DLQ"

// Streams are those of the fleet: one per service that publishes, one for the audit records of all, one for governance,
// one for dead letters.
func Streams() []jetstream.StreamConfig {
	list := []jetstream.StreamConfig{
		stream("AUDIT", keepAudit, "audit.record.>"),
		stream("GOVERNANCE", keepEvents, "governance.>"),
		stream(DeadLetters, keepDead, "dlq.>"),
	}
	for _, service := range []string{"agency", "clinical", "qa", "billing", "reporting", "compliance"} {
		list = append(list, stream(strings.ToUpper(service), keepEvents, service+".>"))
	}
	return list
}

// stream keeps messages in files and by age. A full disk refuses new messages instead of dropping old ones: the writers'
// outboxes then hold them.
func stream(name string, keep time.Duration, subjects ...string) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name:       name,
		Subjects:   subjects,
		Storage:    jetstream.FileStorage,
		Retention:  jetstream.LimitsPolicy,
		Discard:    jetstream.DiscardNew,
		MaxAge:     keep,
		Duplicates: dedupe,
		Replicas:   1,
	}
}

// StreamOf is the stream that holds a subject.
func StreamOf(subject string) (string, error) {
	first, _, ok := strings.Cut(subject, ".")
	if !ok || first == "" {
		return "", fmt.Errorf("bus: %q is not a subject of the fleet", subject)
	}
	if first == "dlq" {
		return DeadLetters, nil
	}
	return strings.ToUpper(first), nil
}

// Ensure makes the streams, or brings them to what they should be. An operator's larger number of replicas stays.
func (b *Bus) Ensure(ctx context.Context, streams ...jetstream.StreamConfig) error {
	for _, cfg := range streams {
		if s, err := b.js.Stream(ctx, cfg.Name); err == nil {
			cfg.Replicas = max(cfg.Replicas, s.CachedInfo().Config.Replicas)
		}
		if _, err := b.js.CreateOrUpdateStream(ctx, cfg); err != nil {
			return fmt.Errorf("bus: stream %s: %w", cfg.Name, err)
		}
	}
	return nil
}
