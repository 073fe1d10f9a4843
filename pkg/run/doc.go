// Package run starts the long-lived parts of a process and stops them in reverse order, each drained before the next.
package run
