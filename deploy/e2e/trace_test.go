//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/fusionems/quantum/deploy/local"
	"github.com/fusionems/quantum/deploy/local/demo"
)

const (
	importRoute = "POST /api/clinical/charts"
	importRPC   = "fleet.clinical.v1.ChartService/ImportCharts"
	// strange is the trace of a client, who has no say in what the fleet records.
	strange = "0af7651916cd43dd8448eb211c80319c"
)

// tracedFleet is a fleet of its own whose traces go to a collector of this process.
type tracedFleet struct {
	fleet     *local.Fleet
	collector *collector
	client    *http.Client
	tokens    map[int64]string // of the integration clients, by agency
	agencies  []int64
	subjects  []string // who calls
}

func startTraced(t *testing.T) *tracedFleet {
	t.Helper()
	dir, err := os.MkdirTemp("", "fleet-trace-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = local.RemoveData(dir) })
	bin, err := filepath.Abs("../../.run/bin")
	if err != nil {
		t.Fatal(err)
	}
	f := &tracedFleet{collector: startCollector(t), tokens: map[int64]string{}}
	// Spans are sent at once, and not after the five seconds that spare a collector.
	extra := map[string][]string{}
	for _, name := range fleetProcesses() {
		extra[name] = []string{"OTEL_BSP_SCHEDULE_DELAY=100"}
	}
	f.fleet, err = local.Start(t.Context(), local.Options{
		Dir: dir, Bin: bin, Out: os.Stderr, NoCharts: true, Extra: extra,
		Getenv: func(key string) string { return map[string]string{"OTLP_ENDPOINT": f.collector.url}[key] },
	})
	if err != nil {
		showLogs(dir)
		t.Fatal(err)
	}
	t.Cleanup(f.fleet.Stop)
	f.signIn(t)
	return f
}

// fleetProcesses are those with metrics and traces.
func fleetProcesses() []string {
	return []string{"gateway", "audit", "agency", "clinical", "qa", "billing", "reporting", "compliance"}
}

func (f *tracedFleet) signIn(t *testing.T) {
	t.Helper()
	env := f.fleet.Env()
	edge, err := demo.NewEdge(env["GATEWAY_URL"], env["OIDC_ISSUER"], env["CA_FILE"])
	if err != nil {
		t.Fatal(err)
	}
	var list []client
	if err := json.Unmarshal([]byte(env["DEMO_CLIENTS"]), &list); err != nil {
		t.Fatal(err)
	}
	for _, c := range list {
		token, err := edge.ClientToken(t.Context(), c.ID, c.Secret)
		if err != nil {
			t.Fatal(err)
		}
		f.tokens[c.Agency] = token.AccessToken
		f.agencies, f.subjects = append(f.agencies, c.Agency), append(f.subjects, c.ID)
	}
	pem, err := os.ReadFile(env["CA_FILE"])
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	f.client = &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}}
}

// post sends a document and returns the status, the id of its chart and the id of the request.
func (f *tracedFleet) post(t *testing.T, agency int64, doc []byte) (status int, chart, request string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, f.fleet.Env()["GATEWAY_URL"]+"/api/clinical/charts", bytes.NewReader(doc))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+f.tokens[agency])
	req.Header.Set("Content-Type", "application/xml")
	req.Header.Set("Traceparent", "00-"+strange+"-b7ad6b7169203331-01")
	res, err := f.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Charts []struct {
			ID string `json:"id"`
		} `json:"charts"`
	}
	if res.StatusCode == http.StatusCreated {
		if err := json.Unmarshal(body, &got); err != nil || len(got.Charts) != 1 {
			t.Fatalf("%v in %s", err, body)
		}
		chart = got.Charts[0].ID
	}
	return res.StatusCode, chart, res.Header.Get("X-Request-Id")
}

// root waits for the span of a request.
func (c *collector) root(ctx context.Context, request string) (*span, error) {
	for {
		for _, s := range c.all() {
			if s.service == "gateway" && s.attrs["fleet.request_id"] == request {
				return s, nil
			}
		}
		select {
		case <-ctx.Done():
			return nil, errors.New("the gateway sent no span of the request")
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func TestOneChartIsOneTrace(t *testing.T) {
	f := startTraced(t)
	var values, charts []string
	seen := map[string]bool{}
	for i, agency := range f.agencies {
		doc := marked(t, caseDocument(t, i), i)
		values = append(values, protectedValues(doc)...)
		status, chart, request := f.post(t, agency, doc)
		if status != http.StatusCreated {
			t.Fatalf("import: %d", status)
		}
		charts = append(charts, chart)
		root := f.wholeTrace(t, request)
		if seen[root.trace] || root.trace == strange {
			t.Errorf("the trace %s is not the request's own", root.trace)
		}
		seen[root.trace] = true
		if got := root.attrs["fleet.agency_id"]; got != fmt.Sprintf("int_value:%d", agency) {
			t.Errorf("the request is of agency %s, want %d", got, agency)
		}
	}
	// What a refusal says must not tell either what was refused.
	bad := replaceValue(t, marked(t, caseDocument(t, 0), 7), "ePatient.17", "Quillfeather-born")
	values = append(values, protectedValues(bad)...)
	status, _, request := f.post(t, f.agencies[0], bad)
	if status != http.StatusBadRequest {
		t.Fatalf("a wrong date of birth: %d", status)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	if _, err := f.collector.root(ctx, request); err != nil {
		t.Fatal(err)
	}
	f.fleet.Stop() // which sends what is left
	f.holdNothingProtected(t, values, charts)
	f.areNamedRight(t)
}

// caseDocument is an unseen chart that quality review takes up.
func caseDocument(t *testing.T, agency int) []byte {
	t.Helper()
	for _, d := range unseen(t) {
		if d.AgencyIndex == agency && d.Scenario == "arrest-rosc" {
			return d.XML
		}
	}
	t.Fatal("no chart with a case for the agency")
	return nil
}

// wholeTrace waits until everything that a chart sets off is in its trace.
func (f *tracedFleet) wholeTrace(t *testing.T, request string) *span {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	root, err := f.collector.root(ctx, request)
	if err != nil {
		t.Fatal(err)
	}
	for {
		tr := f.collector.trace(root.trace)
		err := chartJourney(tr, root)
		if orphans := tr.orphans(); err == nil && len(orphans) > 0 {
			err = fmt.Errorf("%d spans without their parent, first %v", len(orphans), orphans[0])
		}
		if err == nil {
			return root
		}
		select {
		case <-ctx.Done():
			t.Fatalf("the trace of the import: %v\n%s", err, draw(tr, root, 0))
		case <-time.After(100 * time.Millisecond):
		}
	}
}

const (
	server   = tracepb.Span_SPAN_KIND_SERVER
	calling  = tracepb.Span_SPAN_KIND_CLIENT
	producer = tracepb.Span_SPAN_KIND_PRODUCER
	consumer = tracepb.Span_SPAN_KIND_CONSUMER
)

// hop is one step of the journey: a span below another.
type hop struct {
	service string
	kind    tracepb.Span_SpanKind
	name    string
	sql     bool // it works on the database
	next    []hop
}

func publish(service, subject string, next ...hop) hop {
	return hop{service: service, kind: producer, name: "publish " + subject, next: next}
}

func process(service, subject string, next ...hop) hop {
	return hop{service: service, kind: consumer, name: "process " + subject, sql: true, next: next}
}

// recorded is the way of an audit record.
func recorded(service string) hop {
	return publish(service, "audit.record.v1", process("audit", "audit.record.v1"))
}

func chartJourney(tr tree, root *span) error {
	if root.name != importRoute || root.kind != server || root.parent != "" {
		return fmt.Errorf("the root is %v below %q", root, root.parent)
	}
	facts := "fleet.clinical.v1.ChartFactsService/GetChartFacts"
	return follow(tr, root, []hop{{
		service: "gateway", kind: calling, name: importRPC, next: []hop{{
			service: "clinical", kind: server, name: importRPC, sql: true, next: []hop{
				recorded("clinical"),
				publish("clinical", "clinical.chart.imported.v1", process("qa", "clinical.chart.imported.v1",
					hop{service: "qa", kind: calling, name: facts, next: []hop{{service: "clinical", kind: server, name: facts, sql: true}}},
					publish("qa", "qa.case.opened.v1", process("clinical", "qa.case.opened.v1")))),
				publish("clinical", "clinical.claim_snapshot.ready.v1", process("billing", "clinical.claim_snapshot.ready.v1",
					publish("billing", "billing.claim.drafted.v1"))),
				publish("clinical", "clinical.report_facts.ready.v1", process("reporting", "clinical.report_facts.ready.v1")),
			},
		}},
	}})
}

func follow(tr tree, parent *span, hops []hop) error {
	for _, h := range hops {
		found := tr.children(parent, h.service, h.kind, h.name)
		if len(found) != 1 {
			return fmt.Errorf("%d spans %s %s %q below %v, want one", len(found), h.service, h.kind, h.name, parent)
		}
		if h.sql && len(tr.sql(found[0])) == 0 {
			return fmt.Errorf("no statement below %v", found[0])
		}
		if err := follow(tr, found[0], h.next); err != nil {
			return err
		}
	}
	return nil
}

// draw shows a trace to whoever has to find out what is missing.
func draw(tr tree, s *span, depth int) string {
	out := fmt.Sprintf("%s%v\n", strings.Repeat("  ", depth), s)
	for _, c := range tr {
		if c.parent == s.id {
			out += draw(tr, c, depth+1)
		}
	}
	return out
}

// holdNothingProtected looks through all spans of the fleet's life for values of the documents and of SQL arguments.
func (f *tracedFleet) holdNothingProtected(t *testing.T, values, charts []string) {
	t.Helper()
	arguments := append(slices.Clone(charts), f.subjects...)
	statements := 0
	for _, s := range f.collector.all() {
		if v := leak(s.text, values); v != "" {
			t.Errorf("%v holds %q", s, v)
		}
		if v := leak(s.text, charts); v != "" {
			t.Errorf("%v holds the id of a chart", s)
		}
		if s.attrs["db.system.name"] == "" {
			continue
		}
		statements++
		if v := leak(s.text, arguments); v != "" {
			t.Errorf("%v holds the argument %q: %s", s, v, s.attrs["db.query.text"])
		}
		for key := range s.attrs {
			if strings.Contains(key, "parameter") || !strings.HasPrefix(key, "db.") {
				t.Errorf("%v has the attribute %s", s, key)
			}
		}
	}
	if statements == 0 {
		t.Error("no statement was traced")
	}
}

// areNamedRight checks what each span says about who made it.
func (f *tracedFleet) areNamedRight(t *testing.T) {
	t.Helper()
	heard := map[string]bool{}
	for _, s := range f.collector.all() {
		heard[s.service] = true
		if !strings.Contains(s.text, "service.namespace=fusionems") {
			t.Errorf("%v names no namespace", s)
		}
		if strings.Contains(s.name, "grpc.health") {
			t.Errorf("%v: probes are not traced", s)
		}
		if ns := s.attrs["db.namespace"]; ns != "" && ns != s.service {
			t.Errorf("%v works on the schema %s", s, ns)
		}
	}
	for name := range heard {
		if !slices.Contains(fleetProcesses(), name) {
			t.Errorf("service.name %q is none of the fleet", name)
		}
	}
	for _, name := range []string{"gateway", "audit", "agency", "clinical", "qa", "billing", "reporting"} {
		if !heard[name] {
			t.Errorf("%s sent no span", name)
		}
	}
}
