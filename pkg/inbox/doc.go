// Package inbox applies events of other services exactly once: the event's id is stored in the same transaction as what
// the event does.
//
// Events of one agency are applied in the order of their stream, also over retries and restarts: while an event of an
// agency waits for its next attempt, the later ones of that agency wait behind it, and other agencies go on. An event
// that keeps failing becomes a dead letter with a reason code, kept and replayable. Events for a module that is switched
// off for their agency are parked and applied in order once it is on again.
//
// A service that is not reachable, or a database that is not, is no fault of an event: such attempts do not count.
package inbox
