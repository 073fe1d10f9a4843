// Package grant holds the value that opens the mechanism side of pkg/db to the packages of pkg, and to no service.
//
// The outbox relay, the inbox and the job queue need transactions that run as roles of the machinery and not as a
// caller. Such transactions must stay out of reach of the services: a type of an internal package cannot be named outside
// of this module, and its unexported field keeps a literal of the same shape from being assigned to it.
package grant
