// Package problem writes errors as RFC 9457 problem documents with a stable reason and never an internal text.
package problem
