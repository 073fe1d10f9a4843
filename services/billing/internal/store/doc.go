// Package store keeps claims and every draft they ever were in PostgreSQL.
package store
