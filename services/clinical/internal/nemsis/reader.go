package nemsis

import (
	"errors"
	"fmt"
	"io"
	"regexp"

	"github.com/fusionems/quantum/services/clinical/internal/nemsis/structure"
	"github.com/fusionems/quantum/services/clinical/internal/nemsis/xmlscan"
)

// Limits of a document.
const (
	// MaxSize is the largest document in bytes.
	MaxSize = 20 << 20
	// MaxViolations is how many violations are listed before reading stops.
	MaxViolations = 100
)

// Reader reads documents. It is safe for use by several goroutines; make one
// and keep it, for making it compiles the patterns of the schema.
type Reader struct {
	patterns []*regexp.Regexp
	version  *regexp.Regexp
	limits   []limits // by type
}

// NewReader returns a reader of EMSDataSet documents.
func NewReader() (*Reader, error) {
	version, err := regexp.Compile(versionText)
	if err != nil {
		return nil, fmt.Errorf("nemsis: %w", err)
	}
	limits, err := readLimits()
	if err != nil {
		return nil, err
	}
	r := &Reader{version: version, limits: limits}
	for _, p := range structure.Patterns() {
		re, err := regexp.Compile(p)
		if err != nil {
			return nil, fmt.Errorf("nemsis: pattern of the structure table: %w", err)
		}
		r.patterns = append(r.patterns, re)
	}
	return r, nil
}

// ReadStream reads a document of at most MaxSize bytes from a stream. The error
// is an *Invalid when the document is at fault, else one of the stream.
func (r *Reader) ReadStream(in io.Reader) (*Document, error) {
	data, err := io.ReadAll(io.LimitReader(in, MaxSize+1))
	if err != nil {
		return nil, err
	}
	return r.Read(data)
}

// Read judges a document and returns all it says, or an *Invalid that lists
// what is wrong. The document keeps no reference to data.
func (r *Reader) Read(data []byte) (*Document, error) {
	if len(data) > MaxSize {
		return nil, &Invalid{Violations: []Violation{{Line: 1, Rule: RuleSize,
			Message: fmt.Sprintf("the document is larger than %d MB; send fewer patient care reports in one", MaxSize>>20)}}}
	}
	src := string(data)
	p, err := r.pass(src, false)
	if err == nil && p.sawLegacy && !p.legacy {
		// Nothing in front told the version, but an element of 3.4 did.
		p, err = r.pass(src, true)
	}
	if err != nil {
		return nil, err
	}
	if len(p.violations) > 0 {
		return nil, &Invalid{Violations: p.violations, Truncated: p.truncated}
	}
	p.doc.Truncated = p.truncated
	return p.doc, nil
}

// pass reads src once. Violations of the schema stay in the pass; a fault of
// the XML ends it and is the error, after the violations found before.
func (r *Reader) pass(src string, legacy bool) (*pass, error) {
	p := newPass(r, src, legacy)
	var err error
	if p.scan, err = xmlscan.New(src); err == nil {
		err = p.run()
	}
	var fault *xmlscan.Fault
	switch {
	case err == nil, errors.Is(err, errEnough):
		return p, nil
	case errors.As(err, &fault):
		v := Violation{Line: fault.Line, Rule: faultRules[fault.Reason], Message: fault.Message, Path: p.path()}
		return nil, &Invalid{Violations: append(p.violations, v)}
	}
	return nil, err
}

var faultRules = [...]string{
	xmlscan.WellFormed: RuleWellFormed,
	xmlscan.Empty:      RuleEmpty,
	xmlscan.Encoding:   RuleEncoding,
	xmlscan.Doctype:    RuleDoctype,
	xmlscan.Entity:     RuleEntity,
	xmlscan.Namespace:  RuleNamespace,
	xmlscan.Depth:      RuleDepth,
}
