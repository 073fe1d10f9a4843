package c14n

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha256"
	"hash"
	"io"
	"slices"
	"strings"

	"github.com/fusionems/quantum/services/clinical/internal/nemsis/xmlscan"
)

// Writer takes the tokens of one document in order.
type Writer struct {
	out   *bufio.Writer
	hash  hash.Hash
	depth int
	past  bool // the root element has ended
	// rendered are the namespace declarations in force in the output; marks
	// says how many of them each open element found.
	rendered []xmlscan.Attr
	marks    []int
	attrs    []xmlscan.Attr
}

// New returns a writer that hashes the canonical form.
func New() *Writer {
	h := sha256.New()
	return &Writer{out: bufio.NewWriterSize(h, 4096), hash: h}
}

// Sum is the SHA-256 of what was written.
func (w *Writer) Sum() (sum [32]byte) {
	w.out.Flush()
	w.hash.Sum(sum[:0])
	return sum
}

// Transform writes the canonical form of a document to out.
func Transform(out io.Writer, src string) error {
	s, err := xmlscan.New(src)
	if err != nil {
		return err
	}
	w := &Writer{out: bufio.NewWriter(out)}
	for {
		kind, err := s.Next()
		if err != nil {
			return err
		}
		switch kind {
		case xmlscan.Start:
			w.Start(s)
		case xmlscan.End:
			w.End(s)
		case xmlscan.Text:
			w.Text(s.Data)
		case xmlscan.ProcInst:
			w.ProcInst(s)
		case xmlscan.EOF:
			return w.out.Flush()
		}
	}
}

// Equal tells whether two documents have the same canonical form.
func Equal(a, b string) (bool, error) {
	var ca, cb bytes.Buffer
	if err := Transform(&ca, a); err != nil {
		return false, err
	}
	if err := Transform(&cb, b); err != nil {
		return false, err
	}
	return bytes.Equal(ca.Bytes(), cb.Bytes()), nil
}

// Start writes the start tag the scanner is at.
func (w *Writer) Start(s *xmlscan.Scanner) {
	w.depth++
	w.marks = append(w.marks, len(w.rendered))
	w.out.WriteByte('<')
	w.name(s.Name)
	if len(s.Declared) > 0 {
		w.namespaces(s.Declared)
	}
	attrs := s.Attrs
	if len(attrs) > 1 {
		w.attrs = append(w.attrs[:0], attrs...)
		attrs = w.attrs
		slices.SortFunc(attrs, func(a, b xmlscan.Attr) int {
			return cmp.Or(strings.Compare(a.Space, b.Space), strings.Compare(a.Local, b.Local))
		})
	}
	for _, a := range attrs {
		w.out.WriteByte(' ')
		w.name(a.Name)
		w.quoted(a.Value)
	}
	w.out.WriteByte('>')
}

// namespaces writes the declarations that change what is in force.
func (w *Writer) namespaces(declared []xmlscan.Attr) {
	from := len(w.rendered)
	for _, d := range declared {
		if d.Local == "xml" || w.inForce(d.Local) == d.Value {
			continue
		}
		w.rendered = append(w.rendered, d)
	}
	own := w.rendered[from:]
	slices.SortFunc(own, func(a, b xmlscan.Attr) int { return strings.Compare(a.Local, b.Local) })
	for _, d := range own {
		w.out.WriteString(" xmlns")
		if d.Local != "" {
			w.out.WriteByte(':')
			w.out.WriteString(d.Local)
		}
		w.quoted(d.Value)
	}
}

func (w *Writer) inForce(prefix string) string {
	for i := len(w.rendered) - 1; i >= 0; i-- {
		if w.rendered[i].Local == prefix {
			return w.rendered[i].Value
		}
	}
	return ""
}

// End writes the end tag the scanner is at.
func (w *Writer) End(s *xmlscan.Scanner) {
	w.out.WriteString("</")
	w.name(s.Name)
	w.out.WriteByte('>')
	w.depth--
	last := len(w.marks) - 1
	w.rendered = w.rendered[:w.marks[last]]
	w.marks = w.marks[:last]
	w.past = w.depth == 0
}

// Text writes character data; outside the root element there is none.
func (w *Writer) Text(data string) {
	if w.depth == 0 {
		return
	}
	w.escaped(data, inText)
}

// ProcInst writes the processing instruction the scanner is at.
func (w *Writer) ProcInst(s *xmlscan.Scanner) {
	if w.past {
		w.out.WriteByte('\n')
	}
	w.out.WriteString("<?")
	w.out.WriteString(s.Target)
	if s.Data != "" {
		w.out.WriteByte(' ')
		w.out.WriteString(s.Data)
	}
	w.out.WriteString("?>")
	if w.depth == 0 && !w.past {
		w.out.WriteByte('\n')
	}
}

func (w *Writer) name(n xmlscan.Name) {
	if n.Prefix != "" {
		w.out.WriteString(n.Prefix)
		w.out.WriteByte(':')
	}
	w.out.WriteString(n.Local)
}

func (w *Writer) quoted(value string) {
	w.out.WriteString(`="`)
	w.escaped(value, inAttribute)
	w.out.WriteByte('"')
}

// Characters that stand as references, in text and in attribute values.
const (
	inText = 1 << iota
	inAttribute
)

func special(c byte) int {
	switch c {
	case '&', '<', '\r':
		return inText | inAttribute
	case '>':
		return inText
	case '"', '\t', '\n':
		return inAttribute
	}
	return 0
}

func (w *Writer) escaped(s string, where int) {
	from := 0
	for i := range len(s) {
		if s[i] <= '>' && special(s[i])&where != 0 {
			w.out.WriteString(s[from:i])
			w.out.WriteString(reference(s[i]))
			from = i + 1
		}
	}
	w.out.WriteString(s[from:])
}

func reference(c byte) string {
	switch c {
	case '&':
		return "&amp;"
	case '<':
		return "&lt;"
	case '>':
		return "&gt;"
	case '"':
		return "&quot;"
	case '\t':
		return "&#x9;"
	case '\n':
		return "&#xA;"
	}
	return "&#xD;"
}
