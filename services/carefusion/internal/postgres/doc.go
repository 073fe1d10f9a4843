// Package postgres starts a private PostgreSQL on a loopback port: for tests and for a machine that has no cluster.
package postgres
