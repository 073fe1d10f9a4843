// Package store keeps quality-review cases in PostgreSQL.
package store
