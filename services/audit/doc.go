// Package audit is the service that keeps evidence: the append-only, Merkle-hashed log of who did what, and the versions
// of the policies by which everything is judged.
//
// It is separate because those who write evidence must not be able to change it.
package audit
