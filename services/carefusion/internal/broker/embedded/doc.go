// Package embedded is a NATS server in this process, on the loopback address alone: for local mode and for tests. The service
// itself never links it.
package embedded
