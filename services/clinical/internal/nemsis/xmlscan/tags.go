package xmlscan

import "strings"

func (s *Scanner) startTag() error {
	at := s.pos
	if s.rootSeen && len(s.open) == 0 {
		return s.fault(WellFormed, at, "a second root element")
	}
	if len(s.open) == MaxDepth {
		return s.fault(Depth, at, "elements are nested too deeply; a chart needs fewer than ten levels")
	}
	qname, i := s.name(at + 1)
	if qname == "" {
		return s.fault(WellFormed, at, `"<" begins no tag here; in text write "&lt;"`)
	}
	s.rootSeen = true
	end, empty, err := s.rawAttributes(i)
	if err != nil {
		return err
	}
	s.open = append(s.open, openTag{qname: qname, bindings: len(s.bindings)})
	if err := s.bind(at, qname); err != nil {
		return err
	}
	s.open[len(s.open)-1].name = s.Name
	s.pos = end
	s.endNow = empty
	return nil
}

// rawAttributes reads the attributes of a start tag up to its end.
func (s *Scanner) rawAttributes(i int) (end int, empty bool, err error) {
	s.raw = s.raw[:0]
	for {
		j := s.skipSpace(i)
		if j >= len(s.src) {
			return 0, false, s.fault(WellFormed, s.pos, "a start tag is not closed")
		}
		switch s.src[j] {
		case '>':
			return j + 1, false, nil
		case '/':
			if j+1 < len(s.src) && s.src[j+1] == '>' {
				return j + 2, true, nil
			}
			return 0, false, s.fault(WellFormed, j, `"/" in a start tag stands only before ">"`)
		}
		if j == i {
			return 0, false, s.fault(WellFormed, j, "white space is needed before an attribute")
		}
		if len(s.raw) == MaxAttributes {
			return 0, false, s.fault(WellFormed, j, "a start tag has too many attributes; a chart needs fewer than ten")
		}
		if i, err = s.rawAttribute(j); err != nil {
			return 0, false, err
		}
	}
}

func (s *Scanner) rawAttribute(at int) (int, error) {
	qname, i := s.name(at)
	if qname == "" {
		return 0, s.fault(WellFormed, at, "an attribute name is expected")
	}
	i = s.skipSpace(i)
	if i >= len(s.src) || s.src[i] != '=' {
		return 0, s.fault(WellFormed, at, "an attribute needs a value: name=\"value\"")
	}
	i = s.skipSpace(i + 1)
	if i >= len(s.src) || s.src[i] != '"' && s.src[i] != '\'' {
		return 0, s.fault(WellFormed, at, "an attribute value stands in quotes")
	}
	n := strings.IndexByte(s.src[i+1:], s.src[i])
	if n < 0 {
		return 0, s.fault(WellFormed, at, "an attribute value is not closed")
	}
	value := s.src[i+1 : i+1+n]
	if strings.IndexByte(value, '<') >= 0 {
		return 0, s.fault(WellFormed, at, `an attribute value holds "<"; write "&lt;"`)
	}
	if strings.ContainsAny(value, "&\t\r\n") {
		var err error
		if value, err = s.expand(value, i+1, true); err != nil {
			return 0, err
		}
	}
	s.raw = append(s.raw, rawAttr{qname: qname, value: value, offset: at})
	return i + 1 + n + 1, nil
}

// bind declares the namespaces of the tag and resolves its names.
func (s *Scanner) bind(at int, qname string) error {
	s.Attrs, s.Declared = s.Attrs[:0], s.Declared[:0]
	for _, a := range s.raw {
		if a.qname == "xmlns" || strings.HasPrefix(a.qname, "xmlns:") {
			if err := s.declare(a); err != nil {
				return err
			}
		}
	}
	var err error
	if s.Name, err = s.resolve(qname, at, true); err != nil {
		return err
	}
	for _, a := range s.raw {
		if a.qname == "xmlns" || strings.HasPrefix(a.qname, "xmlns:") {
			continue
		}
		name, err := s.resolve(a.qname, a.offset, false)
		if err != nil {
			return err
		}
		for _, other := range s.Attrs {
			if other.Local == name.Local && other.Space == name.Space {
				return s.fault(WellFormed, a.offset, "an attribute is given twice in one tag")
			}
		}
		s.Attrs = append(s.Attrs, Attr{Name: name, Value: a.value})
	}
	return nil
}

func (s *Scanner) declare(a rawAttr) error {
	prefix := strings.TrimPrefix(strings.TrimPrefix(a.qname, "xmlns"), ":")
	switch {
	case a.qname == "xmlns:" || strings.Contains(prefix, ":"):
		return s.fault(Namespace, a.offset, "a namespace declaration names no prefix")
	case prefix == "xmlns", a.value == xmlnsSpace, (prefix == "xml") != (a.value == xmlSpace):
		return s.fault(Namespace, a.offset, "the prefixes xml and xmlns and their namespaces are reserved")
	case prefix != "" && a.value == "":
		return s.fault(Namespace, a.offset, "a prefix cannot be bound to an empty namespace")
	}
	for _, d := range s.Declared {
		if d.Local == prefix {
			return s.fault(WellFormed, a.offset, "a namespace prefix is declared twice in one tag")
		}
	}
	if len(s.bindings) == MaxNamespaces {
		return s.fault(Namespace, a.offset, "too many namespace declarations; a chart needs two")
	}
	s.Declared = append(s.Declared, Attr{Name: Name{Space: xmlnsSpace, Local: prefix}, Value: a.value})
	s.bindings = append(s.bindings, binding{prefix, a.value})
	return nil
}

// resolve expands a qualified name. An attribute without a prefix has no namespace.
func (s *Scanner) resolve(qname string, at int, element bool) (Name, error) {
	n := Name{Local: qname}
	colon := strings.IndexByte(qname, ':')
	if colon < 0 {
		if element {
			n.Space = s.lookup("")
		}
		return n, nil
	}
	n.Prefix, n.Local = qname[:colon], qname[colon+1:]
	if n.Prefix == "" || n.Local == "" || strings.Contains(n.Local, ":") || !startsName(n.Local) {
		return n, s.fault(Namespace, at, "a name has a colon in a wrong place")
	}
	if n.Prefix == "xmlns" {
		return n, s.fault(Namespace, at, "the prefix xmlns is reserved")
	}
	if n.Space = s.lookup(n.Prefix); n.Space == "" {
		return n, s.fault(Namespace, at, "a namespace prefix is not declared")
	}
	return n, nil
}

func (s *Scanner) lookup(prefix string) string {
	for i := len(s.bindings) - 1; i >= 0; i-- {
		if s.bindings[i].prefix == prefix {
			return s.bindings[i].space
		}
	}
	if prefix == "xml" {
		return xmlSpace
	}
	return ""
}

// Lookup returns the namespace a prefix is bound to at this point; "" is the
// prefix of the default namespace.
func (s *Scanner) Lookup(prefix string) string { return s.lookup(prefix) }

func (s *Scanner) endTag() error {
	at := s.pos
	if len(s.open) == 0 {
		return s.fault(WellFormed, at, "an end tag without a start tag")
	}
	top := &s.open[len(s.open)-1]
	i := at + 2
	if !strings.HasPrefix(s.src[i:], top.qname) {
		return s.mismatch(at, top.qname)
	}
	i += len(top.qname)
	if i < len(s.src) && s.src[i] != '>' {
		if !isSpace(s.src[i]) {
			return s.mismatch(at, top.qname)
		}
		i = s.skipSpace(i)
	}
	if i >= len(s.src) || s.src[i] != '>' {
		return s.fault(WellFormed, at, "an end tag is not closed")
	}
	s.pos = i + 1
	s.close()
	return nil
}

func (s *Scanner) mismatch(at int, want string) error {
	return s.fault(WellFormed, at, "the end tag does not match; expected the end of "+shown(want))
}

// close ends the innermost element and forgets its namespaces.
func (s *Scanner) close() {
	top := s.open[len(s.open)-1]
	s.Name = top.name
	s.bindings = s.bindings[:top.bindings]
	s.open = s.open[:len(s.open)-1]
}
