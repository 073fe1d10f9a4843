package edge_test

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/fusionems/quantum/pkg/errs"
)

// field returns the first entry of errors.
func (a answer) field(t *testing.T) map[string]any {
	t.Helper()
	list, _ := a.json["errors"].([]any)
	if len(list) == 0 {
		t.Fatalf("no errors in %s", a.raw)
	}
	return list[0].(map[string]any)
}

func TestStrictJSON(t *testing.T) {
	w := newWorld(t)
	founder := w.token(nil, "founder")
	put := func(body string) answer {
		return w.do(request{
			method: "PUT", path: "/api/agencies/7/modules/qa", token: founder, body: strings.NewReader(body),
			header: map[string]string{"Content-Type": "application/json; charset=utf-8"},
		})
	}
	if a := put(`{"enabled":true}`); a.code != 200 || a.json["module"] != "qa" || a.json["enabled"] != true {
		t.Fatalf("%d %s", a.code, a.raw)
	}
	for name, tc := range map[string]struct {
		body, field, rule string
	}{
		"unknown field":   {`{"enabled":true,"agncy":"x-ray-77"}`, "agncy", "json.unknown_field"},
		"wrong type":      {`{"enabled":"x-ray-77"}`, "enabled", "json.type"},
		"twice":           {`{"enabled":true,"enabled":false}`, "enabled", "json.duplicate_field"},
		"broken":          {"{\n\"reason\": x-ray-77}", "body", "json.syntax"},
		"two documents":   {`{"enabled":true}{"x-ray-77":1}`, "body", "json.syntax"},
		"list":            {`["x-ray-77"]`, "body", "json.syntax"},
		"number for text": {`{"reason":77}`, "reason", "json.type"},
	} {
		t.Run(name, func(t *testing.T) {
			w.t = t
			a := put(tc.body)
			w.refused(a, 400, "INVALID_JSON")
			f := a.field(t)
			if f["field"] != tc.field || f["rule"] != tc.rule || f["message"] == "" {
				t.Fatalf("%s", a.raw)
			}
			if strings.Contains(a.raw, "x-ray-77") {
				t.Fatalf("the answer repeats a value: %s", a.raw)
			}
		})
	}
}

func TestBodies(t *testing.T) {
	w := newWorld(t, func(s *settings) { s.edge.MaxBody = 1000 })
	founder := w.token(nil, "founder")
	put := func(header map[string]string, body io.Reader) answer {
		return w.do(request{method: "PUT", path: "/api/agencies/7/modules/qa", token: founder, body: body, header: header})
	}
	json := map[string]string{"Content-Type": "application/json"}
	w.refused(put(map[string]string{"Content-Type": "text/plain"}, strings.NewReader("{}")), 415, "UNSUPPORTED_MEDIA_TYPE")
	w.refused(put(map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, strings.NewReader("enabled=true")), 415, "UNSUPPORTED_MEDIA_TYPE")
	w.refused(put(nil, strings.NewReader("{}")), 415, "UNSUPPORTED_MEDIA_TYPE")
	w.refused(put(map[string]string{"Content-Type": "application/json", "Content-Encoding": "gzip"}, strings.NewReader("{}")), 415, "UNSUPPORTED_CONTENT_ENCODING")
	long := `{"reason":"` + strings.Repeat("a", 2000) + `"}`
	w.refused(put(json, strings.NewReader(long)), 413, "BODY_TOO_LARGE")
	// Without a Content-Length the limit strikes while reading.
	w.refused(put(json, io.MultiReader(strings.NewReader(long))), 413, "BODY_TOO_LARGE")
	w.refused(w.do(request{path: "/api/me", token: founder, body: strings.NewReader("{}"), header: json}), 400, "BODY_UNEXPECTED")
	// An absent body is an empty message, which the service judges; these are the only ones that get that far.
	w.refused(put(nil, nil), 400, "REQUEST_INVALID")
	if w.services.calls != 0 {
		t.Fatalf("%d calls passed the rules of their fields", w.services.calls)
	}
	if a := put(json, strings.NewReader(`{"enabled":false}`)); a.code != 200 || w.services.calls != 1 {
		t.Fatalf("%d calls reached a service: %s", w.services.calls, a.raw)
	}
}

func TestStrictParameters(t *testing.T) {
	w := newWorld(t)
	reviewer := w.token(nil, "qa_reviewer")
	for name, tc := range map[string]struct {
		path, reason, field string
	}{
		"unknown":        {"/api/qa/cases?chartid=1", "UNKNOWN_PARAMETER", "chartid"},
		"proto name":     {"/api/qa/cases?page_size=1", "UNKNOWN_PARAMETER", "page_size"},
		"twice":          {"/api/qa/cases?pageSize=1&pageSize=2", "INVALID_PARAMETER", "pageSize"},
		"not a number":   {"/api/qa/cases?pageSize=many", "INVALID_PARAMETER", "pageSize"},
		"no such name":   {"/api/qa/cases?state=PERHAPS", "INVALID_PARAMETER", "state"},
		"no text":        {"/api/qa/cases?state=%00", "INVALID_PARAMETER", "state"},
		"not UTF-8":      {"/api/qa/cases?chartId=%ff", "INVALID_PARAMETER", "chartId"},
		"NUL":            {"/api/qa/cases?chartId=x%00", "INVALID_PARAMETER", "chartId"},
		"not UTF-8 path": {"/api/qa/cases/%ff", "INVALID_PARAMETER", "id"},
		"NUL in path":    {"/api/qa/cases/a%00", "INVALID_PARAMETER", "id"},
		"control in key": {"/api/qa/cases?a%00b=1", "UNKNOWN_PARAMETER", "?"},
	} {
		t.Run(name, func(t *testing.T) {
			w.t = t
			a := w.do(request{path: tc.path, token: reviewer})
			w.refused(a, 400, tc.reason)
			if f := a.field(t); f["field"] != tc.field {
				t.Fatal(a.raw)
			}
		})
	}
	w.t = t
	w.refused(w.do(request{path: "/api/qa/cases?%zz", token: reviewer}), 400, "INVALID_PARAMETER")
	a := w.do(request{path: "/api/agencies/seven/modules", token: w.token(nil, "founder")})
	w.refused(a, 400, "INVALID_PARAMETER")
	if f := a.field(t); f["field"] != "agencyId" || f["message"] != "must be a whole number" {
		t.Fatal(a.raw)
	}
	// What has the right type and breaks a rule of the field comes from the service.
	a = w.do(request{path: "/api/qa/cases?chartId=7", token: reviewer})
	w.refused(a, 400, "REQUEST_INVALID")
	if f := a.field(t); f["field"] != "chartId" || f["rule"] != "string.uuid" {
		t.Fatal(a.raw)
	}
	if a := w.do(request{path: "/api/qa/cases?pageSize=5&state=OPEN", token: reviewer}); a.code == 500 {
		t.Fatal(a.raw)
	}
}

func TestAnswersHaveTheirListsAndNoNulls(t *testing.T) {
	w := newWorld(t)
	a := w.do(request{path: "/api/qa/cases", token: w.token(nil, "qa_reviewer")})
	list, ok := a.json["cases"].([]any)
	if a.code != 200 || !ok || len(list) != 0 || a.json["nextPageToken"] != "" {
		t.Fatal(a.raw)
	}
	a = w.do(request{path: "/api/me", token: w.token(nil, "qa_reviewer")})
	if _, there := a.json["agency"]; there || strings.Contains(a.raw, "null") {
		t.Fatalf("an absent message shows: %s", a.raw)
	}
	if m, ok := a.json["modules"].([]any); !ok || len(m) != 0 {
		t.Fatal(a.raw)
	}
}

func TestDocument(t *testing.T) {
	w := newWorld(t)
	vendor := w.token(nil, "integration")
	post := func(contentType string, body io.Reader) answer {
		return w.do(request{method: "POST", path: "/api/clinical/charts", token: vendor, body: body, header: map[string]string{"Content-Type": contentType}})
	}
	doc := `<?xml version="1.0"?><EMSDataSet>ü</EMSDataSet>`
	for _, ct := range []string{"application/xml", "text/xml", "application/xml; charset=UTF-8"} {
		a := post(ct, strings.NewReader(doc))
		charts, _ := a.json["charts"].([]any)
		if a.code != 201 || len(charts) != 1 || a.header.Get("Content-Type") != "application/json" {
			t.Fatalf("%s: %d %s", ct, a.code, a.raw)
		}
		if d := w.services.document; string(d.GetData()) != doc || d.GetContentType() != "application/xml" {
			t.Fatalf("%s: the service got %q %q", ct, d.GetContentType(), d.GetData())
		}
	}
	if d := w.services.deadline; d <= callTime {
		t.Fatalf("a document has %s", d)
	}
	w.refused(post("application/json", strings.NewReader("{}")), 415, "UNSUPPORTED_MEDIA_TYPE")
	a := w.do(request{path: "/api/clinical/charts/x/nemsis", token: w.token(nil, "clinical_supervisor")})
	w.refused(a, 400, "REQUEST_INVALID")
	id := "0190b7c4-0000-7000-8000-000000000001"
	a = w.do(request{path: "/api/clinical/charts/" + id + "/nemsis", token: w.token(nil, "clinical_supervisor"), header: map[string]string{"Accept": "application/xml"}})
	if a.code != 200 || a.raw != "<EMSDataSet/>" || a.header.Get("Content-Type") != "application/xml" ||
		a.header.Get("Content-Disposition") != `attachment; filename="chart \"1\".xml"` {
		t.Fatalf("%d %s %s", a.code, a.header.Get("Content-Type"), a.raw)
	}
	for accept, want := range map[string]int{"text/csv": 200, "application/zip;q=0.5": 200, "*/*": 200, "application/json": 406, "text/csv;q=0": 406} {
		a := w.do(request{path: "/api/clinical/charts/" + id + "/nemsis", token: w.token(nil, "clinical_supervisor"), header: map[string]string{"Accept": accept}})
		if a.code != want || want == 406 && !strings.Contains(a.raw, "NOT_ACCEPTABLE") {
			t.Errorf("Accept: %s: %d %s", accept, a.code, a.raw)
		}
	}
}

func TestLargeDocument(t *testing.T) {
	w := newWorld(t)
	vendor := w.token(nil, "integration")
	post := func(size int, chunked bool) answer {
		var body io.Reader = bytes.NewReader(make([]byte, size))
		if chunked {
			body = io.MultiReader(body)
		}
		return w.do(request{method: "POST", path: "/api/clinical/charts", token: vendor, body: body, header: map[string]string{"Content-Type": "application/xml"}})
	}
	if a := post(20<<20, false); a.code != 201 || len(w.services.document.GetData()) != 20<<20 {
		t.Fatalf("exactly 20 MB: %d %s", a.code, a.raw)
	}
	w.refused(post(20<<20+1, false), 413, "DOCUMENT_TOO_LARGE")
	w.refused(post(20<<20+1, true), 413, "DOCUMENT_TOO_LARGE")
}

func TestRouting(t *testing.T) {
	w := newWorld(t)
	w.refused(w.do(request{path: "/api/nothing"}), 404, "ROUTE_UNKNOWN")
	w.refused(w.do(request{path: "/api/qa/cases/", token: w.token(nil, "qa_reviewer")}), 404, "ROUTE_UNKNOWN")
	w.refused(w.do(request{path: "/fleet.qa.v1.CaseService/ListCases", method: "POST"}), 404, "ROUTE_UNKNOWN")
	a := w.do(request{method: "DELETE", path: "/api/clinical/charts"})
	w.refused(a, 405, "METHOD_NOT_ALLOWED")
	if got := a.header.Get("Allow"); got != "GET, POST" {
		t.Fatalf("Allow: %q", got)
	}
	a = w.do(request{method: "GET", path: "/api/reports/templates/response-time:run"})
	w.refused(a, 405, "METHOD_NOT_ALLOWED")
	if got := a.header.Get("Allow"); got != "POST" {
		t.Fatalf("Allow: %q", got)
	}
	// A client does not choose another method than the one it sent.
	a = w.do(request{method: "POST", path: "/api/me", token: w.token(nil, "qa_reviewer"), header: map[string]string{"X-HTTP-Method-Override": "GET", "Content-Type": "application/x-www-form-urlencoded"}})
	w.refused(a, 405, "METHOD_NOT_ALLOWED")
	w.refused(w.do(request{path: "/api/me", token: w.token(nil, "qa_reviewer"), header: map[string]string{"Accept": "text/html"}}), 406, "NOT_ACCEPTABLE")
	for _, accept := range []string{"*/*", "application/json", "text/html, application/*;q=0.5", "application/problem+json, application/json"} {
		if a := w.do(request{path: "/api/me", token: w.token(nil, "qa_reviewer"), header: map[string]string{"Accept": accept}}); a.code != 200 {
			t.Errorf("Accept %s: %s", accept, a.raw)
		}
	}
}

func TestErrorsOfServices(t *testing.T) {
	w := newWorld(t)
	reviewer := w.token(nil, "qa_reviewer")
	const secret = "pq: relation qa.cases of patient Doe"
	for name, tc := range map[string]struct {
		answer func() error
		code   int
		reason string
	}{
		"not found":     {denied("CASE_NOT_FOUND"), 404, "CASE_NOT_FOUND"},
		"nobody's":      {func() error { return io.ErrUnexpectedEOF }, 500, "INTERNAL"},
		"internal":      {func() error { return errs.New(errs.Internal, "SECRET", secret) }, 500, "INTERNAL"},
		"foreign":       {func() error { return status.Error(codes.DataLoss, secret) }, 500, "INTERNAL"},
		"panic":         {func() error { panic(secret) }, 500, "INTERNAL"},
		"conflict":      {func() error { return errs.New(errs.Conflict, "CHANGED_MEANWHILE", "again") }, 409, "CHANGED_MEANWHILE"},
		"unavailable":   {func() error { return errs.New(errs.Unavailable, "AUDIT_UNAVAILABLE", "again") }, 503, "AUDIT_UNAVAILABLE"},
		"too many":      {func() error { return errs.New(errs.Exhausted, "QUOTA", "less") }, 429, "QUOTA"},
		"unbelieved":    {func() error { return errs.New(errs.Unauthenticated, "PRINCIPAL_INVALID", secret) }, 500, "INTERNAL"},
		"forbidden too": {func() error { return errs.New(errs.Denied, "PEER_REVIEW_PRIVILEGED", "no") }, 403, "PEER_REVIEW_PRIVILEGED"},
	} {
		t.Run(name, func(t *testing.T) {
			w.t = t
			w.set(func(s *services) { s.answer = tc.answer })
			a := w.do(request{path: "/api/me", token: reviewer})
			w.refused(a, tc.code, tc.reason)
			if strings.Contains(a.raw, "Doe") {
				t.Fatalf("internal text: %s", a.raw)
			}
		})
	}
}

func TestServiceAway(t *testing.T) {
	w := newWorld(t, func(s *settings) { s.away = "qa" })
	a := w.do(request{path: "/api/qa/cases", token: w.token(nil, "qa_reviewer")})
	w.refused(a, 503, "SERVICE_UNAVAILABLE")
	if a.header.Get("Retry-After") == "" {
		t.Fatal("no Retry-After")
	}
	if a := w.do(request{path: "/api/me", token: w.token(nil, "qa_reviewer")}); a.code != 200 {
		t.Fatalf("another service: %s", a.raw)
	}
}

func TestSlowService(t *testing.T) {
	w := newWorld(t, func(s *settings) { s.edge.Timeout = time.Second })
	over := make(chan struct{})
	t.Cleanup(func() { close(over) })
	w.set(func(s *services) { s.answer = func() error { <-over; return nil } })
	w.refused(w.do(request{path: "/api/me", token: w.token(nil, "qa_reviewer")}), 504, "DEADLINE_EXCEEDED")
}

func TestHeadersOfProblems(t *testing.T) {
	w := newWorld(t)
	a := w.do(request{path: "/api/me", header: map[string]string{"Authorization": "Basic dXNlcjpwYXNz"}})
	w.refused(a, 401, "TOKEN_MISSING")
	if a.header.Get("WWW-Authenticate") != `Bearer realm="fusionems"` || a.header.Get("Cache-Control") != "no-store" {
		t.Fatal(a.header)
	}
	if a := w.do(request{path: "/api/me", header: map[string]string{"Authorization": "bearer " + w.token(nil, "qa_reviewer")}}); a.code != 200 {
		t.Fatalf("the scheme's case does not matter: %s", a.raw)
	}
}

// TestTwoAuthorizationHeaders: a proxy and the gateway must not read different tokens.
func TestTwoAuthorizationHeaders(t *testing.T) {
	w := newWorld(t)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.server.URL+"/api/me", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header["Authorization"] = []string{"Bearer " + w.token(nil, "qa_reviewer"), "Bearer " + w.token(nil, "founder")}
	resp, err := w.server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 401 || !slices.Contains(resp.Header.Values("WWW-Authenticate"), `Bearer realm="fusionems"`) {
		t.Fatal(resp.StatusCode)
	}
}
