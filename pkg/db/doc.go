// Package db is the only way of a service to PostgreSQL: every transaction runs as the database role and in the agency
// of the verified principal found in the context.
//
// Read, ReadOne and Write set role, agency and subject in the same round trip as the first statement, local to the
// transaction, so that a pooled connection never carries them over. Write commits queued events and the audit record of
// the current call together with the data. The pool itself is out of reach.
//
// The package also holds what an operator does before a service starts: Bootstrap (roles and schema, as superuser),
// Migrate (as owner of the schema) and the check that schema and binary fit together.
package db
