// Package nemsis reads patient care reports: NEMSIS EMSDataSet documents.
//
// A document is judged in one pass against the structure table generated from
// the official 3.5.1 schema (package structure), on top of a strict XML scanner
// (package xmlscan). The verdict is that of a schema validator; a test compares
// it with xmllint on thousands of altered charts. Memory is bounded by the size
// of the document, which is at most MaxSize; nesting and attributes are bounded
// by the scanner; at most MaxViolations violations are listed.
//
// # What is refused
//
// Whatever is not well-formed XML 1.0 with namespaces in UTF-8 (with or without
// a byte order mark; US-ASCII is a part of it, any other encoding is refused
// rather than converted), every document type declaration and with it every
// entity beyond the five of XML, and every document that the schema refuses.
// One thing the schema would let pass is refused as well: xsi:type, which
// NEMSIS does not use.
//
// A refusal is an *Invalid. Each Violation names element, path, line and rule
// and says what would be right; none repeats a value, for values are protected
// health information. Rules are stable names:
//
//	nemsis.xml.*    size, empty, encoding, doctype, entity, well_formed, namespace, depth, root
//	nemsis.xsd.*    missing_mandatory, missing_element, unexpected_element, element_order, too_many,
//	                text_not_allowed, unexpected_attribute, missing_attribute, not_value,
//	                pertinent_negative, nil, xsi_type, enumeration, pattern, length, range, digits, datatype
//
// # What is noted
//
// Findings go along with an accepted document; they are what a schema cannot
// express:
//
//	nemSch_e001 …       the national Schematron rules of level ERROR: how value, nil, not value and
//	                    pertinent negative go together, and the codes of medications
//	nemsis.value.empty  an element that is empty without being nil
//	nemsis.times.order  a time of the call before the one it follows
//	nemsis.version      the document is NEMSIS 3.4
//
// # Versions
//
// 3.5.1 only added elements to 3.5.0 and took nothing away, so both are judged
// by the same table. The version a document names in its schema location is
// reported as it is; without one it is taken for 3.5.1.
//
// For 3.4 there is no schema at hand. A document is taken for 3.4 when its
// schema location says so, or when it names no version and holds
// eDisposition.12, which 3.5 split into eDisposition.27 to .31. It is judged by
// what it has in common with 3.5.1: what is mandatory in both must be there,
// dates, times and numbers must be ones, XML faults refuse it as ever. All else
// in which it differs from the table (an element in another place, a code of an
// older list, a missing UUID) becomes a finding. Elements that 3.5 dropped
// are listed in version.go with their source and pass without one.
package nemsis
