package nemsis

import (
	"iter"

	"github.com/fusionems/quantum/services/clinical/internal/nemsis/structure"
)

// Document is an accepted EMSDataSet: every element with its value, not value,
// pertinent negative and attributes, in document order.
type Document struct {
	// Version is the NEMSIS version the document claims, "3.5.0", or else the
	// one it was judged by.
	Version  string
	Headers  []Header
	Findings []Violation
	// Truncated is set when there were more findings than are listed.
	Truncated bool
	// Hash is the SHA-256 of the canonical form (C14N 1.1) of the document.
	Hash [32]byte

	src    string
	nodes  []node
	attrs  []attr
	legacy []LegacyValue
}

// Header is one agency's part of a document.
type Header struct {
	Agency  Agency
	Reports []Report
}

// Agency is the demographic group of a header.
type Agency struct {
	UniqueID string // dAgency.01
	Number   string // dAgency.02
	State    string // dAgency.04
	Element  Element
}

// Report is one patient care report.
type Report struct {
	UUID   string
	Number string // eRecord.01
	// ContentHash is the SHA-256 of what the report says: its agency and its
	// elements, attributes and values, whatever the indentation, prefixes,
	// comments and order of attributes.
	ContentHash [32]byte
	Element
}

// node is one element. Nodes lie in document order, so the descendants of a
// node are the nodes after it up to end.
type node struct {
	id       structure.ID
	nil      bool
	end      int32
	offset   int32
	line     int32
	attrs    int32 // first attribute
	attrsEnd int32
	value    string
	nv, pn   string
}

type attr struct{ name, value string }

// Element is one element of a document. The zero Element is of no document:
// it has no value and no children.
type Element struct {
	doc *Document
	i   int32
}

// Exists tells a real element from the zero one.
func (e Element) Exists() bool { return e.doc != nil }

// ID is the declaration of the element.
func (e Element) ID() structure.ID { return e.doc.nodes[e.i].id }

// Name is the NEMSIS name of the element.
func (e Element) Name() string { return structure.Of(e.ID()).Name }

// Value is the text of the element; white space around numbers and dates is dropped.
func (e Element) Value() string {
	if e.doc == nil {
		return ""
	}
	return e.doc.nodes[e.i].value
}

// NV is the code of the not value, PN of the pertinent negative; empty if none.
func (e Element) NV() string { return e.doc.nodes[e.i].nv }

// PN is the code of the pertinent negative, empty if none.
func (e Element) PN() string { return e.doc.nodes[e.i].pn }

// Nil tells whether the element carries xsi:nil="true".
func (e Element) Nil() bool { return e.doc.nodes[e.i].nil }

// Line is the line of the start tag.
func (e Element) Line() int { return int(e.doc.nodes[e.i].line) }

// Attr returns an attribute other than xsi:nil, by its name.
func (e Element) Attr(name string) string {
	if e.doc == nil {
		return ""
	}
	n := &e.doc.nodes[e.i]
	for _, a := range e.doc.attrs[n.attrs:n.attrsEnd] {
		if a.name == name {
			return a.value
		}
	}
	return ""
}

// Children yields the elements directly below.
func (e Element) Children() iter.Seq[Element] {
	return func(yield func(Element) bool) {
		if e.doc == nil {
			return
		}
		for i := e.i + 1; i < e.doc.nodes[e.i].end; i = e.doc.nodes[i].end {
			if !yield(Element{e.doc, i}) {
				return
			}
		}
	}
}

// Descendants yields every element below, in document order.
func (e Element) Descendants() iter.Seq[Element] {
	return func(yield func(Element) bool) {
		if e.doc == nil {
			return
		}
		for i := e.i + 1; i < e.doc.nodes[e.i].end; i++ {
			if !yield(Element{e.doc, i}) {
				return
			}
		}
	}
}

// All yields the elements below that have the given declaration.
func (e Element) All(id structure.ID) iter.Seq[Element] {
	return func(yield func(Element) bool) {
		for d := range e.Descendants() {
			if d.ID() == id && !yield(d) {
				return
			}
		}
	}
}

// First returns the first element below with the given declaration, or the
// zero Element.
func (e Element) First(id structure.ID) Element {
	for d := range e.All(id) {
		return d
	}
	return Element{}
}
