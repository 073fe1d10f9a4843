// Package personaltest knows, for tests, what in a NEMSIS document names, locates or numbers a person or is free text.
package personaltest
