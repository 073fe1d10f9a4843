// Package rpc serves fleet.clinical.v1: it decodes requests, calls one use case, and encodes the answer.
package rpc
