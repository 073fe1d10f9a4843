// Package tracecontext reads and writes the W3C traceparent that travels beside rows and messages, where no library carries it.
package tracecontext
