// Package agencies asks the agency service whose a NEMSIS identifier is.
package agencies
