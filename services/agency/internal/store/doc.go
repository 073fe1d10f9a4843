// Package store keeps agencies and switches in PostgreSQL.
package store
