// Package cms says what a Medicare enrollment is, which of its fields are wrong, where it stands by its dates, and whether an
// agency is ready to bill under what it has.
package cms
