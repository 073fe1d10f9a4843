package layout

import (
	"errors"
	"fmt"
	"strings"

	"github.com/fusionems/quantum/services/clinical/internal/nemsis/xmlscan"
)

// Span is a range of bytes of a document.
type Span struct {
	From int `json:"from"`
	To   int `json:"to"`
}

// Layout lists the headers of a document and the reports in them, both in document order.
type Layout struct {
	Headers []Header `json:"headers"`
}

// Header is one header element with its reports.
type Header struct {
	Span
	Reports []Span `json:"reports"`
}

const (
	headerDepth = 2
	reportDepth = 3
)

// Of finds the layout of an accepted document.
func Of(document []byte) (*Layout, error) {
	s, err := xmlscan.New(string(document))
	if err != nil {
		return nil, fmt.Errorf("layout: %w", err)
	}
	l := &Layout{}
	// An element ends where the token after its end tag begins.
	var open *int
	for {
		kind, err := s.Next()
		if err != nil {
			return nil, fmt.Errorf("layout: %w", err)
		}
		if open != nil {
			*open, open = s.Offset, nil
		}
		switch kind {
		case xmlscan.EOF:
			return l, nil
		case xmlscan.Start:
			l.start(s)
		case xmlscan.End:
			open = l.end(s)
		}
	}
}

func (l *Layout) start(s *xmlscan.Scanner) {
	switch {
	case s.Depth() == headerDepth && s.Name.Local == "Header":
		l.Headers = append(l.Headers, Header{Span: Span{From: s.Offset}})
	case s.Depth() == reportDepth && s.Name.Local == "PatientCareReport" && len(l.Headers) > 0:
		h := &l.Headers[len(l.Headers)-1]
		h.Reports = append(h.Reports, Span{From: s.Offset})
	}
}

// end returns where the end of the element belongs, nil for one that is not kept. The scanner has closed it already.
func (l *Layout) end(s *xmlscan.Scanner) *int {
	if len(l.Headers) == 0 {
		return nil
	}
	h := &l.Headers[len(l.Headers)-1]
	switch {
	case s.Depth() == headerDepth-1 && s.Name.Local == "Header":
		return &h.To
	case s.Depth() == reportDepth-1 && s.Name.Local == "PatientCareReport" && len(h.Reports) > 0:
		return &h.Reports[len(h.Reports)-1].To
	}
	return nil
}

// Count is the number of reports.
func (l *Layout) Count() int {
	n := 0
	for _, h := range l.Headers {
		n += len(h.Reports)
	}
	return n
}

var errNoReport = errors.New("layout: the document has no such report")

// Cut returns the document with one of its reports, counted from 0: every other report and every header without reports
// is left out, and so is text between them.
func (l *Layout) Cut(document []byte, report int) ([]byte, error) {
	for _, h := range l.Headers {
		if report >= len(h.Reports) {
			report -= len(h.Reports)
			continue
		}
		first, last := h.Reports[0], h.Reports[len(h.Reports)-1]
		keep := h.Reports[report]
		if !l.within(len(document)) {
			return nil, errNoReport
		}
		var b strings.Builder
		b.Write(document[:l.Headers[0].From])
		b.Write(document[h.From:first.From])
		b.Write(document[keep.From:keep.To])
		b.Write(document[last.To:h.To])
		b.Write(document[l.Headers[len(l.Headers)-1].To:])
		return []byte(b.String()), nil
	}
	return nil, errNoReport
}

// within guards against a stored layout that is not the document's.
func (l *Layout) within(size int) bool {
	at := 0
	for _, h := range l.Headers {
		if h.From < at {
			return false
		}
		at = h.From
		for _, r := range h.Reports {
			if r.From < at || r.To < r.From {
				return false
			}
			at = r.To
		}
		if h.To < at {
			return false
		}
		at = h.To
	}
	return at <= size
}
