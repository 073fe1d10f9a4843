package docs_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/fusionems/quantum/gateway/internal/docs"
	"github.com/fusionems/quantum/proto/gen/openapi"
)

func TestPage(t *testing.T) {
	h, err := docs.New(openapi.JSON)
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	h.Page(w, nil)
	page := w.Body.String()
	for _, want := range []string{"/api/clinical/charts/{id}/nemsis", `id="Problem"`, "ChartService", "application/xml"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	for _, bad := range []string{"<script", `href="http`, "src=", "url(", " style=", "<img", "ZgotmplZ"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page has %s", bad)
		}
	}
	style := regexp.MustCompile(`(?s)<style>(.*)</style>`).FindStringSubmatch(page)[1]
	sum := sha256.Sum256([]byte(style))
	if csp := w.Header().Get("Content-Security-Policy"); !strings.Contains(csp, base64.StdEncoding.EncodeToString(sum[:])) {
		t.Errorf("the policy %q does not allow the style of the page", csp)
	}
	for _, m := range regexp.MustCompile(`href="#([^"]+)"`).FindAllStringSubmatch(page, -1) {
		if !strings.Contains(page, `id="`+m[1]+`"`) {
			t.Errorf("a link leads to #%s, which is nowhere", m[1])
		}
	}
}

func TestOpenAPI(t *testing.T) {
	h, err := docs.New(openapi.JSON)
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	h.OpenAPI(w, nil)
	var doc struct{ OpenAPI string }
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil || !strings.HasPrefix(doc.OpenAPI, "3.") {
		t.Fatalf("%q, %v", doc.OpenAPI, err)
	}
	if _, err := docs.New([]byte("{")); err == nil {
		t.Fatal("half a document was taken")
	}
}
