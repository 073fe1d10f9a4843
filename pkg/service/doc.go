// Package service composes what every service of the fleet is made of: settings, logs, traces, the database, the bus, the gRPC server and the ordered stop.
package service
