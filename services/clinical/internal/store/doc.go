// Package store keeps charts, personnel and the context of quality review in PostgreSQL. Documents and facts are sealed
// under a key of their agency before they reach it. What a caller may see is decided by row-level security and grants
// (migrations); no query here repeats it.
package store
