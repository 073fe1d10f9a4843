// Package logbuffer keeps what a process writes while a test reads it.
package logbuffer
