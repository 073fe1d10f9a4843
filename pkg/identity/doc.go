// Package identity says who is calling: the principal that the gateway signs and every service verifies.
package identity
