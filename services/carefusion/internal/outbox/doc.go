// Package outbox passes on what the database says has happened: at least once, in order, and not before it was committed.
package outbox
