package codec_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/fusionems/quantum/gateway/internal/codec"
	"github.com/fusionems/quantum/gateway/internal/route"
	"github.com/fusionems/quantum/pkg/authz"
	agencyv1 "github.com/fusionems/quantum/proto/gen/go/fleet/agency/v1"

	_ "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
	_ "github.com/fusionems/quantum/proto/gen/go/fleet/clinical/v1"
	_ "github.com/fusionems/quantum/proto/gen/go/fleet/qa/v1"
	_ "github.com/fusionems/quantum/proto/gen/go/fleet/reporting/v1"
)

func routes(t testing.TB) []*route.Route {
	t.Helper()
	rules, err := authz.Load()
	if err != nil {
		t.Fatal(err)
	}
	table, err := route.Load(rules)
	if err != nil {
		t.Fatal(err)
	}
	return table.All()
}

// FuzzDecodeRequest feeds bodies, query strings and path values to the decoders of every route: none may panic, and whatever
// is refused is refused with a problem that does not repeat the input.
func FuzzDecodeRequest(f *testing.F) {
	all := routes(f)
	for i, seed := range []string{
		`{"enabled":true,"reason":"x"}`, `{"agency":{"name":"A","timeZone":"America/Chicago"}}`, `{"from":"2026-01-01T00:00:00Z","to":"x"}`,
		`{"document":{"a":[1,{"b":null}]}}`, `{"a":{"a":{"a":{}}}}`, "\xff\xfe", `{"enabled":1e400}`, `{"crewIds":["1","1"]}`, `{`, ``, "[]", `"x"`,
	} {
		f.Add(uint8(i), []byte(seed), "pageSize=1&state=OPEN&from=2026-01-01T00:00:00Z", "1")
	}
	f.Add(uint8(0), []byte("<a/>"), "a[b]=c&a.b.c=d&%00=1", "-1")
	f.Fuzz(func(t *testing.T, n uint8, body []byte, query, param string) {
		r := all[int(n)%len(all)]
		const mark = "zzsecretzz"
		for _, xml := range []bool{false, true} {
			msg := r.NewInput()
			b := codec.NewBody(httptest.NewRecorder(), io.NopCloser(bytes.NewReader(body)), 1<<16)
			err := codec.New(xml).NewDecoder(b).Decode(msg)
			p := b.Problem()
			if (err == nil) != (p == nil) {
				t.Fatalf("error %v, problem %v", err, p)
			}
			if p != nil && (p.Status < 400 || p.Status >= 500 || p.Reason == "") {
				t.Fatalf("%+v", p)
			}
			if p != nil && strings.Contains(p.Detail, mark) {
				t.Fatalf("the problem repeats the input: %+v", p)
			}
			if err == nil {
				if _, err := codec.New(false).Marshal(msg); err != nil && proto.Size(msg) < 1<<16 {
					t.Fatalf("what was decoded does not encode: %v", err)
				}
			}
		}
		if p := codec.CheckQuery(r, query); p != nil && (p.Status != 400 || p.Reason == "") {
			t.Fatalf("%+v", p)
		}
		for name := range r.Path {
			if p := codec.CheckPath(r, map[string]string{name: param}); p != nil && (p.Status < 400 || p.Status >= 500) {
				t.Fatalf("%+v", p)
			}
		}
	})
}

// TestProblemsNeverRepeatValues puts a mark into values at every place that the decoder's own messages would quote.
func TestProblemsNeverRepeatValues(t *testing.T) {
	const mark = "zz-secret-zz"
	for _, r := range routes(t) {
		if r.Body != route.JSON {
			continue
		}
		for _, body := range []string{
			`{"from":"` + mark + `"}`, `{"enabled":"` + mark + `"}`, `{"agency":"` + mark + `"}`, `{"crewIds":"` + mark + `"}`, `"` + mark + `"`,
			`{"reason":` + mark + `}`, `{"document":` + mark, `{"` + strings.Repeat(mark, 20) + `":1}`,
		} {
			b := codec.NewBody(httptest.NewRecorder(), io.NopCloser(strings.NewReader(body)), 1<<16)
			if err := codec.New(false).NewDecoder(b).Decode(r.NewInput()); err == nil {
				continue
			}
			p := b.Problem()
			text := p.Detail
			for _, f := range p.Fields {
				text += f.Field + f.Message + f.Rule
			}
			if strings.Contains(text, mark) {
				t.Errorf("%s with %s: %s", r.Method, body, text)
			}
		}
		v := url.Values{"x-" + strings.Repeat("a", 100): {mark}}
		if p := codec.CheckQuery(r, v.Encode()); p == nil || p.Fields[0].Field != "?" {
			t.Errorf("%s: %+v", r.Method, p)
		}
	}
}

// TestProblemsNameTheMember is for values that do not fit a message: the decoder says where they are, not whose.
func TestProblemsNameTheMember(t *testing.T) {
	for body, want := range map[string]string{
		`{"agency":"Städte"}`:                          "agency must be an object, line 1",
		"{\n \"requestId\": \"é\",\n \"agency\" :\t7}": "agency must be an object, line 3",
		`{"agency":{"createTime":"yesterday"}}`:        "body is not valid from here on, line 1",
		`{"agency":[]}`:                                "agency must be an object, line 1",
		`[]`:                                           "body is not valid from here on, line 1",
	} {
		b := codec.NewBody(httptest.NewRecorder(), io.NopCloser(strings.NewReader(body)), 1<<16)
		if err := codec.New(false).NewDecoder(b).Decode(&agencyv1.CreateAgencyRequest{}); err == nil {
			t.Errorf("%s: taken in", body)
			continue
		}
		f := b.Problem().Fields[0]
		if got := fmt.Sprintf("%s %s, line %d", f.Field, f.Message, f.Line); got != want {
			t.Errorf("%s: %s, want %s", body, got, want)
		}
	}
	at := `{"createTime":"yesterday"}`
	b := codec.NewBody(httptest.NewRecorder(), io.NopCloser(strings.NewReader(at)), 1<<16)
	_ = codec.New(false).NewDecoder(b).Decode(&agencyv1.Agency{})
	if f := b.Problem().Fields[0]; f.Field != "createTime" || !strings.Contains(f.Message, "2026-01-31T12:00:00Z") {
		t.Errorf("%s: %+v", at, f)
	}
}
