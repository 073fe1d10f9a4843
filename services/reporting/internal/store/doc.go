// Package store keeps the facts that reports are made of, and the runs of reports, in PostgreSQL.
package store
