// Package ratio measures two ways of doing a thing in interleaved rounds of one run and holds their ratio against a budget,
// because absolute figures of a shared machine mean nothing an hour later.
package ratio
