// Package store keeps the log and the governance policies in PostgreSQL.
package store
