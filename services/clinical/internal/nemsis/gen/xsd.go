package main

import (
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// The types below hold exactly the parts of XML Schema that the NEMSIS files
// use. Anything else (choice, any, group references, lists, fixed values) is
// refused in checkConstructs, so a future schema cannot be read half.

type xsdSchema struct {
	Includes     []xsdInclude     `xml:"include"`
	SimpleTypes  []xsdSimpleType  `xml:"simpleType"`
	ComplexTypes []xsdComplexType `xml:"complexType"`
	Elements     []xsdElement     `xml:"element"`
}

type xsdInclude struct {
	Location string `xml:"schemaLocation,attr"`
}

type xsdElement struct {
	Name       string          `xml:"name,attr"`
	Type       string          `xml:"type,attr"`
	MinOccurs  string          `xml:"minOccurs,attr"`
	MaxOccurs  string          `xml:"maxOccurs,attr"`
	Nillable   string          `xml:"nillable,attr"`
	Complex    *xsdComplexType `xml:"complexType"`
	Simple     *xsdSimpleType  `xml:"simpleType"`
	Annotation xsdAnnotation   `xml:"annotation"`
}

// xsdAnnotation: eCustom leaves out the nemsisTacDoc wrapper, hence the pairs.
type xsdAnnotation struct {
	Doc      xsdDoc `xml:"documentation>nemsisTacDoc"`
	BareName string `xml:"documentation>name"`
	BareUse  string `xml:"documentation>usage"`
	BareNat  string `xml:"documentation>national"`
}

type xsdDoc struct {
	Name     string `xml:"name"`
	National string `xml:"national"`
	Usage    string `xml:"usage"`
}

type xsdComplexType struct {
	Name          string         `xml:"name,attr"`
	Sequence      *xsdSequence   `xml:"sequence"`
	SimpleContent *xsdExtension  `xml:"simpleContent>extension"`
	Attributes    []xsdAttribute `xml:"attribute"`
}

type xsdSequence struct {
	Elements []xsdElement `xml:"element"`
}

type xsdExtension struct {
	Base       string         `xml:"base,attr"`
	Attributes []xsdAttribute `xml:"attribute"`
}

type xsdAttribute struct {
	Name   string         `xml:"name,attr"`
	Type   string         `xml:"type,attr"`
	Use    string         `xml:"use,attr"`
	Simple *xsdSimpleType `xml:"simpleType"`
}

type xsdSimpleType struct {
	Name        string          `xml:"name,attr"`
	Restriction *xsdRestriction `xml:"restriction"`
	Union       *struct {
		Members string `xml:"memberTypes,attr"`
	} `xml:"union"`
}

type xsdRestriction struct {
	Base   string     `xml:"base,attr"`
	Facets []xsdFacet `xml:",any"`
}

type xsdFacet struct {
	XMLName xml.Name
	Value   string `xml:"value,attr"`
	Label   string `xml:"annotation>documentation"`
}

// known lists the schema constructs this program understands.
const known = " schema include element complexType simpleType sequence simpleContent extension attribute" +
	" restriction union annotation documentation enumeration pattern length minLength maxLength" +
	" minInclusive maxInclusive totalDigits fractionDigits "

func checkConstructs(name string, text []byte) error {
	d := xml.NewDecoder(strings.NewReader(string(text)))
	for {
		tok, err := d.Token()
		if tok == nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		start, ok := tok.(xml.StartElement)
		if !ok || start.Name.Space != "http://www.w3.org/2001/XMLSchema" {
			continue
		}
		if !strings.Contains(known, " "+start.Name.Local+" ") {
			return fmt.Errorf("%s: construct %s is not understood", name, start.Name.Local)
		}
		for _, a := range start.Attr {
			switch a.Name.Local {
			case "default", "fixed", "mixed", "abstract", "substitutionGroup", "ref", "block", "final":
				return fmt.Errorf("%s: attribute %s of %s is not understood", name, a.Name.Local, start.Name.Local)
			}
		}
	}
}

// load reads a schema file and everything it includes, each file once.
func load(dir, root string) (*xsdSchema, error) {
	all := &xsdSchema{}
	seen := map[string]bool{}
	queue := []string{root}
	for len(queue) > 0 {
		name := queue[0]
		queue = queue[1:]
		if seen[name] {
			continue
		}
		seen[name] = true
		text, err := os.ReadFile(filepath.Join(dir, filepath.Base(name)))
		if err != nil {
			return nil, err
		}
		if err := checkConstructs(name, text); err != nil {
			return nil, err
		}
		var s xsdSchema
		if err := xml.Unmarshal(text, &s); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		for _, inc := range s.Includes {
			queue = append(queue, inc.Location)
		}
		all.SimpleTypes = append(all.SimpleTypes, s.SimpleTypes...)
		all.ComplexTypes = append(all.ComplexTypes, s.ComplexTypes...)
		all.Elements = append(all.Elements, s.Elements...)
	}
	return all, nil
}
