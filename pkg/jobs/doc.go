// Package jobs is a durable job queue per service: River in the service's own schema.
//
// A job is added in the transaction of the fact that causes it and exists only if that commits. It is worked with the
// service itself as principal, in the agency of its arguments, by whichever replica is free, and retried with growing
// intervals. Use it for retries, schedules and clocks; what other services should know is an event (db.Tx.Emit).
package jobs
