package c14n_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/fusionems/quantum/services/clinical/internal/nemsis/c14n"
)

func canonical(t *testing.T, src string) string {
	t.Helper()
	var b bytes.Buffer
	if err := c14n.Transform(&b, src); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTransform(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"declaration, comments, empty elements": {"<?xml version=\"1.0\"?>\r\n<!-- x --><a><b/><!-- y --></a>\n", "<a><b></b></a>"},
		"attribute order and quotes":            {`<a z='1' b='"' xmlns:n="u" n:a="2"/>`, `<a xmlns:n="u" b="&quot;" z="1" n:a="2"></a>`},
		"namespaces said twice":                 {`<a xmlns="u"><b xmlns="u"><c xmlns=""/></b></a>`, `<a xmlns="u"><b><c xmlns=""></c></b></a>`},
		"text":                                  {"<a>&lt;&amp;&gt;\"<![CDATA[<x>]]>&#13;\r\n</a>", "<a>&lt;&amp;&gt;\"&lt;x&gt;&#xD;\n</a>"},
		"white space in attributes":             {"<a b='x\ty&#10;&#9;&#13;'/>", `<a b="x y&#xA;&#x9;&#xD;"></a>`},
		"instructions around the root":          {"<?p  q ?><a><?r?></a><?s t?>", "<?p q ?>\n<a><?r?></a>\n<?s t?>"},
	} {
		if got := canonical(t, c.in); got != c.want {
			t.Errorf("%s:\n got %q\nwant %q", name, got, c.want)
		}
	}
}

func TestEqual(t *testing.T) {
	same, err := c14n.Equal(`<a b="1" c="2"><d/></a>`, "<a  c='2' b='1' ><d></d></a >")
	if err != nil || !same {
		t.Errorf("equal documents: %v, %v", same, err)
	}
	same, err = c14n.Equal(`<a b="1"/>`, `<a b="2"/>`)
	if err != nil || same {
		t.Errorf("different documents: %v, %v", same, err)
	}
	if _, err = c14n.Equal(`<a>`, `<a/>`); err == nil {
		t.Error("a document cut off has a canonical form")
	}
}

// TestSameAsXmllint compares with an independent implementation.
func TestSameAsXmllint(t *testing.T) {
	xmllint, err := exec.LookPath("xmllint")
	if err != nil {
		t.Skip("xmllint is not installed")
	}
	files, err := filepath.Glob("../../../../../../shared/data/nemsis/*/*/*.xml")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("no published NEMSIS files beside the repository")
	}
	for _, f := range files {
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		// xmllint keeps comments, which the form without comments leaves out.
		stripped := withoutComments(string(src))
		path := filepath.Join(t.TempDir(), "in.xml")
		if err := os.WriteFile(path, []byte(stripped), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, form := range []string{"--c14n", "--c14n11"} {
			want, err := exec.Command(xmllint, form, path).Output()
			if err != nil {
				t.Fatalf("%s: %v", f, err)
			}
			if got := canonical(t, string(src)); got != string(bytes.TrimSuffix(want, []byte("\n"))) {
				t.Errorf("%s: canonical form differs from %s of xmllint", filepath.Base(f), form)
			}
		}
	}
}

func withoutComments(s string) string {
	var b []byte
	for {
		i := bytes.Index([]byte(s), []byte("<!--"))
		if i < 0 {
			return string(append(b, s...))
		}
		b = append(b, s[:i]...)
		s = s[i+bytes.Index([]byte(s[i:]), []byte("-->"))+3:]
	}
}
