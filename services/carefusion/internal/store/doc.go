// Package store is the way to PostgreSQL: a transaction runs as the group role of its caller, so that row-level security
// decides once more what the code decided, and a write commits together with its audit record or not at all.
package store
