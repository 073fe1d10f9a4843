// Package page seals the tokens of keyset pagination (AIP-158), so that a token holds for the same caller and the same query only and tells nothing.
package page
