// Package bus is the fleet's connection to NATS JetStream: the streams, publishing with acknowledgement, and durable
// consumers.
//
// A service never publishes by itself: its events leave through the outbox (pkg/relay) and arrive through the inbox
// (pkg/inbox).
package bus
