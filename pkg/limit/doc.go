// Package limit counts requests of tenants, identities and addresses in sliding windows that all replicas share.
package limit
