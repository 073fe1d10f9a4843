package nemsis

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"slices"
	"strings"

	"github.com/fusionems/quantum/services/clinical/internal/nemsis/structure"
	"github.com/fusionems/quantum/services/clinical/internal/nemsis/xmlscan"
)

func (p *pass) endAgency(node int32) {
	e := Element{p.doc, node}
	p.doc.Headers = append(p.doc.Headers, Header{Agency: Agency{
		UniqueID: e.First(structure.DAgency01).Value(),
		Number:   e.First(structure.DAgency02).Value(),
		State:    e.First(structure.DAgency04).Value(),
		Element:  e,
	}})
}

func (p *pass) beginReport() {
	p.report = newContentHash()
	if n := len(p.doc.Headers); n > 0 {
		a := p.doc.Headers[n-1].Agency
		p.report.value(a.UniqueID)
		p.report.value(a.Number)
		p.report.value(a.State)
	}
	if p.config != "" {
		p.report.value(p.config)
	}
	p.report.start(p.scan.Name, p.scan.Attrs)
}

// beginConfiguration and endConfiguration hash the custom elements that a
// header defines, once: they give the custom results of its reports their
// meaning, so each report takes in the sum.
func (p *pass) beginConfiguration() {
	p.report = newContentHash()
	p.report.start(p.scan.Name, p.scan.Attrs)
}

func (p *pass) endConfiguration() {
	sum := p.report.sum()
	p.config, p.report = string(sum[:]), nil
}

func (p *pass) endReport(node int32) {
	sum := p.report.sum()
	p.report = nil
	if len(p.doc.Headers) == 0 {
		return // the demographic group is missing, which is an error already
	}
	e := Element{p.doc, node}
	h := &p.doc.Headers[len(p.doc.Headers)-1]
	h.Reports = append(h.Reports, Report{
		UUID:        e.Attr("UUID"),
		Number:      e.First(structure.ERecord01).Value(),
		ContentHash: sum,
		Element:     e,
	})
}

// contentHash takes in the elements of a report as they are read. Every piece
// is preceded by its kind and length, so no two contents give the same bytes.
type contentHash struct {
	h   hash.Hash
	buf []byte
	// loose is the text of an element without a declaration, which comments and
	// CDATA sections may cut into pieces.
	loose []byte
	attrs []xmlscan.Attr // room to sort in
}

const (
	hashStart = iota + 1
	hashAttr
	hashValue
	hashEnd
)

// contentVersion separates this hash from any later definition: hashes are
// stored and compared over years.
const contentVersion = "nemsis-report-content-1"

func newContentHash() *contentHash {
	c := &contentHash{h: sha256.New(), buf: make([]byte, 0, 4096)}
	c.put(0, contentVersion)
	return c
}

func (c *contentHash) put(kind byte, s string) {
	if len(c.buf)+len(s)+binary.MaxVarintLen64+1 > cap(c.buf) {
		c.flush()
	}
	c.buf = append(c.buf, kind)
	c.buf = binary.AppendUvarint(c.buf, uint64(len(s)))
	c.buf = append(c.buf, s...)
}

func (c *contentHash) flush() {
	c.h.Write(c.buf)
	c.buf = c.buf[:0]
}

func (c *contentHash) start(name xmlscan.Name, attrs []xmlscan.Attr) {
	c.endLoose()
	c.put(hashStart, name.Local)
	if name.Space != nemsisSpace {
		c.put(hashStart, name.Space)
	}
	if len(attrs) > 1 {
		c.attrs = append(c.attrs[:0], attrs...)
		attrs = c.attrs
		slices.SortFunc(attrs, func(a, b xmlscan.Attr) int {
			if d := strings.Compare(a.Local, b.Local); d != 0 {
				return d
			}
			return strings.Compare(a.Space, b.Space)
		})
	}
	for _, a := range attrs {
		c.put(hashAttr, a.Local)
		c.put(hashAttr, a.Space)
		c.put(hashAttr, a.Value)
	}
}

func (c *contentHash) value(v string) { c.put(hashValue, v) }

func (c *contentHash) text(s string) { c.loose = append(c.loose, s...) }

func (c *contentHash) endLoose() {
	if len(c.loose) > 0 && !xmlscan.IsSpace(string(c.loose)) {
		c.value(string(c.loose))
	}
	c.loose = c.loose[:0]
}

func (c *contentHash) end() {
	c.endLoose()
	c.put(hashEnd, "")
}

func (c *contentHash) sum() (out [32]byte) {
	c.flush()
	c.h.Sum(out[:0])
	return out
}
