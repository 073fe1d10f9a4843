// Package edge is where requests come in: REST over TLS, translated to gRPC inside the process, decided by one chain.
package edge
