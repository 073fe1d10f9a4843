// Package natstest runs a NATS server with JetStream inside the test process.
package natstest
