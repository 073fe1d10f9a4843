//go:build e2e

package e2e

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	grpccodes "google.golang.org/grpc/codes"

	"github.com/fusionems/quantum/deploy/local"
	clinicalv1 "github.com/fusionems/quantum/proto/gen/go/fleet/clinical/v1"
)

// visitEveryone makes each service answer and consume something, with protected data in it, for both agencies.
func visitEveryone(t *testing.T) {
	t.Helper()
	for i, agency := range agencies(t) {
		doc := marked(t, caseDocument(t, i), 100+i)
		c := importOne(t, agency, doc)
		eventually(t, "case", func() bool {
			var list struct {
				Cases []any `json:"cases"`
			}
			decode(t, as(t, "qa_reviewer", agency).get(t, "/api/qa/cases?chartId="+c.GetId()).want(t, 200).body, &list)
			return len(list.Cases) > 0
		})
		as(t, "billing_staff", agency).get(t, "/api/billing/claims?chartId="+c.GetId()).want(t, 200)
		as(t, "agency_administrator", agency).send(t, "POST", "/api/reports/templates/response-time:run", lastMonth()).want(t, 200)
		as(t, "compliance_officer", agency).get(t, "/api/audit/events").want(t, 200)
		as(t, "clinical_supervisor", agency).get(t, "/api/clinical/charts/"+c.GetId()).want(t, 200).into(t, &clinicalv1.Chart{})
		// Refusals of all kinds are where a text would quote what it refuses.
		bad := replaceValue(t, marked(t, caseDocument(t, i), 200+i), "ePatient.17", "Quillfeather-born")
		asIntegration(t, agency).importXML(t, bad).refused(t, 400)
		asIntegration(t, agency).importXML(t, bytes.ReplaceAll(doc, []byte("</ePatient.02>"), nil)).refused(t, 400)
		asIntegration(t, agencies(t)[1-i]).importXML(t, doc).refused(t, 403)
		caller{}.do(t, "POST", "/api/clinical/charts", "application/xml", doc).refused(t, 401)
	}
	founder(t).get(t, "/api/agencies").want(t, 200)
	founder(t).with("X-Agency-Id", fmt.Sprint(agencies(t)[0])).get(t, "/api/dea/metadata")
}

// scrape reads the metrics of a process as Prometheus does.
func scrape(t *testing.T, name string) map[string]*dto.MetricFamily {
	t.Helper()
	state, err := local.ReadState(fleet.Dir())
	if err != nil {
		t.Fatal(err)
	}
	pool, err := trusting(fleet.AuthorityFile(name))
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS13}, DisableKeepAlives: true,
	}}
	res, err := client.Get(fmt.Sprintf("https://127.0.0.1:%d/metrics", state.Ports[name+"-admin"]))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d, %v", name, res.StatusCode, err)
	}
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(body))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return families
}

// series are rate, errors and duration of what a process does: the histogram of its answers, whose count by code is both rate
// and errors, and what it publishes and consumes.
func series(name string) []string {
	if name == "gateway" {
		return []string{"gateway_request_duration_seconds", "gateway_limiter_open_total", "gateway_limiter_closed_total"}
	}
	out := []string{
		"fleet_rpc_duration_seconds", "fleet_outbox_published_total", "fleet_outbox_publish_failures_total", "fleet_outbox_pending",
		"fleet_outbox_oldest_seconds", "fleet_db_connections", "fleet_db_connections_in_use", "fleet_db_connections_max",
	}
	if name != "agency" {
		out = append(out, "fleet_inbox_applied_total", "fleet_inbox_retries_total", "fleet_inbox_transaction_seconds")
	}
	return out
}

// labels are all that a metric of ours may be told apart by, and what their values look like. The set of each is finite: it
// comes from the code and the contract, never from a request.
func labels(t *testing.T) map[string]func(string) bool {
	t.Helper()
	endpoints := map[string]bool{"unmatched": true}
	methods := map[string]bool{}
	for name, r := range routes(t) {
		methods["/"+strings.TrimPrefix(name, "/")] = true
		endpoints[template(r.path)] = true
	}
	form := func(pattern string) func(string) bool { return regexp.MustCompile("^(?:" + pattern + ")$").MatchString }
	var known []string
	for c := grpccodes.OK; c <= grpccodes.Unauthenticated; c++ {
		known = append(known, c.String())
	}
	return map[string]func(string) bool{
		"route":      func(v string) bool { return endpoints[template(v)] },
		"status":     form("[1-5][0-9][0-9]"),
		"code":       func(v string) bool { return slices.Contains(known, v) },
		"event_type": form(`fleet\.[a-z]+\.v1\.[A-Za-z]+`),
		"reason":     form(`[A-Z][A-Z_]+`),
		"method":     func(v string) bool { return methods[v] || form("GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|OTHER|any")(v) },
		"version":    form(`go1\.[0-9.]+`),
		"quantile":   form(`[0-9.]+`),
	}
}

// template is a route with its variables made equal: the gateway and the contract write them differently.
func template(path string) string {
	return regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(path, "{}")
}

func TestMetricsOfEveryProcess(t *testing.T) {
	visitEveryone(t)
	allowed := labels(t)
	for _, name := range fleetProcesses() {
		families := scrape(t, name)
		for _, want := range series(name) {
			if len(families[want].GetMetric()) == 0 {
				t.Errorf("%s has no %s", name, want)
			}
		}
		for family, f := range families {
			if f.GetHelp() == "" {
				t.Errorf("%s: %s says not what it is", name, family)
			}
			for _, m := range f.GetMetric() {
				for _, l := range m.GetLabel() {
					valid, ok := allowed[l.GetName()]
					if !ok || !valid(l.GetValue()) {
						t.Errorf("%s: %s has the label %s=%q", name, family, l.GetName(), l.GetValue())
					}
				}
			}
		}
	}
	for name, event := range map[string]string{
		"qa": "fleet.clinical.v1.ChartImported", "billing": "fleet.clinical.v1.ClaimSnapshotReady", "reporting": "fleet.clinical.v1.ReportFactsReady",
		"clinical": "fleet.qa.v1.CaseOpened", "audit": "fleet.audit.v1.Recorded",
	} {
		if n := applied(scrape(t, name), event); n < 2 {
			t.Errorf("%s counts %v of %s, want one of each agency at least", name, n, event)
		}
	}
}

func applied(families map[string]*dto.MetricFamily, event string) float64 {
	for _, m := range families["fleet_inbox_applied_total"].GetMetric() {
		if m.GetLabel()[0].GetValue() == event {
			return m.GetCounter().GetValue()
		}
	}
	return 0
}

// accessFields are the fields of a request record: those of the master plan first, each in every record, then those that the
// gateway adds.
var accessFields = struct{ always, sometimes []string }{
	always:    []string{"timestamp", "identity", "role", "agency_id", "endpoint", "method", "outcome", "response_time_ms", "status", "request_id"},
	sometimes: []string{"reason", "actor", "scope", "rpc", "cross_agency", "address", "trace_id"},
}

// notOurs are logs of programs whose lines have a form of their own; they are looked through for protected values only.
var notOurs = []string{"postgres"}

func TestLogsAreJSONAndTellNothing(t *testing.T) {
	visitEveryone(t)
	values := sent.all()
	if len(values) < 20 {
		t.Fatalf("only %d protected values were posted", len(values))
	}
	time.Sleep(500 * time.Millisecond) // the access log is written a few times a second
	files, err := filepath.Glob(filepath.Join(fleet.Dir(), "logs", "*.log"))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".log")
		raw := read(t, file)
		if v := leak(string(raw), values); v != "" {
			t.Errorf("%s.log holds %q", name, v)
		}
		if slices.Contains(notOurs, name) {
			continue
		}
		// What comes after the last end of a line is being written.
		lines := bufio.NewScanner(bytes.NewReader(raw[:bytes.LastIndexByte(raw, '\n')+1]))
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			seen[name]++
			if err := checkLine(name, lines.Bytes()); err != nil {
				t.Errorf("%s.log: %v in %s", name, err, lines.Bytes())
			}
		}
		if err := lines.Err(); err != nil {
			t.Errorf("%s.log: %v", name, err)
		}
	}
	for _, name := range append(fleetProcesses(), "access", "nats") {
		if seen[name] == 0 {
			t.Errorf("%s.log has no line", name)
		}
	}
}

func checkLine(name string, line []byte) error {
	var fields map[string]any
	if err := json.Unmarshal(line, &fields); err != nil {
		return err
	}
	if name == "access" {
		return checkRecord(fields)
	}
	stamp, _ := fields["time"].(string)
	if _, err := time.Parse(time.RFC3339Nano, stamp); err != nil {
		return err
	}
	if level, _ := fields["level"].(string); !slices.Contains([]string{"DEBUG", "INFO", "WARN", "ERROR"}, level) {
		return fmt.Errorf("level %q", level)
	}
	if msg, _ := fields["msg"].(string); msg == "" {
		return fmt.Errorf("no msg")
	}
	if fields["service"] != name {
		return fmt.Errorf("service %v", fields["service"])
	}
	return nil
}

func checkRecord(fields map[string]any) error {
	for _, f := range accessFields.always {
		if _, ok := fields[f]; !ok {
			return fmt.Errorf("no %s", f)
		}
	}
	for _, f := range slices.Sorted(maps.Keys(fields)) {
		if !slices.Contains(accessFields.always, f) && !slices.Contains(accessFields.sometimes, f) {
			return fmt.Errorf("the field %s is new", f)
		}
	}
	if _, err := time.Parse(time.RFC3339Nano, fields["timestamp"].(string)); err != nil {
		return err
	}
	if _, ok := fields["response_time_ms"].(float64); !ok {
		return fmt.Errorf("response_time_ms is no number")
	}
	if outcome := fields["outcome"]; outcome != "success" && outcome != "denied" && outcome != "error" {
		return fmt.Errorf("outcome %v", outcome)
	}
	if endpoint, _ := fields["endpoint"].(string); strings.ContainsAny(endpoint, "?") || regexp.MustCompile(`/[0-9a-f]{8}-|/[0-9]+`).MatchString(endpoint) {
		return fmt.Errorf("the endpoint is a path")
	}
	return nil
}

func TestAccessRecordOfBothAgencies(t *testing.T) {
	want := map[string]bool{}
	for _, agency := range agencies(t) {
		who := as(t, "qa_reviewer", agency)
		request := who.get(t, "/api/qa/cases?pageSize=1").want(t, 200).header.Get("X-Request-Id")
		want[fmt.Sprintf("%s %s qa_reviewer %d /api/qa/cases GET success", request, who.name, agency)] = true
		refused := who.get(t, "/api/billing/claims").want(t, 403).header.Get("X-Request-Id")
		want[fmt.Sprintf("%s %s qa_reviewer %d /api/billing/claims GET denied", refused, who.name, agency)] = true
	}
	eventually(t, "access records", func() bool {
		raw, err := os.ReadFile(filepath.Join(fleet.Dir(), "logs", "access.log"))
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(raw) {
			var r struct {
				Request  string `json:"request_id"`
				Identity string `json:"identity"`
				Role     string `json:"role"`
				Agency   int64  `json:"agency_id"`
				Endpoint string `json:"endpoint"`
				Method   string `json:"method"`
				Outcome  string `json:"outcome"`
			}
			// The last line may be half written.
			if json.Unmarshal(line, &r) == nil {
				delete(want, fmt.Sprintf("%s %s %s %d %s %s %s", r.Request, r.Identity, r.Role, r.Agency, r.Endpoint, r.Method, r.Outcome))
			}
		}
		return len(want) == 0
	})
}
