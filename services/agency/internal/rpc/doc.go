// Package rpc answers the RPCs of the agency service: it decodes, calls one use case, and encodes.
package rpc
