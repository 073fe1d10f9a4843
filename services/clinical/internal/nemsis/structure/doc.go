// Package structure is the NEMSIS 3.5.1 EMSDataSet schema as a table of facts:
// element order, cardinality, usage, nillability, attributes (with the not
// values and pertinent negatives each element allows) and simple types (code
// lists, patterns, lengths, ranges).
//
// The files zz_generated_*.go are written by the program in ../gen from the
// official schema files, which stay out of this repository; nothing in them is
// typed by hand. The test of ../gen fails when they differ from what the schema
// says. Element numbers are not in document order (eDisposition.27 follows
// .11), so whoever writes a chart follows this table and never sorts.
package structure

//go:generate go run ../gen -xsd ../../../../../../shared/data/nemsis/xsd-v351 -out .
