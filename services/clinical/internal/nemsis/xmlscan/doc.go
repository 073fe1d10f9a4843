// Package xmlscan reads XML 1.0 with namespaces strictly, in one pass over a
// document held in memory, and refuses what a document from outside must not
// have: document type declarations, entities of its own, encodings other than
// UTF-8, deep nesting.
//
// The standard decoder is not used because it accepts what XML forbids (an
// attribute given twice, a stray "]]>", an unbound prefix), keeps no line of a
// fault, and its copying makes it the dearest part of an import. Without a
// document type declaration XML is a small language; this is all of it.
package xmlscan
