// Package canonical compares XML documents by their canonical form, for tests
// of other modules that hold an exported chart against the one sent in.
package canonical
