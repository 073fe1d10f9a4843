package xmlscan_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/fusionems/quantum/services/clinical/internal/nemsis/xmlscan"
)

// scan writes the tokens of a document in a short form.
func scan(src string) (string, error) {
	s, err := xmlscan.New(src)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for {
		kind, err := s.Next()
		if err != nil {
			return b.String(), err
		}
		switch kind {
		case xmlscan.Start:
			fmt.Fprintf(&b, "<{%s}%s", s.Name.Space, s.Name.Local)
			for _, a := range s.Attrs {
				fmt.Fprintf(&b, " {%s}%s=%q", a.Space, a.Local, a.Value)
			}
			b.WriteString(">")
		case xmlscan.End:
			b.WriteString("</" + s.Name.Local + ">")
		case xmlscan.Text:
			fmt.Fprintf(&b, "%q", s.Data)
		case xmlscan.Comment:
			fmt.Fprintf(&b, "(%s)", s.Data)
		case xmlscan.ProcInst:
			fmt.Fprintf(&b, "?%s %s?", s.Target, s.Data)
		case xmlscan.EOF:
			return b.String(), nil
		}
	}
}

func TestTokens(t *testing.T) {
	for in, want := range map[string]string{
		"<a/>": "<{}a></a>",
		"\uFEFF<?xml version='1.0' encoding='utf-8' standalone='yes' ?>\n<a />": `"\n"<{}a></a>`,
		`<a b="1" c='2'>x</a >`:                         `<{}a {}b="1" {}c="2">"x"</a>`,
		`<n:a xmlns:n="u" n:b="1"><c xmlns="v"/></n:a>`: `<{u}a {u}b="1"><{v}c></c></a>`,
		`<a xmlns="u"><b xmlns=""/><c/></a>`:            `<{u}a><{}b></b><{u}c></c></a>`,
		"<a>x&lt;&#65;&#x42;\r\ny\rz</a>":               `<{}a>"x<AB\ny\nz"</a>`,
		"<a b='x\ty\r\nz&#10;'/>":                       `<{}a {}b="x y z\n"></a>`,
		"<a>1<!-- c -->2<![CDATA[<&]]>3</a>":            `<{}a>"1"( c )"2""<&""3"</a>`,
		"<?p q r?><a><?s?></a><!--e-->":                 `?p q r?<{}a>?s ?</a>(e)`,
		`<a xml:lang="en"/>`:                            `<{}a {http://www.w3.org/XML/1998/namespace}lang="en"></a>`,
		"<größe/>":                                      "<{}größe></größe>",
	} {
		if got, err := scan(in); err != nil || got != want {
			t.Errorf("%q:\n got %s, %v\nwant %s", in, got, err, want)
		}
	}
}

func TestFaults(t *testing.T) {
	deep := strings.Repeat("<a>", xmlscan.MaxDepth+1)
	wide := "<a" + strings.Repeat(" b='1'", xmlscan.MaxAttributes+1) + "/>"
	crowded := "<a"
	for i := range xmlscan.MaxNamespaces / 2 {
		crowded += fmt.Sprintf(" xmlns:p%d='u'", i)
	}
	crowded = strings.Repeat(crowded+">", 3)
	for reason, inputs := range map[xmlscan.Reason][]string{
		xmlscan.Empty:    {"", " \n", "<!-- only -->"},
		xmlscan.Doctype:  {"<!DOCTYPE a><a/>", "<?xml version='1.0'?><!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", "<!doctype a><a/>"},
		xmlscan.Entity:   {"<a>&b;</a>", "<a b='&c;'/>", "<a>&nbsp;</a>"},
		xmlscan.Depth:    {deep},
		xmlscan.Encoding: {"\xff\xfe<\x00a\x00", "\xfe\xff\x00<", "<\x00a\x00", "<a>\xff</a>", "<?xml version='1.0' encoding='ISO-8859-1'?><a/>", "<a>\xed\xa0\x80</a>"},
		xmlscan.Namespace: {"<n:a/>", "<a n:b='1'/>", "<a xmlns:n=''/>", "<a xmlns:xml='u'/>", "<a xmlns:xmlns='u'/>", "<a:b:c xmlns:a='u'/>",
			"<:a/>", "<a xmlns='http://www.w3.org/2000/xmlns/'/>", "<xmlns:a/>", crowded, "<a xmlns:n='u'><b/></a><?n:p?>"},
		xmlscan.WellFormed: {"<a>", "<a></b>", "<a></ab>", "</a>", "<a/><b/>", "x<a/>", "<a/>x", "<a", "<a b/>", "<a b=1/>", "<a b='1'c='2'/>",
			"<a b='1' b='2'/>", "<a xmlns:n='u' xmlns:m='u' n:b='1' m:b='2'/>", "<a xmlns='u' xmlns='v'/>", "<a b='<'/>", "<a>]]></a>", "<a>&</a>",
			"<a>&#0;</a>", "<a>&#xD800;</a>", "<a>&#;</a>", "<a>\x01</a>", "<a>\uFFFE</a>", "<a><!-- -- --></a>", "<a><!-- ", "<a><![CDATA[</a>",
			"<![CDATA[x]]><a/>", "<a><?xml version='1.0'?></a>", "<?xml version='1.1'?><a/>", "<?xml encoding='UTF-8'?><a/>", "<?xml version='1.0'", "<a><1/></a>",
			"< a/>", "<a>&#99999999999;</a>", "<!ELEMENT a>", "<a / >", "<?p", "<??><a/>", wide, "<a b=\"1'/>", " <?xml version='1.0'?><a/>"},
	} {
		for _, in := range inputs {
			_, err := scan(in)
			var f *xmlscan.Fault
			if !errors.As(err, &f) {
				t.Errorf("%.60q is accepted", in)
				continue
			}
			if f.Reason != reason {
				t.Errorf("%.60q: reason %d (%s), want %d", in, f.Reason, f.Message, reason)
			}
		}
	}
}

func TestFaultNamesTheLine(t *testing.T) {
	_, err := scan("<a>\n<b>\n</c>\n</a>")
	var f *xmlscan.Fault
	if !errors.As(err, &f) || f.Line != 3 {
		t.Errorf("fault %v, want line 3", err)
	}
}
