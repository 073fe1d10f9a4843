// Package outbox holds the message that waits in a service's outbox table until the relay has handed it to JetStream.
//
// A message is written in the transaction of the fact it reports (pkg/db does that at commit) and leaves the table only
// after the broker acknowledged it (pkg/relay). The package depends on neither, so that both, and pkg/audit, can use it.
package outbox
