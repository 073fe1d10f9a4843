// Package period reads the days over which charts are counted: civil days of a time zone, with the instants at which they begin.
package period
