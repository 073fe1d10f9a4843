// Package rpc answers the RPCs of the audit service: it decodes, calls one use case, and encodes.
package rpc
