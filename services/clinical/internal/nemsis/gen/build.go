package main

import (
	"fmt"
	"sort"
	"strconv"
	"strings"

	"github.com/fusionems/quantum/services/clinical/internal/nemsis/structure"
)

// table is the structure table before it is written as Go.
type table struct {
	elements []structure.Element
	types    []structure.Type
	patterns []string

	simple   map[string]*xsdSimpleType
	complex  map[string]*xsdComplexType
	typeIDs  map[string]structure.TypeID
	elemIDs  map[string]structure.ID
	patternI map[string]int
}

func build(s *xsdSchema) (*table, error) {
	t := &table{
		simple:   map[string]*xsdSimpleType{},
		complex:  map[string]*xsdComplexType{},
		typeIDs:  map[string]structure.TypeID{},
		elemIDs:  map[string]structure.ID{},
		patternI: map[string]int{},
	}
	for i := range s.SimpleTypes {
		t.simple[s.SimpleTypes[i].Name] = &s.SimpleTypes[i]
	}
	for i := range s.ComplexTypes {
		t.complex[s.ComplexTypes[i].Name] = &s.ComplexTypes[i]
	}
	if len(s.Elements) != 1 {
		return nil, fmt.Errorf("expected one root element, found %d", len(s.Elements))
	}
	// Type 0 is "no value", for elements that hold elements.
	t.types = append(t.types, blankType("", structure.String))
	if _, err := t.element(&s.Elements[0], 0); err != nil {
		return nil, err
	}
	return t, nil
}

func blankType(name string, base structure.Base) structure.Type {
	u := structure.Unset
	return structure.Type{Name: name, Base: base, Length: u, MinLength: u, MaxLength: u,
		TotalDigits: u, FractionDigits: u, Pattern: u}
}

// element adds a declaration and all below it in document order.
func (t *table) element(x *xsdElement, parent structure.ID) (structure.ID, error) {
	if _, dup := t.elemIDs[x.Name]; dup {
		return 0, fmt.Errorf("element %s is declared twice; IDs rely on unique names", x.Name)
	}
	id := structure.ID(len(t.elements))
	t.elemIDs[x.Name] = id
	e := structure.Element{Name: x.Name, Parent: parent, Nillable: x.Nillable == "true"}
	if err := describe(&e, x); err != nil {
		return 0, err
	}
	t.elements = append(t.elements, e)
	if err := t.content(id, x); err != nil {
		return 0, fmt.Errorf("%s: %w", x.Name, err)
	}
	return id, nil
}

func describe(e *structure.Element, x *xsdElement) error {
	var err error
	if e.Min, err = occurs(x.MinOccurs); err != nil {
		return err
	}
	if e.Max, err = occurs(x.MaxOccurs); err != nil {
		return err
	}
	a := &x.Annotation
	e.Title = squeeze(first(a.Doc.Name, a.BareName))
	e.National = first(a.Doc.National, a.BareNat) == "Yes"
	switch use := first(a.Doc.Usage, a.BareUse); use {
	case "":
	case "Mandatory":
		e.Usage = structure.Mandatory
	case "Required":
		e.Usage = structure.Required
	case "Recommended":
		e.Usage = structure.Recommended
	case "Optional":
		e.Usage = structure.Optional
	default:
		return fmt.Errorf("%s: usage %q is not understood", x.Name, use)
	}
	return nil
}

func first(a, b string) string {
	if a = strings.TrimSpace(a); a != "" {
		return a
	}
	return strings.TrimSpace(b)
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

func occurs(s string) (int, error) {
	switch s {
	case "":
		return 1, nil
	case "unbounded":
		return structure.Unbounded, nil
	}
	return strconv.Atoi(s)
}

// content fills in what an element holds: a value, or elements.
func (t *table) content(id structure.ID, x *xsdElement) error {
	c := x.Complex
	if c == nil && x.Type != "" {
		c = t.complex[x.Type]
	}
	if c == nil {
		typ, err := t.simpleRef(x.Type, x.Simple, x.Name)
		t.elements[id].Type = typ
		return err
	}
	attrs := c.Attributes
	if ext := c.SimpleContent; ext != nil {
		typ, err := t.simpleRef(ext.Base, nil, x.Name)
		if err != nil {
			return err
		}
		t.elements[id].Type = typ
		attrs = append(attrs, ext.Attributes...)
	}
	for _, a := range attrs {
		typ, err := t.simpleRef(a.Type, a.Simple, x.Name+"/@"+a.Name)
		if err != nil {
			return err
		}
		t.elements[id].Attrs = append(t.elements[id].Attrs,
			structure.Attribute{Name: a.Name, Required: a.Use == "required", Type: typ})
	}
	if c.Sequence == nil {
		if c.SimpleContent == nil {
			return fmt.Errorf("holds neither a value nor elements")
		}
		return nil
	}
	for i := range c.Sequence.Elements {
		child, err := t.element(&c.Sequence.Elements[i], id)
		if err != nil {
			return err
		}
		t.elements[id].Children = append(t.elements[id].Children, child)
	}
	return nil
}

// simpleRef resolves a named or an inline simple type.
func (t *table) simpleRef(name string, inline *xsdSimpleType, where string) (structure.TypeID, error) {
	if inline != nil {
		// Inline unions of the same members are one type.
		key := where
		if inline.Union != nil {
			key = strings.Join(strings.Fields(inline.Union.Members), "|")
		}
		return t.addType(key, inline)
	}
	if base, ok := builtin(name); ok {
		if id, ok := t.typeIDs[name]; ok {
			return id, nil
		}
		return t.store(name, blankType(name, base)), nil
	}
	x, ok := t.simple[name]
	if !ok {
		return 0, fmt.Errorf("type %q is not declared", name)
	}
	return t.addType(name, x)
}

func (t *table) store(key string, typ structure.Type) structure.TypeID {
	id := structure.TypeID(len(t.types))
	t.typeIDs[key] = id
	t.types = append(t.types, typ)
	return id
}

func (t *table) addType(key string, x *xsdSimpleType) (structure.TypeID, error) {
	if id, ok := t.typeIDs[key]; ok {
		return id, nil
	}
	if x.Union != nil {
		typ := blankType(key, structure.Union)
		for _, m := range strings.Fields(x.Union.Members) {
			id, err := t.simpleRef(m, nil, key)
			if err != nil {
				return 0, err
			}
			typ.Members = append(typ.Members, id)
		}
		return t.store(key, typ), nil
	}
	if x.Restriction == nil {
		return 0, fmt.Errorf("type %s is neither a restriction nor a union", key)
	}
	base, ok := builtin(x.Restriction.Base)
	if !ok {
		return 0, fmt.Errorf("type %s restricts %s, which is not understood", key, x.Restriction.Base)
	}
	typ := blankType(key, base)
	for _, f := range x.Restriction.Facets {
		if err := t.facet(&typ, f); err != nil {
			return 0, fmt.Errorf("type %s: %w", key, err)
		}
	}
	sort.Slice(typ.Codes, func(i, j int) bool { return typ.Codes[i].Value < typ.Codes[j].Value })
	return t.store(key, typ), nil
}

func (t *table) facet(typ *structure.Type, f xsdFacet) error {
	number := map[string]*int{
		"length": &typ.Length, "minLength": &typ.MinLength, "maxLength": &typ.MaxLength,
		"totalDigits": &typ.TotalDigits, "fractionDigits": &typ.FractionDigits,
	}
	switch name := f.XMLName.Local; name {
	case "annotation":
	case "enumeration":
		typ.Codes = append(typ.Codes, structure.Code{Value: f.Value, Label: squeeze(f.Label)})
	case "minInclusive":
		typ.MinInclusive = f.Value
	case "maxInclusive":
		typ.MaxInclusive = f.Value
	case "pattern":
		if typ.Pattern != structure.Unset {
			return fmt.Errorf("two patterns on one type are not understood")
		}
		return t.pattern(typ, f.Value)
	default:
		p, ok := number[name]
		if !ok {
			return fmt.Errorf("facet %s is not understood", name)
		}
		v, err := strconv.Atoi(f.Value)
		*p = v
		return err
	}
	return nil
}

// pattern turns an XML Schema expression, which is anchored at both ends, into
// a Go one. \d means any decimal digit of Unicode there, and . leaves out both
// line ends.
func (t *table) pattern(typ *structure.Type, x string) error {
	if strings.ContainsAny(x, "^$") || strings.Contains(x, `\i`) || strings.Contains(x, `\c`) {
		return fmt.Errorf("pattern %s uses syntax that is not understood", x)
	}
	g := strings.ReplaceAll(x, `\d`, `\p{Nd}`)
	var b strings.Builder
	class := false
	for i := 0; i < len(g); i++ {
		switch {
		case g[i] == '\\':
			b.WriteString(g[i : i+2])
			i++
		case class && g[i] == '[':
			return fmt.Errorf("pattern %s uses a class subtraction, which is not understood", x)
		case !class && g[i] == '.':
			b.WriteString(`[^\n\r]`)
		default:
			class = g[i] == '[' || class && g[i] != ']'
			b.WriteByte(g[i])
		}
	}
	g = `^(?:` + b.String() + `)$`
	i, ok := t.patternI[g]
	if !ok {
		i = len(t.patterns)
		t.patternI[g] = i
		t.patterns = append(t.patterns, g)
	}
	typ.Pattern = i
	return nil
}

func builtin(name string) (structure.Base, bool) {
	switch name {
	case "xs:string":
		return structure.String, true
	case "xs:integer":
		return structure.Integer, true
	case "xs:positiveInteger":
		return structure.PositiveInteger, true
	case "xs:decimal":
		return structure.Decimal, true
	case "xs:dateTime":
		return structure.DateTime, true
	case "xs:date":
		return structure.Date, true
	case "xs:base64Binary":
		return structure.Base64, true
	}
	return 0, false
}
