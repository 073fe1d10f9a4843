// Package relay carries messages from a service's outbox to JetStream.
//
// One replica of a service does it at a time, in the order in which the rows were written, and removes a row only after
// JetStream has stored its message. Whoever is killed at whatever moment, nothing is lost: at worst a message is sent
// twice, with the same Nats-Msg-Id, and the consumer's inbox drops the second.
package relay
