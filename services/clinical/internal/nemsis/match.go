package nemsis

import (
	"fmt"

	"github.com/fusionems/quantum/services/clinical/internal/nemsis/structure"
)

// match finds the declaration of the element that just began among the
// children of its parent. Every content model of the schema is a sequence of
// differently named elements, so one position and one count per open element
// are all the state there is.
func (p *pass) match(parent *frame) (structure.ID, bool, error) {
	s := p.scan
	children := structure.Of(parent.id).Children
	if s.Name.Space != nemsisSpace {
		return 0, false, p.unexpected(parent, "an element outside the namespace "+nemsisSpace+" is not allowed")
	}
	name := s.Name.Local
	for i := parent.next; i < len(children); i++ {
		if structure.Of(children[i]).Name != name {
			continue
		}
		return children[i], true, p.advance(parent, i)
	}
	for i := range min(parent.next, len(children)) {
		if structure.Of(children[i]).Name == name {
			before := structure.Of(children[parent.next]).Name
			return children[i], true, p.violate(children[i], RuleOrder, s.Offset,
				fmt.Sprintf("%s stands too late in %s; it belongs before %s", name, structure.Of(parent.id).Name, before))
		}
	}
	return 0, false, p.unknown(parent)
}

// advance moves the parent to its child i and counts the occurrence.
func (p *pass) advance(parent *frame, i int) error {
	children := structure.Of(parent.id).Children
	if i > parent.next {
		if err := p.missing(parent.id, parent.next, parent.count, i, p.scan.Offset); err != nil {
			return err
		}
		parent.next, parent.count = i, 0
	}
	parent.count++
	decl := structure.Of(children[i])
	if decl.Max != structure.Unbounded && parent.count == decl.Max+1 {
		return p.violate(children[i], RuleTooMany, p.scan.Offset,
			fmt.Sprintf("%s may occur at most %d time(s) here", decl.Name, decl.Max))
	}
	return nil
}

// missing reports the children from position next up to but not including
// position to that should have been there.
func (p *pass) missing(parent structure.ID, next, count, to, offset int) error {
	children := structure.Of(parent).Children
	for i := next; i < to; i++ {
		decl := structure.Of(children[i])
		if i > next {
			count = 0
		}
		if count >= decl.Min {
			continue
		}
		rule, message := RuleMissingElement, fmt.Sprintf("%s needs %s", structure.Of(parent).Name, decl.Name)
		if decl.Title != "" {
			message += " (" + decl.Title + ")"
		}
		switch {
		case mandatory(children[i]):
			rule = RuleMissingMandatory
			if decl.HasValue() {
				message += " with a value"
			}
		case decl.HasValue() && decl.Nillable:
			message += `: a value, or xsi:nil="true" with a not value`
		}
		if err := p.violate(children[i], rule, offset, message); err != nil {
			return err
		}
	}
	return nil
}

// mandatory tells whether an element, or one that must stand in it, is
// Mandatory in NEMSIS.
func mandatory(id structure.ID) bool {
	decl := structure.Of(id)
	if decl.Usage == structure.Mandatory {
		return true
	}
	for _, c := range decl.Children {
		if structure.Of(c).Min > 0 && mandatory(c) {
			return true
		}
	}
	return false
}

// unknown reports an element that its parent does not declare.
func (p *pass) unknown(parent *frame) error {
	name := p.scan.Name.Local
	if p.isLegacy(name) {
		return nil
	}
	in := structure.Of(parent.id)
	if id, ok := structure.Lookup(name); ok {
		if in.HasValue() {
			return p.violate(id, RuleUnexpected, p.scan.Offset, fmt.Sprintf("%s holds a value, no elements", in.Name))
		}
		return p.violate(id, RuleUnexpected, p.scan.Offset,
			fmt.Sprintf("%s does not belong in %s but in %s", name, in.Name, structure.Of(structure.Of(id).Parent).Name))
	}
	if in.HasValue() {
		return p.unexpected(parent, in.Name+" holds a value, no elements")
	}
	return p.unexpected(parent, "an element that NEMSIS 3.5.1 does not know stands in "+in.Name)
}

// unexpected reports an element without a declaration. Its name may be
// anything, so it is not repeated: the violation names the parent.
func (p *pass) unexpected(parent *frame, message string) error {
	return p.violate(parent.id, RuleUnexpected, p.scan.Offset, message)
}
