// Package obs sets up what a process tells about itself: JSON logs without protected data, OpenTelemetry traces, Prometheus metrics and the admin server.
//
// A trace begins at the gateway, which decides whether it is recorded, and follows the work wherever it goes: gRPC carries
// it in metadata, an event in its outbox row and in the header of its message (pkg/db, pkg/bus, pkg/inbox). Spans hold
// templates, codes and ids of events, never values of a request or arguments of a statement.
package obs
