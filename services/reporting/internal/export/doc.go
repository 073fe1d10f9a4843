// Package export writes an execution of a report as a file: its rows, and how they were computed.
package export
