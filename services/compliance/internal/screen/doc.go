// Package screen finds credentials in free text, so that no text of the workspaces can hold one.
//
// It knows how people write secrets down (a word for a secret with a value beside it), what issued keys look like, and what a
// string that nobody would write as prose looks like. References that the workspaces are made of (DEA numbers, NPI, PTAN,
// PECOS identifiers, dates, UUIDs) are none. Two corpora under testdata hold it to account.
package screen
