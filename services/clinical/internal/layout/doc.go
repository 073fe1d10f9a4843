// Package layout knows where the reports of a NEMSIS document lie, so that one of them can be given out without the
// others: a document may hold several patients, and who may read one need not be allowed to read the next.
package layout
