// Package servicetest runs a whole service in a test, on its real database, broker and mutual TLS, and calls it as any role.
package servicetest
