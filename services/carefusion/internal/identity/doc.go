// Package identity carries the caller of a call through the context.
package identity
