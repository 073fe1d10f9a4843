// Package local runs the whole fleet on one machine: what `make up` starts, and what the end-to-end tests start beside it in a
// directory of their own.
//
// Each outside part has an embedded default and one variable that names the real thing instead: DATABASE_URL, NATS_URL,
// REDIS_URL, OIDC_ISSUER. Everything it keeps is below one directory, .run, but for the data of a PostgreSQL that may not look
// into it (see postgres.go).
package local
