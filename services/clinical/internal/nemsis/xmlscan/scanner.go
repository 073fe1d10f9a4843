package xmlscan

import (
	"strings"
	"unicode/utf8"
)

// Limits that no chart comes near and that bound the work of a hostile one.
const (
	MaxDepth      = 64
	MaxAttributes = 64
	MaxNamespaces = 64 // declarations in force at one place
)

// Kind is the kind of a token.
type Kind uint8

// Token kinds. Text is character data or a CDATA section; adjacent ones belong
// together. An empty element gives Start and End.
const (
	EOF Kind = iota
	Start
	End
	Text
	Comment
	ProcInst
)

// Name is an expanded name and the prefix it was written with.
type Name struct {
	Space, Prefix, Local string
}

// Attr is an attribute other than a namespace declaration, or in Declared a
// namespace declaration.
type Attr struct {
	Name
	Value string
}

// Scanner reads one document. After Next has returned Start, Name and Attrs
// describe the tag; after End, Name does; after Text, Comment and ProcInst,
// Data (and for ProcInst Target). What they hold is valid until Next.
type Scanner struct {
	Name     Name
	Attrs    []Attr
	Declared []Attr // namespace declarations of this tag, Local is the prefix
	Target   string
	Data     string
	// Offset is where the token begins.
	Offset int

	src      string
	pos      int
	open     []openTag
	bindings []binding
	raw      []rawAttr
	endNow   bool // the tag just read was empty
	rootSeen bool
	// counted is the last offset CurrentLine was asked for, at line lines.
	counted, lines int
}

type openTag struct {
	qname    string
	name     Name
	bindings int // to restore at the end tag
}

type binding struct{ prefix, space string }

type rawAttr struct {
	qname, value string
	offset       int
}

// Namespaces that are bound without being declared.
const (
	xmlSpace   = "http://www.w3.org/XML/1998/namespace"
	xmlnsSpace = "http://www.w3.org/2000/xmlns/"
)

// New returns a scanner of src, or the fault that forbids reading it at all.
func New(src string) (*Scanner, error) {
	s := &Scanner{src: src, open: make([]openTag, 0, 16), lines: 1}
	return s, s.prolog()
}

// Depth is the number of open elements.
func (s *Scanner) Depth() int { return len(s.open) }

// Line is the line of an offset; the first is 1.
func (s *Scanner) Line(offset int) int {
	return 1 + strings.Count(s.src[:min(offset, len(s.src))], "\n")
}

// CurrentLine is the line of the current token. Unlike Line it counts only what
// has been read since it was asked last.
func (s *Scanner) CurrentLine() int {
	s.lines += strings.Count(s.src[s.counted:s.Offset], "\n")
	s.counted = s.Offset
	return s.lines
}

// Next reads the next token. Comments and processing instructions are checked
// and returned too.
func (s *Scanner) Next() (Kind, error) {
	if s.endNow {
		s.endNow = false
		s.close()
		return End, nil
	}
	s.Offset = s.pos
	if s.pos == len(s.src) {
		return EOF, s.atEOF()
	}
	if s.src[s.pos] != '<' {
		return s.text()
	}
	if s.pos+1 == len(s.src) {
		return EOF, s.fault(WellFormed, s.pos, "a tag is cut off at the end of the document")
	}
	switch s.src[s.pos+1] {
	case '/':
		return End, s.endTag()
	case '?':
		return ProcInst, s.procInst()
	case '!':
		return s.declaration()
	}
	return Start, s.startTag()
}

func (s *Scanner) atEOF() error {
	if n := len(s.open); n > 0 {
		return s.fault(WellFormed, s.pos, "the document ends inside element "+shown(s.open[n-1].qname)+"; every start tag needs its end tag")
	}
	if !s.rootSeen {
		return s.fault(Empty, s.pos, "the document has no root element")
	}
	return nil
}

func (s *Scanner) text() (Kind, error) {
	n := strings.IndexByte(s.src[s.pos:], '<')
	if n < 0 {
		n = len(s.src) - s.pos
	}
	raw := s.src[s.pos : s.pos+n]
	if len(s.open) == 0 {
		if i := firstNonSpace(raw); i >= 0 {
			return Text, s.fault(WellFormed, s.pos+i, "text outside the root element")
		}
	}
	if i := strings.Index(raw, "]]>"); i >= 0 {
		return Text, s.fault(WellFormed, s.pos+i, `"]]>" may stand only at the end of a CDATA section`)
	}
	s.Data = raw
	if strings.IndexByte(raw, '&') >= 0 || strings.IndexByte(raw, '\r') >= 0 {
		var err error
		if s.Data, err = s.expand(raw, s.pos, false); err != nil {
			return Text, err
		}
	}
	s.pos += n
	return Text, nil
}

func (s *Scanner) declaration() (Kind, error) {
	rest := s.src[s.pos:]
	switch {
	case strings.HasPrefix(rest, "<!--"):
		return Comment, s.comment()
	case strings.HasPrefix(rest, "<![CDATA["):
		return Text, s.cdata()
	case len(rest) >= 9 && strings.EqualFold(rest[:9], "<!DOCTYPE"):
		return EOF, s.fault(Doctype, s.pos, "a document type declaration is not accepted; send the chart without <!DOCTYPE>")
	}
	return EOF, s.fault(WellFormed, s.pos, `"<!" begins neither a comment nor a CDATA section here`)
}

func (s *Scanner) comment() error {
	body := s.src[s.pos+4:]
	n := strings.Index(body, "--")
	if n < 0 {
		return s.fault(WellFormed, s.pos, "a comment is not closed")
	}
	if n+2 >= len(body) || body[n+2] != '>' {
		return s.fault(WellFormed, s.pos+4+n, `"--" may stand only at the end of a comment`)
	}
	s.Data = normalizeLines(body[:n])
	s.pos += 4 + n + 3
	return nil
}

func (s *Scanner) cdata() error {
	if len(s.open) == 0 {
		return s.fault(WellFormed, s.pos, "a CDATA section outside the root element")
	}
	body := s.src[s.pos+9:]
	n := strings.Index(body, "]]>")
	if n < 0 {
		return s.fault(WellFormed, s.pos, "a CDATA section is not closed")
	}
	s.Data = normalizeLines(body[:n])
	s.pos += 9 + n + 3
	return nil
}

func (s *Scanner) procInst() error {
	at := s.pos
	target, end := s.name(at + 2)
	if target == "" {
		return s.fault(WellFormed, at, "a processing instruction needs a target")
	}
	if strings.EqualFold(target, "xml") {
		return s.fault(WellFormed, at, "an XML declaration may stand only at the very beginning")
	}
	if strings.Contains(target, ":") {
		return s.fault(Namespace, at, "the target of a processing instruction has a colon")
	}
	n := strings.Index(s.src[end:], "?>")
	if n < 0 {
		return s.fault(WellFormed, at, "a processing instruction is not closed")
	}
	data := s.src[end : end+n]
	if data != "" && !isSpace(data[0]) {
		return s.fault(WellFormed, end, "white space is needed after the target of a processing instruction")
	}
	s.Target = target
	s.Data = strings.TrimLeft(normalizeLines(data), " \t\n")
	s.pos = end + n + 2
	return nil
}

// name reads a Name at offset i and returns it with the offset after it; it is
// empty if there is none.
func (s *Scanner) name(i int) (string, int) {
	start := i
	for i < len(s.src) {
		c := s.src[i]
		if c < utf8.RuneSelf {
			if class[c]&nameChar == 0 || i == start && class[c]&nameStart == 0 {
				break
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s.src[i:])
		if !isNameRune(r, i == start) {
			break
		}
		i += size
	}
	return s.src[start:i], i
}

func (s *Scanner) skipSpace(i int) int {
	for i < len(s.src) && isSpace(s.src[i]) {
		i++
	}
	return i
}
