// Package rpc builds gRPC servers and clients of the fleet: mutual TLS, one named chain of middleware for unary and stream calls, and the mapping of errors to statuses.
package rpc
