// Package gateway is the only process of the fleet that users reach: REST outside, gRPC inside, and no data of its own.
package gateway
