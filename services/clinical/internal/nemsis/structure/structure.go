package structure

import "sort"

// ID names one element declaration. Names are unique in the schema, so an ID
// stands for the element wherever it occurs. IDs are positions in document
// order and change when the schema does: never store one.
type ID uint16

// Unbounded is the Max of an element that may repeat without limit.
const Unbounded = -1

// Usage is the NEMSIS usage of an element, as the schema documents it.
type Usage uint8

// Usages. Groups and sections have none.
const (
	NoUsage Usage = iota
	Mandatory
	Required
	Recommended
	Optional
)

// String is the word the data dictionary uses.
func (u Usage) String() string {
	return [...]string{"", "Mandatory", "Required", "Recommended", "Optional"}[u]
}

// Element is one element declaration. Children is empty for an element that
// holds a value; an element with children holds no text of its own.
type Element struct {
	Name     string
	Title    string
	Usage    Usage
	National bool
	Parent   ID
	Min, Max int
	Nillable bool
	Type     TypeID
	Attrs    []Attribute
	Children []ID
}

// HasValue tells whether the element holds a value rather than elements.
func (e *Element) HasValue() bool { return len(e.Children) == 0 }

// Attribute is one attribute an element may carry.
type Attribute struct {
	Name     string
	Required bool
	Type     TypeID
}

// TypeID names a simple type.
type TypeID uint16

// Base is the built-in type a simple type restricts.
type Base uint8

// Bases the NEMSIS schema uses.
const (
	String Base = iota
	Integer
	PositiveInteger
	Decimal
	DateTime
	Date
	Base64
	Union
)

// Collapses tells whether white space around a value of this type is dropped
// before it is judged.
func (b Base) Collapses() bool { return b != String && b != Union }

// Code is one entry of a code list.
type Code struct{ Value, Label string }

// Unset is the value of a length or digit facet that a type does not have.
const Unset = -1

// Type is one simple type with its facets.
type Type struct {
	Name                         string
	Base                         Base
	Length, MinLength, MaxLength int
	TotalDigits, FractionDigits  int
	MinInclusive, MaxInclusive   string
	Pattern                      int      // index into Patterns, or Unset
	Codes                        []Code   // sorted by value
	Members                      []TypeID // of a union
}

// Code finds a value in the code list.
func (t *Type) Code(value string) (Code, bool) {
	i := sort.Search(len(t.Codes), func(i int) bool { return t.Codes[i].Value >= value })
	if i < len(t.Codes) && t.Codes[i].Value == value {
		return t.Codes[i], true
	}
	return Code{}, false
}

// Of returns the declaration of an element.
func Of(id ID) *Element { return &elements[id] }

// TypeOf returns a simple type.
func TypeOf(id TypeID) *Type { return &types[id] }

// Count is the number of element declarations; IDs run from 0 below it.
func Count() int { return len(elements) }

// Types is the number of simple types; TypeIDs run from 0 below it.
func Types() int { return len(types) }

// Patterns are the pattern facets as anchored Go regular expressions.
func Patterns() []string { return patterns[:] }

// Lookup finds an element by its NEMSIS name.
func Lookup(name string) (ID, bool) {
	i := sort.Search(len(byName), func(i int) bool { return elements[byName[i]].Name >= name })
	if i < len(byName) && elements[byName[i]].Name == name {
		return byName[i], true
	}
	return 0, false
}

// Section is the ancestor of an element directly below PatientCareReport, and
// false for what lies above or outside one.
func Section(id ID) (ID, bool) {
	for id != EMSDataSet {
		parent := elements[id].Parent
		if parent == PatientCareReport {
			return id, true
		}
		id = parent
	}
	return 0, false
}
