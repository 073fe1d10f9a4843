// Package obs sets up what a process tells about itself: JSON logs without protected data, OpenTelemetry traces, Prometheus metrics and the admin server.
package obs
