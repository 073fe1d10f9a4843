package democharts

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"slices"

	"github.com/fusionems/quantum/services/clinical/internal/nemsis/structure"
)

// block holds the values of one repeatable group, or of the report as a whole,
// by element. Groups that do not repeat have no block of their own.
type block struct {
	values map[structure.ID][]entry
	groups map[structure.ID][]*block
}

// entry is one occurrence of an element.
type entry struct {
	value  string
	nv, pn string
	attrs  []xml.Attr
}

func newBlock() *block {
	return &block{values: map[structure.ID][]entry{}, groups: map[structure.ID][]*block{}}
}

// set gives an element its values, one occurrence each.
func (b *block) set(id structure.ID, values ...string) *block {
	for _, v := range values {
		b.values[id] = append(b.values[id], entry{value: v})
	}
	return b
}

// attribute adds an attribute to the last occurrence of an element.
func (b *block) attribute(id structure.ID, name, value string) *block {
	last := &b.values[id][len(b.values[id])-1]
	last.attrs = append(last.attrs, xml.Attr{Name: xml.Name{Local: name}, Value: value})
	return b
}

// notValue makes an element empty with a not value.
func (b *block) notValue(id structure.ID, code string) *block {
	b.values[id] = []entry{{nv: code}}
	return b
}

// negative gives an element a pertinent negative, with a value or without.
func (b *block) negative(id structure.ID, code, value string) *block {
	b.values[id] = []entry{{value: value, pn: code}}
	return b
}

// group adds an occurrence of a repeatable group.
func (b *block) group(id structure.ID) *block {
	g := newBlock()
	b.groups[id] = append(b.groups[id], g)
	return g
}

// writer writes a report in the order of the structure table.
type writer struct {
	out bytes.Buffer
	// notApplicable are the sections whose empty required elements say Not
	// Applicable rather than Not Recorded.
	notApplicable map[structure.ID]bool
	depth         int
}

// element writes an element with what the block holds for it: all occurrences,
// none if it is optional and unset, an empty one with a not value if it is required.
func (w *writer) element(id structure.ID, b *block) error {
	decl := structure.Of(id)
	if decl.HasValue() {
		return w.value(id, decl, b)
	}
	if decl.Max == structure.Unbounded {
		groups := b.groups[id]
		if len(groups) == 0 && decl.Min > 0 {
			groups = []*block{newBlock()}
		}
		for _, g := range groups {
			if err := w.children(decl, g); err != nil {
				return err
			}
		}
		return nil
	}
	if decl.Min == 0 && !holds(id, b) {
		return nil
	}
	return w.children(decl, b)
}

func (w *writer) children(decl *structure.Element, b *block) error {
	w.indent()
	fmt.Fprintf(&w.out, "<%s>\n", decl.Name)
	w.depth++
	for _, c := range decl.Children {
		if err := w.element(c, b); err != nil {
			return err
		}
	}
	w.depth--
	w.indent()
	fmt.Fprintf(&w.out, "</%s>\n", decl.Name)
	return nil
}

// holds tells whether the block has anything for an element or below it.
func holds(id structure.ID, b *block) bool {
	if len(b.values[id]) > 0 || len(b.groups[id]) > 0 {
		return true
	}
	decl := structure.Of(id)
	return slices.ContainsFunc(decl.Children, func(c structure.ID) bool { return holds(c, b) })
}

func (w *writer) value(id structure.ID, decl *structure.Element, b *block) error {
	entries := b.values[id]
	if len(entries) == 0 {
		if decl.Min == 0 {
			return nil
		}
		nv := w.defaultNotValue(id, decl)
		if nv == "" {
			return fmt.Errorf("%s is mandatory and has no value", decl.Name)
		}
		entries = []entry{{nv: nv}}
	}
	for _, e := range entries {
		w.indent()
		w.out.WriteString("<" + decl.Name)
		if e.value == "" {
			w.out.WriteString(` xsi:nil="true"`)
		}
		if e.nv != "" {
			w.out.WriteString(` NV="` + e.nv + `"`)
		}
		if e.pn != "" {
			w.out.WriteString(` PN="` + e.pn + `"`)
		}
		for _, a := range e.attrs {
			w.out.WriteString(" " + a.Name.Local + `="`)
			if err := xml.EscapeText(&w.out, []byte(a.Value)); err != nil {
				return err
			}
			w.out.WriteByte('"')
		}
		if e.value == "" {
			w.out.WriteString("/>\n")
			continue
		}
		w.out.WriteByte('>')
		if err := xml.EscapeText(&w.out, []byte(e.value)); err != nil {
			return err
		}
		w.out.WriteString("</" + decl.Name + ">\n")
	}
	return nil
}

const (
	notApplicable = "7701001"
	notRecorded   = "7701003"
)

// defaultNotValue picks a not value the element allows.
func (w *writer) defaultNotValue(id structure.ID, decl *structure.Element) string {
	want := notRecorded
	if section, ok := structure.Section(id); ok && w.notApplicable[section] {
		want = notApplicable
	}
	var first string
	for _, a := range decl.Attrs {
		if a.Name != "NV" {
			continue
		}
		for _, c := range allowed(structure.TypeOf(a.Type)) {
			if c == want {
				return c
			}
			if first == "" {
				first = c
			}
		}
	}
	return first
}

func allowed(t *structure.Type) (codes []string) {
	for _, c := range t.Codes {
		codes = append(codes, c.Value)
	}
	for _, m := range t.Members {
		codes = append(codes, allowed(structure.TypeOf(m))...)
	}
	return codes
}

func (w *writer) indent() {
	for range w.depth {
		w.out.WriteString("  ")
	}
}
