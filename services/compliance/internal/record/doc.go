// Package record says what the records of both workspaces have in common: head, status, the rules of a verification, and what
// a store of them must do.
package record
