// Command gatewaybench starts what deploy/bench compares: a bare grpc-gateway and the whole chain, as listeners of one process,
// in front of one backend process. It is no part of the fleet; `go build ./gateway/internal/gatewaybench` makes it.
//
//	gatewaybench backend                        a gRPC service with canned answers
//	gatewaybench serve -backend A -redis URL    the gateways; prints one line of JSON with addresses, token and path
//
// Both end on SIGTERM. Listeners and backend speak without TLS, on every hop of every variant alike.
package main
