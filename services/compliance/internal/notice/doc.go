// Package notice holds the compliance notices of the workspaces, word for word and by version.
//
// A wording is never edited: a new one is a new file with the next number, and everybody is asked again.
package notice
