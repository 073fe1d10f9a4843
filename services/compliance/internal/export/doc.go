// Package export writes records for an inspector: CSV, XLSX and a manifest by which both can be checked, in one archive.
package export
