// Package selftest asks a running CareFusion, from beside it, whether it holds what it promises: TLS, tokens, rows, the audit log.
package selftest
