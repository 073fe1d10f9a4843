// Package store keeps registration metadata in PostgreSQL.
package store
