// Package errs is the one error type that domain code returns and the edge understands.
package errs
