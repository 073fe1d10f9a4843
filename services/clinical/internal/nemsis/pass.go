package nemsis

import (
	"errors"
	"strconv"
	"strings"

	"github.com/fusionems/quantum/services/clinical/internal/nemsis/c14n"
	"github.com/fusionems/quantum/services/clinical/internal/nemsis/structure"
	"github.com/fusionems/quantum/services/clinical/internal/nemsis/xmlscan"
)

const (
	nemsisSpace = "http://www.nemsis.org"
	xsiSpace    = "http://www.w3.org/2001/XMLSchema-instance"
)

// errEnough stops a pass whose list of violations is full.
var errEnough = errors.New("nemsis: enough violations")

// pass is one walk through a document: the open elements as a stack of frames,
// what has been read so far, and what was wrong with it.
type pass struct {
	reader *Reader
	src    string
	scan   *xmlscan.Scanner
	doc    *Document

	legacy    bool // judged as 3.4
	claimed   bool // the document named its version
	sawLegacy bool

	frames []frame
	skip   int // depth inside an element that has no declaration here
	old    *LegacyValue
	text   text

	canon  *c14n.Writer
	report *contentHash // of the report (or configuration) being read, nil outside one
	config string       // hash of the custom configuration of this header, if any
	kept   *contentHash // of the last report whose disposition of 3.4 was kept

	violations []Violation
	truncated  bool
}

// frame is one open element.
type frame struct {
	id    structure.ID
	node  int32
	next  int // position in the children of the declaration
	count int // occurrences of that child so far
	nth   int // which occurrence of its name this is
	nil   bool
}

// text collects the character data of one value. Almost always it comes in one
// piece and is not copied; buf joins the pieces otherwise.
type text struct {
	first  string
	buf    []byte
	pieces int
}

func (t *text) reset() { t.first, t.buf, t.pieces = "", t.buf[:0], 0 }

func (t *text) add(s string) {
	switch t.pieces {
	case 0:
		t.first = s
	case 1:
		t.buf = append(append(t.buf[:0], t.first...), s...)
	default:
		t.buf = append(t.buf, s...)
	}
	t.pieces++
}

func (t *text) String() string {
	if t.pieces > 1 {
		return string(t.buf)
	}
	return t.first
}

func newPass(r *Reader, src string, legacy bool) *pass {
	doc := &Document{src: src, nodes: make([]node, 0, len(src)/96+16), attrs: make([]attr, 0, len(src)/512+16)}
	return &pass{reader: r, src: src, doc: doc, legacy: legacy, canon: c14n.New(), frames: make([]frame, 0, 12)}
}

func (p *pass) run() error {
	for {
		kind, err := p.scan.Next()
		if err != nil {
			return err
		}
		switch kind {
		case xmlscan.Start:
			p.canon.Start(p.scan)
			err = p.start()
		case xmlscan.End:
			p.canon.End(p.scan)
			err = p.end()
		case xmlscan.Text:
			p.canon.Text(p.scan.Data)
			err = p.chars()
		case xmlscan.ProcInst:
			p.canon.ProcInst(p.scan)
		case xmlscan.EOF:
			p.doc.Hash = p.canon.Sum()
			p.finish()
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (p *pass) start() error {
	s := p.scan
	if p.report != nil {
		p.report.start(s.Name, s.Attrs)
	}
	if p.skip > 0 {
		p.skip++
		return nil
	}
	if len(p.frames) == 0 {
		return p.root()
	}
	parent := &p.frames[len(p.frames)-1]
	id, ok, err := p.match(parent)
	if err != nil {
		return err
	}
	if !ok {
		p.skip = 1
		return nil
	}
	return p.open(id, parent.count)
}

func (p *pass) root() error {
	name := p.scan.Name
	if name.Space != nemsisSpace || name.Local != structure.Of(structure.EMSDataSet).Name {
		p.violations = append(p.violations, Violation{Line: p.line(), Rule: RuleRoot,
			Message: "the root element must be EMSDataSet of the namespace " + nemsisSpace})
		return errEnough
	}
	p.readVersion()
	if !supported(p.doc.Version) {
		p.violations = append(p.violations, Violation{Line: p.line(), Element: name.Local, Rule: RuleVersion,
			Message: "the schema location must be of NEMSIS 3.4 or 3.5"})
		return errEnough
	}
	return p.open(structure.EMSDataSet, 1)
}

// open begins an element that stands where its declaration allows it.
func (p *pass) open(id structure.ID, nth int) error {
	decl := structure.Of(id)
	p.frames = append(p.frames, frame{id: id, node: int32(len(p.doc.nodes)), nth: nth})
	p.doc.nodes = append(p.doc.nodes, node{id: id, offset: int32(p.scan.Offset), line: int32(p.scan.CurrentLine())})
	if decl.HasValue() {
		p.text.reset()
	}
	if err := p.attributes(decl); err != nil {
		return err
	}
	switch id {
	case structure.Header:
		p.config = ""
	case structure.ECustomConfiguration:
		p.beginConfiguration()
	case structure.PatientCareReport:
		p.beginReport()
	}
	return nil
}

func (p *pass) chars() error {
	data := p.scan.Data
	if p.skip > 0 {
		if p.report != nil {
			p.report.text(data)
		}
		if p.old != nil && p.skip == 1 {
			p.text.add(data)
		}
		return nil
	}
	if len(p.frames) == 0 {
		return nil
	}
	top := &p.frames[len(p.frames)-1]
	if structure.Of(top.id).HasValue() {
		p.text.add(data)
		return nil
	}
	if !xmlscan.IsSpace(data) {
		return p.violate(top.id, RuleText, p.scan.Offset,
			structure.Of(top.id).Name+" holds elements, not text of its own")
	}
	return nil
}

func (p *pass) end() error {
	if p.skip > 0 {
		p.skip--
		if p.report != nil {
			p.report.end()
		}
		if p.skip == 0 && p.old != nil {
			p.old.Value = p.text.String()
			p.old = nil
		}
		return nil
	}
	top := p.frames[len(p.frames)-1]
	decl := structure.Of(top.id)
	var err error
	if decl.HasValue() {
		err = p.value(&top, decl)
	} else if !top.nil {
		err = p.missing(top.id, top.next, top.count, len(decl.Children), p.scan.Offset)
	}
	p.doc.nodes[top.node].end = int32(len(p.doc.nodes))
	if p.report != nil {
		p.report.end()
	}
	p.frames = p.frames[:len(p.frames)-1]
	switch top.id {
	case structure.PatientCareReport:
		p.endReport(top.node)
	case structure.ECustomConfiguration:
		p.endConfiguration()
	case structure.DemographicGroup:
		p.endAgency(top.node)
	}
	return err
}

// line is the line of the current token.
func (p *pass) line() int { return p.scan.Line(p.scan.Offset) }

// path names the innermost open element, with occurrence numbers where an
// element may repeat.
func (p *pass) path() string {
	var b strings.Builder
	for _, f := range p.frames {
		decl := structure.Of(f.id)
		b.WriteByte('/')
		b.WriteString(decl.Name)
		if decl.Max != 1 {
			b.WriteByte('[')
			b.WriteString(strconv.Itoa(f.nth))
			b.WriteByte(']')
		}
	}
	return b.String()
}

// violate records a violation at an offset. The element may be one that is
// missing below the innermost open element, or that element itself.
func (p *pass) violate(id structure.ID, rule string, offset int, message string) error {
	name := structure.Of(id).Name
	path := p.path()
	if n := len(p.frames); n > 0 && p.frames[n-1].id != id {
		path += "/" + name
	}
	return p.record(Violation{Level: p.level(rule, id), Element: name, Path: path,
		Line: p.scan.Line(offset), Rule: rule, Message: message})
}

func (p *pass) record(v Violation) error {
	if v.Level == Warning {
		p.finding(v)
		return nil
	}
	if len(p.violations) == MaxViolations {
		p.truncated = true
		return errEnough
	}
	p.violations = append(p.violations, v)
	return nil
}

func (p *pass) finding(v Violation) {
	if len(p.doc.Findings) == MaxViolations {
		p.truncated = true
		return
	}
	v.Level = Warning
	p.doc.Findings = append(p.doc.Findings, v)
}
