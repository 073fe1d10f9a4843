//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	auditv1 "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
	billingv1 "github.com/fusionems/quantum/proto/gen/go/fleet/billing/v1"
	clinicalv1 "github.com/fusionems/quantum/proto/gen/go/fleet/clinical/v1"
	qav1 "github.com/fusionems/quantum/proto/gen/go/fleet/qa/v1"
	"github.com/fusionems/quantum/services/clinical/democharts"
	"google.golang.org/protobuf/encoding/protojson"
)

// victims are killed with SIGKILL, one after the other, while charts stream in.
var victims = []string{"clinical", "qa", "billing", "reporting", "audit", "agency", "compliance", "gateway", "nats", "postgres"}

// accepted is a chart for which a client got its answer.
type accepted struct {
	agency int64
	doc    democharts.Document
	chart  *clinicalv1.Chart
}

func TestNothingIsLost(t *testing.T) {
	for _, agency := range agencies(t) { // tokens, while everything still runs
		for _, role := range []string{"integration", "qa_reviewer", "billing_staff", "compliance_officer", "agency_administrator"} {
			as(t, role, agency)
		}
	}
	factsBefore := [2]int32{settledFacts(t, 0), settledFacts(t, 1)}
	done := make(chan struct{})
	var stream sync.WaitGroup
	results := make(chan accepted, 4096)
	for i := range agencies(t) {
		stream.Add(1)
		go func() {
			defer stream.Done()
			importUntil(t, i, done, results)
		}()
	}
	for _, v := range victims {
		time.Sleep(700 * time.Millisecond)
		if err := fleet.Kill(v); err != nil {
			t.Errorf("kill %s: %v", v, err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
		if err := fleet.WaitReady(ctx); err != nil {
			t.Errorf("after the kill of %s: %v", v, err)
		}
		cancel()
	}
	time.Sleep(500 * time.Millisecond)
	close(done)
	stream.Wait()
	close(results)
	var all []accepted
	for r := range results {
		all = append(all, r)
	}
	if len(all) < 20 {
		t.Fatalf("only %d charts were accepted: the test shows little", len(all))
	}
	answering(t)
	t.Logf("%d charts accepted while %d processes were killed", len(all), len(victims))
	for _, a := range all {
		traced(t, a)
	}
	for i := range agencies(t) {
		want := factsBefore[i]
		for _, a := range all {
			if a.doc.AgencyIndex == i {
				want++
			}
		}
		eventually(t, "report facts", func() bool { return factCount(t, i) >= want })
		if got := factCount(t, i); got != want {
			t.Errorf("agency %d: %d calls in reports, want %d", i, got, want)
		}
	}
	verifyLog(t)
}

// answering waits until every service that is asked next answers again: what one of them knows of the killed one is a moment old.
func answering(t *testing.T) {
	t.Helper()
	for _, agency := range agencies(t) {
		for role, path := range map[string]string{
			"billing_staff": "/api/billing/claims", "qa_reviewer": "/api/qa/cases", "compliance_officer": "/api/audit/events", "agency_administrator": "/api/reports/templates",
		} {
			eventually(t, path+" answers again", func() bool { return as(t, role, agency).get(t, path).status == 200 })
		}
	}
}

// importUntil posts charts one by one; what fails is posted again until it is answered, as an ePCR vendor would.
func importUntil(t *testing.T, agency int, done <-chan struct{}, results chan<- accepted) {
	integration := asIntegration(t, agencies(t)[agency])
	for {
		for _, d := range unseen(t) {
			if d.AgencyIndex != agency {
				continue
			}
			select {
			case <-done:
				return
			default:
			}
			if c := post(integration, d); c != nil {
				results <- accepted{integration.agency, d, c}
			}
		}
	}
}

func post(who caller, d democharts.Document) *clinicalv1.Chart {
	deadline := time.Now().Add(5 * time.Minute)
	for time.Now().Before(deadline) {
		a, err := who.try("POST", "/api/clinical/charts", "application/xml", d.XML)
		if err == nil && (a.status == 201 || a.status == 200) {
			var r clinicalv1.ImportChartsResponse
			if protojson.Unmarshal(a.body, &r) == nil && len(r.GetCharts()) == 1 {
				return r.GetCharts()[0]
			}
		}
		time.Sleep(150 * time.Millisecond)
	}
	return nil
}

// traced checks that an accepted chart has what it must have, once.
func traced(t *testing.T, a accepted) {
	t.Helper()
	id := a.chart.GetId()
	if a.chart.GetVersion() != 1 {
		t.Errorf("chart %s is at version %d", id, a.chart.GetVersion())
	}
	var claims billingv1.ListClaimsResponse
	eventually(t, "claim of "+id, func() bool {
		claims.Reset()
		as(t, "billing_staff", a.agency).get(t, "/api/billing/claims?chartId="+id).want(t, 200).into(t, &claims)
		return len(claims.GetClaims()) > 0
	})
	if n := len(claims.GetClaims()); n != 1 {
		t.Errorf("chart %s has %d claims", id, n)
	}
	if len(a.doc.Expect.Triggers) > 0 {
		var cases qav1.ListCasesResponse
		eventually(t, "case of "+id, func() bool {
			cases.Reset()
			as(t, "qa_reviewer", a.agency).get(t, "/api/qa/cases?chartId="+id).want(t, 200).into(t, &cases)
			return len(cases.GetCases()) > 0
		})
		if n := len(cases.GetCases()); n != 1 {
			t.Errorf("chart %s has %d cases", id, n)
		}
	}
	query := url.Values{"resource": {"charts/" + id}, "action": {"fleet.clinical.v1.ChartService/ImportCharts"}, "outcome": {"OUTCOME_SUCCESS"}}
	eventually(t, "audit record of "+id, func() bool {
		var events auditv1.ListEventsResponse
		as(t, "compliance_officer", a.agency).get(t, "/api/audit/events?"+query.Encode()).want(t, 200).into(t, &events)
		return len(events.GetEvents()) > 0
	})
}

func factCount(t *testing.T, agency int) int32 {
	t.Helper()
	a := as(t, "agency_administrator", agencies(t)[agency]).send(t, "POST", "/api/reports/templates/response-time:run", lastMonth()).want(t, 200)
	var e struct {
		N        int32 `json:"n"`
		Excluded []struct {
			N int32 `json:"n"`
		} `json:"excluded"`
	}
	decode(t, a.body, &e)
	n := e.N
	for _, x := range e.Excluded {
		n += x.N
	}
	return n
}

// settledFacts is the count once it stands still: charts of the tests before may still be on their way to the reports.
func settledFacts(t *testing.T, agency int) int32 {
	t.Helper()
	const still = 2 * time.Second
	n, since := factCount(t, agency), time.Now()
	eventually(t, "report facts at rest", func() bool {
		if now := factCount(t, agency); now != n {
			n, since = now, time.Now()
		}
		return time.Since(since) >= still
	})
	return n
}

// verifyLog runs the audit service's own check over the rows.
func verifyLog(t *testing.T) {
	t.Helper()
	cmd := exec.Command(filepath.Join("..", "..", ".run", "bin", "audit"), "verify")
	cmd.Env = append(cmd.Environ(), fleet.ServiceEnv("audit")...)
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "OK") {
		t.Errorf("audit verify: %v\n%s", err, out)
	}
	fmt.Println(strings.TrimSpace(string(out)))
}
