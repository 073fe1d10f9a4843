// Package c14n writes the canonical form (Canonical XML 1.1, without comments)
// of a document while it is scanned, and hashes it.
//
// Two documents are the same exactly if their canonical forms are. Since the
// scanner accepts no document type declaration, canonical XML comes down to
// what is here: no default attributes, no entities, no attribute types. That is
// why the form is written from the tokens at hand and not by a library, all of
// which build a tree first.
package c14n
