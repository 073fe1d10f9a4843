package xmlscan

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Reason sorts the faults a document can have.
type Reason uint8

// Reasons.
const (
	WellFormed Reason = iota
	Empty
	Encoding
	Doctype
	Entity
	Namespace
	Depth
)

// Fault is why a document cannot be read. Its message holds nothing of the
// document but names of tags.
type Fault struct {
	Reason  Reason
	Line    int
	Message string
}

// Error gives line and message.
func (f *Fault) Error() string { return fmt.Sprintf("line %d: %s", f.Line, f.Message) }

func (s *Scanner) fault(r Reason, at int, message string) error {
	return &Fault{Reason: r, Line: s.Line(at), Message: message}
}

// shown is a tag name fit for a message: anything unusual stays out of it.
func shown(qname string) string {
	if len(qname) > 64 {
		return "with a long name"
	}
	for i := range len(qname) {
		if class[qname[i]]&nameChar == 0 {
			return "with an unusual name"
		}
	}
	return qname
}

// prolog checks encoding and characters of the whole document and reads the
// XML declaration.
func (s *Scanner) prolog() error {
	src := s.src
	switch {
	case strings.HasPrefix(src, "\xFE\xFF"), strings.HasPrefix(src, "\xFF\xFE"),
		strings.HasPrefix(src, "\x00<"), strings.HasPrefix(src, "<\x00"):
		return s.fault(Encoding, 0, "the document is not in UTF-8 but in UTF-16 or UTF-32; send it in UTF-8")
	}
	s.pos = len(src) - len(strings.TrimPrefix(src, "\uFEFF"))
	if err := s.declarationXML(); err != nil {
		return err
	}
	if !utf8.ValidString(src) {
		return s.fault(Encoding, invalidAt(src), "the document is not valid UTF-8")
	}
	for i := range len(src) {
		if class[src[i]]&forbidden != 0 {
			return s.fault(WellFormed, i, "the document holds a control character that XML forbids")
		}
	}
	for _, c := range []string{"\uFFFE", "\uFFFF"} {
		if i := strings.Index(src, c); i >= 0 {
			return s.fault(WellFormed, i, "the document holds a character that XML forbids")
		}
	}
	return nil
}

func invalidAt(src string) int {
	for i := 0; i < len(src); {
		r, n := utf8.DecodeRuneInString(src[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(src)
}

// declarationXML reads <?xml version="1.0" encoding="UTF-8"?> if it is there.
func (s *Scanner) declarationXML() error {
	at := s.pos
	rest := s.src[at:]
	if !strings.HasPrefix(rest, "<?xml") || len(rest) < 6 || !isSpace(rest[5]) {
		return nil
	}
	n := strings.Index(rest, "?>")
	if n < 0 {
		return s.fault(WellFormed, at, "the XML declaration is not closed")
	}
	d := pseudo{rest: rest[5:n]}
	version, ok := d.take("version")
	if !ok || version != "1.0" {
		return s.fault(WellFormed, at, `the XML declaration must say version="1.0"`)
	}
	if encoding, ok := d.take("encoding"); ok && !accepted(encoding) {
		return s.fault(Encoding, at, "the declared encoding is not accepted; send the document in UTF-8")
	}
	if alone, ok := d.take("standalone"); ok && alone != "yes" && alone != "no" {
		return s.fault(WellFormed, at, `standalone in the XML declaration is "yes" or "no"`)
	}
	if firstNonSpace(d.rest) >= 0 {
		return s.fault(WellFormed, at, "the XML declaration holds version, encoding and standalone, in this order")
	}
	s.pos = at + n + 2
	return nil
}

// accepted: ASCII is a part of UTF-8, everything else would have to be converted.
func accepted(encoding string) bool {
	return strings.EqualFold(encoding, "UTF-8") || strings.EqualFold(encoding, "US-ASCII")
}

// pseudo reads the pseudo-attributes of an XML declaration.
type pseudo struct{ rest string }

func (p *pseudo) take(name string) (string, bool) {
	t := strings.TrimLeft(p.rest, " \t\r\n")
	if len(t) == len(p.rest) || !strings.HasPrefix(t, name) {
		return "", false
	}
	t = strings.TrimLeft(t[len(name):], " \t\r\n")
	if !strings.HasPrefix(t, "=") {
		return "", false
	}
	t = strings.TrimLeft(t[1:], " \t\r\n")
	if t == "" || t[0] != '"' && t[0] != '\'' {
		return "", false
	}
	end := strings.IndexByte(t[1:], t[0])
	if end < 0 {
		return "", false
	}
	p.rest = t[end+2:]
	return t[1 : 1+end], true
}
