// Package democharts makes NEMSIS 3.5.1 charts for demonstrations and tests
// from a table of scenarios.
//
// The patients are invented and named so that nobody can take them for real.
// Element order, required elements and their not values come from the
// structure table, codes from the scenarios; the tests read every chart back
// through the reader. The same Config gives the same bytes.
package democharts
