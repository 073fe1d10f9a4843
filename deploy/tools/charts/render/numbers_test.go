package render_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fusionems/quantum/deploy/tools/charts/render"
)

var (
	// elsewhere are numbers that Prometheus, its client and cert-manager count.
	elsewhere = []string{"up", "process_resident_memory_bytes", "certmanager_certificate_expiration_timestamp_seconds"}
	// given are labels that scraping adds, or that somebody else's numbers have.
	given     = []string{"namespace", "exported_namespace", "job", "le", "name"}
	grpcCodes = []string{
		"OK", "Canceled", "Unknown", "InvalidArgument", "DeadlineExceeded", "NotFound", "AlreadyExists", "PermissionDenied", "ResourceExhausted",
		"FailedPrecondition", "Aborted", "OutOfRange", "Unimplemented", "Internal", "Unavailable", "DataLoss", "Unauthenticated",
	}
	metricName  = regexp.MustCompile(`"((?:fleet|gateway|carefusion)_[a-z_]+)"`)
	metricLabel = regexp.MustCompile(`(?:\[\]string\{|prometheus\.Labels\{)([^}]*)`)
	word        = regexp.MustCompile(`"([a-z_]+)"`)
)

// counted reads from the sources below the folders which numbers a binary exposes, and which labels any of them has.
func counted(t *testing.T, skip string, folders ...string) (names, labelNames map[string]bool) {
	t.Helper()
	names, labelNames = map[string]bool{}, map[string]bool{}
	for _, folder := range folders {
		err := filepath.WalkDir(filepath.Join("../../../..", folder), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				if d != nil && d.IsDir() && (d.Name() == "node_modules" || (skip != "" && d.Name() == skip)) {
					return filepath.SkipDir
				}
				return err
			}
			if filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return nil
			}
			raw, err := os.ReadFile(path)
			if !strings.Contains(string(raw), "prometheus/client_golang") {
				return err
			}
			for _, m := range metricName.FindAllStringSubmatch(string(raw), -1) {
				names[m[1]], names[m[1]+"_count"], names[m[1]+"_bucket"] = true, true, true
			}
			for _, m := range metricLabel.FindAllStringSubmatch(string(raw), -1) {
				for _, w := range word.FindAllStringSubmatch(m[1], -1) {
					labelNames[w[1]] = true
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return names, labelNames
}

// expressions are those of all alerts and panels of a release, by where they stand.
func expressions(t *testing.T, chart, environment string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, o := range objects(t, render.Helm3, request(t, chart, environment)) {
		switch {
		case o.GetKind() == "PrometheusRule":
			groups, _, _ := unstructured.NestedSlice(o.Object, "spec", "groups")
			for _, g := range groups {
				for _, r := range g.(map[string]any)["rules"].([]any) {
					rule := r.(map[string]any)
					out[fmt.Sprint("alert ", rule["alert"])], _ = rule["expr"].(string)
				}
			}
		case o.GetLabels()["grafana_dashboard"] != "":
			data, _, _ := unstructured.NestedStringMap(o.Object, "data")
			for file, text := range data {
				var board struct {
					Title  string
					Panels []struct {
						Title   string
						Targets []struct{ Expr string }
					}
				}
				if err := json.Unmarshal([]byte(text), &board); err != nil || board.Title == "" {
					t.Fatalf("%s: %v, titled %q", file, err, board.Title)
				}
				for _, p := range board.Panels {
					out["panel "+p.Title] = p.Targets[0].Expr
				}
			}
		}
	}
	return out
}

// Prometheus takes a rule that it can parse and never says that nobody counts what it asks for: such an alert is silent for ever.
func TestAlertsAndPanelsAskForWhatIsCounted(t *testing.T) {
	sources := map[string][]string{"fusionems": {"pkg", "gateway", "services"}, "fusionems-billing": {"pkg", "services/billing"}, "carefusion": {"services/carefusion/internal"}}
	least := map[string]int{"fusionems": 16, "fusionems-billing": 12, "carefusion": 14}
	for chart, folders := range sources {
		skip := "carefusion"
		if chart == "carefusion" {
			skip = ""
		}
		names, labelNames := counted(t, skip, folders...)
		found := map[string]string{}
		for _, e := range []string{"staging", "prod"} {
			for where, expr := range expressions(t, chart, e) {
				found[where] = expr
			}
		}
		if chart == "fusionems-billing" && len(found) == 0 {
			r := request(t, chart, "prod")
			t.Fatalf("billing's examples render no alerts: %v", r.Values)
		}
		if len(found) < least[chart] {
			t.Errorf("%s: only %d expressions", chart, len(found))
		}
		for where, text := range found {
			for _, problem := range problems(text, names, labelNames) {
				t.Errorf("%s: %s: %s\n%s", chart, where, problem, text)
			}
		}
	}
}

// problems of one expression: its grammar, its numbers, its labels, its codes.
func problems(text string, names, labelNames map[string]bool) []string {
	parsed, err := parser.ParseExpr(text)
	if err != nil {
		return []string{err.Error()}
	}
	var out []string
	label := func(name string) {
		if name != labels.MetricName && !slices.Contains(given, name) && !labelNames[name] {
			out = append(out, fmt.Sprintf("nobody gives the label %s", name))
		}
	}
	parser.Inspect(parsed, func(n parser.Node, _ []parser.Node) error {
		switch n := n.(type) {
		case *parser.VectorSelector:
			if !names[n.Name] && !slices.Contains(elsewhere, n.Name) {
				out = append(out, fmt.Sprintf("nobody counts %s", n.Name))
			}
			for _, m := range n.LabelMatchers {
				label(m.Name)
				for code := range strings.SplitSeq(m.Value, "|") {
					if m.Name == "code" && !slices.Contains(grpcCodes, code) {
						out = append(out, fmt.Sprintf("%s is no gRPC code", code))
					}
				}
			}
		case *parser.AggregateExpr:
			for _, name := range n.Grouping {
				label(name)
			}
		case *parser.BinaryExpr:
			// On the right of "or" only what has other labels is seen; two rates of one job have the same.
			if n.Op == parser.LOR && n.LHS.Type() == parser.ValueTypeVector && strings.HasPrefix(n.LHS.String(), "sum by (job) (rate") && strings.HasPrefix(n.RHS.String(), "sum by (job) (rate") {
				out = append(out, "the right of this or is never seen")
			}
		}
		return nil
	})
	return out
}

func TestProblemsOfAnExpressionAreFound(t *testing.T) {
	names, labelNames := map[string]bool{"fleet_a_total": true}, map[string]bool{"code": true}
	for text, says := range map[string]string{
		`sum by (job (fleet_a_total)`:                 "unexpected",
		`rate(fleet_a_total > 0`:                      "unclosed",
		`rate(fleet_b_total[5m]) > 0`:                 "fleet_b_total",
		`sum by (kind) (fleet_a_total)`:               "kind",
		`fleet_a_total{reason="x"}`:                   "reason",
		`fleet_a_total{code=~"INTERNAL|Unavailable"}`: "INTERNAL",
		`sum by (job) (rate(fleet_a_total[5m])) or sum by (job) (rate(fleet_a_total[1m]))`: "never seen",
	} {
		if got := problems(text, names, labelNames); len(got) == 0 || !strings.Contains(strings.Join(got, "; "), says) {
			t.Errorf("%s: %v", text, got)
		}
	}
	if got := problems(`sum by (job) (rate(fleet_a_total{namespace="x",code!="OK"}[5m])) > 0 or absent(up{job="a"})`, names, labelNames); len(got) > 0 {
		t.Error(got)
	}
}
