// Package intake takes NEMSIS documents in: it reads and judges a document, makes sure that it belongs to the agency that
// sends it, draws the facts of its reports, and hands all of them to the store at once.
//
// A document is accepted or refused as a whole. It is refused when it is too large, breaks the structure of NEMSIS, or
// names an identifier that belongs to another agency of the fleet; then nothing is stored. An identifier that no agency
// has registered is a finding: ePCR products are set up before the agency's record is complete.
//
// A report is known by its number (eRecord.01) within the NEMSIS agency (dAgency.02) of the tenant. The same content under
// the same key is no new version, whatever the indentation or the order of attributes.
package intake
