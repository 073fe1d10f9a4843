package nemsis

import (
	"fmt"
	"strings"

	"github.com/fusionems/quantum/services/clinical/internal/nemsis/structure"
	"github.com/fusionems/quantum/services/clinical/internal/nemsis/xmlscan"
)

// attributes judges and keeps the attributes of the element that just began.
func (p *pass) attributes(decl *structure.Element) error {
	if len(p.scan.Attrs) == 0 && len(decl.Attrs) == 0 {
		return nil
	}
	top := &p.frames[len(p.frames)-1]
	n := &p.doc.nodes[top.node]
	n.attrs = int32(len(p.doc.attrs))
	for i := range p.scan.Attrs {
		a := &p.scan.Attrs[i]
		var err error
		switch a.Space {
		case xsiSpace:
			err = p.xsi(top, decl, a)
		case "":
			err = p.attribute(top, decl, a)
		default:
			err = p.violate(top.id, RuleAttribute, p.scan.Offset, "an attribute of a foreign namespace is not allowed on "+decl.Name)
		}
		if err != nil {
			return err
		}
	}
	n.attrsEnd = int32(len(p.doc.attrs))
	n.nil = top.nil
	for _, want := range decl.Attrs {
		if want.Required && !p.has(want.Name) {
			if err := p.violate(top.id, RuleMissingAttribute, p.scan.Offset,
				fmt.Sprintf("%s needs the attribute %s", decl.Name, want.Name)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *pass) has(name string) bool {
	for i := range p.scan.Attrs {
		if p.scan.Attrs[i].Space == "" && p.scan.Attrs[i].Local == name {
			return true
		}
	}
	return false
}

func (p *pass) xsi(top *frame, decl *structure.Element, a *xmlscan.Attr) error {
	switch a.Local {
	case "schemaLocation", "noNamespaceSchemaLocation":
		return nil
	case "type":
		return p.violate(top.id, RuleXSIType, p.scan.Offset, "xsi:type is not used in NEMSIS; leave it out")
	case "nil":
	default:
		return p.violate(top.id, RuleAttribute, p.scan.Offset, "of the xsi attributes only nil and schemaLocation are known")
	}
	if !decl.Nillable {
		return p.violate(top.id, RuleNil, p.scan.Offset, decl.Name+" cannot be nil; give a value or, if it is optional, leave it out")
	}
	switch strings.Trim(a.Value, " \t\r\n") {
	case "true", "1":
		top.nil = true
	case "false", "0":
	default:
		return p.violate(top.id, RuleNil, p.scan.Offset, "xsi:nil is true or false")
	}
	return nil
}

func (p *pass) attribute(top *frame, decl *structure.Element, a *xmlscan.Attr) error {
	for i := range decl.Attrs {
		want := &decl.Attrs[i]
		if want.Name != a.Local {
			continue
		}
		p.doc.attrs = append(p.doc.attrs, attr{want.Name, a.Value})
		f := p.reader.judge(want.Type, a.Value)
		n := &p.doc.nodes[top.node]
		switch a.Local {
		case "NV":
			n.nv = a.Value
			f.rule = specific(f.rule, RuleNotValue)
		case "PN":
			n.pn = a.Value
			f.rule = specific(f.rule, RulePertinent)
		}
		if f.rule == "" {
			return nil
		}
		return p.violate(top.id, f.rule, p.scan.Offset, fmt.Sprintf("the attribute %s of %s %s", a.Local, decl.Name, f.want))
	}
	switch a.Local {
	case "NV":
		return p.violate(top.id, RuleNotValue, p.scan.Offset, decl.Name+" takes no not value (NV)")
	case "PN":
		return p.violate(top.id, RulePertinent, p.scan.Offset, decl.Name+" takes no pertinent negative (PN)")
	}
	return p.violate(top.id, RuleAttribute, p.scan.Offset, "an attribute that "+decl.Name+" does not have")
}

// specific replaces the rule that was broken, if one was.
func specific(rule, better string) string {
	if rule == "" {
		return ""
	}
	return better
}
