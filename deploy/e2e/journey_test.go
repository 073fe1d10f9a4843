//go:build e2e

package e2e

import (
	"bytes"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"

	"github.com/fusionems/quantum/deploy/local/demo"
	billingv1 "github.com/fusionems/quantum/proto/gen/go/fleet/billing/v1"
	clinicalv1 "github.com/fusionems/quantum/proto/gen/go/fleet/clinical/v1"
	qav1 "github.com/fusionems/quantum/proto/gen/go/fleet/qa/v1"
	"github.com/fusionems/quantum/services/clinical/democharts"
)

var seeds atomic.Uint64

// unseen makes charts that this fleet has not got: another seed gives other numbers and times to the same scenarios.
func unseen(t testing.TB) []democharts.Document {
	t.Helper()
	seed := seeds.Add(1) + uint64(time.Now().UnixNano())
	cfg := democharts.Config{Seed: seed, Base: time.Now().AddDate(0, 0, -1)}
	for _, p := range demo.Profiles() {
		cfg.Agencies = append(cfg.Agencies, p.Charts)
	}
	docs, err := democharts.Generate(cfg)
	if err != nil {
		t.Fatal(err)
	}
	// The PCR number is not part of what the seed changes, so it would be a new version of a demo chart.
	for i := range docs {
		docs[i].XML = renumber(docs[i].XML, docs[i].PCRNumber, docs[i].IncidentNumber, seed)
	}
	return docs
}

func renumber(doc []byte, pcr, incident string, seed uint64) []byte {
	tag := fmt.Sprintf("-%d", seed%1_000_000_000)
	doc = bytes.ReplaceAll(doc, []byte(">"+pcr+"<"), []byte(">"+pcr+tag+"<"))
	return bytes.ReplaceAll(doc, []byte(">"+incident+"<"), []byte(">"+incident+tag+"<"))
}

// demoDocument is an unseen chart of the agency with the index.
func demoDocument(t testing.TB, agency int) []byte {
	t.Helper()
	for _, d := range unseen(t) {
		if d.AgencyIndex == agency {
			return d.XML
		}
	}
	t.Fatal("no chart for the agency")
	return nil
}

// canonical is C14N 1.1 by a library of somebody else.
func canonical(t testing.TB, doc []byte) []byte {
	t.Helper()
	d := etree.NewDocument()
	if err := d.ReadFromBytes(doc); err != nil {
		t.Fatal(err)
	}
	out, err := dsig.MakeC14N11Canonicalizer().Canonicalize(d.Root())
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func importOne(t testing.TB, agency int64, doc []byte) *clinicalv1.Chart {
	t.Helper()
	var got clinicalv1.ImportChartsResponse
	asIntegration(t, agency).importXML(t, doc).want(t, 201).into(t, &got)
	if len(got.GetCharts()) != 1 {
		t.Fatalf("%d charts", len(got.GetCharts()))
	}
	return got.GetCharts()[0]
}

func TestJourneyOfEveryScenario(t *testing.T) {
	for _, d := range unseen(t) {
		t.Run(fmt.Sprintf("%d/%s", d.AgencyIndex, d.Scenario), func(t *testing.T) {
			agency, other := agencies(t)[d.AgencyIndex], agencies(t)[1-d.AgencyIndex]
			c := importOne(t, agency, d.XML)
			if c.GetAgencyId() != agency || c.GetNemsisVersion() != "3.5.1" || c.GetVersion() != 1 {
				t.Fatalf("chart %v", c)
			}
			claimOf(t, agency, other, c, d.Expect)
			caseOf(t, agency, other, c, d.Expect)
			comesBack(t, agency, other, c.GetId(), d.XML)
		})
	}
}

// claimOf waits for the claim or no-bill and holds it against what the scenario expects.
func claimOf(t *testing.T, agency, other int64, c *clinicalv1.Chart, want democharts.Expect) {
	t.Helper()
	path := "/api/billing/claims?chartId=" + c.GetId()
	var list billingv1.ListClaimsResponse
	eventually(t, "claim", func() bool {
		list.Reset()
		as(t, "billing_staff", agency).get(t, path).want(t, 200).into(t, &list)
		return len(list.GetClaims()) > 0
	})
	if len(list.GetClaims()) != 1 {
		t.Fatalf("%d claims for one chart", len(list.GetClaims()))
	}
	claim := list.GetClaims()[0]
	if claim.GetPolicyVersion().GetVersion() < 1 || len(claim.GetPolicyVersion().GetSha256()) != 64 {
		t.Errorf("the claim names no policy version: %v", claim.GetPolicyVersion())
	}
	if code := claim.GetNoBill().GetCode(); (want.NoBill != "") != (code != "") {
		t.Errorf("no-bill %q, want %q", code, want.NoBill)
	}
	if want.NoBill == "" && (claim.GetLevelOfService().GetRule() == "" || claim.GetLevelOfService().GetHcpcs() == "") {
		t.Errorf("the claim has no level of service with its rule: %v", claim)
	}
	if got := claim.GetLevelOfService().GetHcpcs(); want.LevelOfService != "" && got != want.LevelOfService {
		t.Errorf("level of service %s (%s), want %s", got, claim.GetLevelOfService().GetRule(), want.LevelOfService)
	}
	if want.Modifiers != "" && claim.GetOriginDestinationModifier() != want.Modifiers {
		t.Errorf("modifier %q, want %q", claim.GetOriginDestinationModifier(), want.Modifiers)
	}
	var foreign billingv1.ListClaimsResponse
	as(t, "billing_staff", other).get(t, path).want(t, 200).into(t, &foreign)
	if len(foreign.GetClaims()) != 0 {
		t.Error("the other agency sees the claim")
	}
	as(t, "billing_staff", other).get(t, "/api/billing/claims/"+claim.GetId()).refused(t, 404, "CLAIM_NOT_FOUND")
}

// caseOf waits for the case, if one is due, and compares its triggers.
func caseOf(t *testing.T, agency, other int64, c *clinicalv1.Chart, want democharts.Expect) {
	t.Helper()
	path := "/api/qa/cases?chartId=" + c.GetId()
	var list qav1.ListCasesResponse
	get := func() bool {
		list.Reset()
		as(t, "qa_reviewer", agency).get(t, path).want(t, 200).into(t, &list)
		return len(list.GetCases()) > 0
	}
	if len(want.Triggers) == 0 {
		time.Sleep(300 * time.Millisecond)
		if get() {
			t.Errorf("a case where none is due: %v", codes(list.GetCases()[0]))
		}
		as(t, "qa_reviewer", agency).get(t, "/api/clinical/charts/"+c.GetId()).refused(t, 404, "CHART_NOT_FOUND")
		return
	}
	eventually(t, "case", get)
	if len(list.GetCases()) != 1 {
		t.Fatalf("%d cases for one incident", len(list.GetCases()))
	}
	kase := list.GetCases()[0]
	wanted := slices.Sorted(slices.Values(want.Triggers))
	if got := codes(kase); !slices.Equal(got, wanted) {
		t.Errorf("triggers %v, want %v", got, wanted)
	}
	if kase.GetPolicyVersion().GetVersion() < 1 {
		t.Error("the case names no policy version")
	}
	for _, trig := range kase.GetTriggers() {
		if trig.GetExplanation() == "" || trig.GetRuleVersion() < 1 || trig.GetTriggerClass() == 0 {
			t.Errorf("trigger %v is not explained", trig)
		}
	}
	// The chart is open to QA while the case exists.
	eventually(t, "chart in QA context", func() bool {
		return as(t, "qa_reviewer", agency).get(t, "/api/clinical/charts/"+c.GetId()).status == 200
	})
	as(t, "qa_reviewer", other).get(t, "/api/qa/cases/"+kase.GetId()).refused(t, 404, "CASE_NOT_FOUND")
}

func codes(c *qav1.Case) []string {
	var out []string
	for _, trig := range c.GetTriggers() {
		out = append(out, trig.GetCode())
	}
	return slices.Sorted(slices.Values(out))
}

func TestClinicalStaffSeeTheirOwnChartsOnly(t *testing.T) {
	for i, agency := range agencies(t) {
		medic := as(t, "clinical_staff", agency)
		own := ownCrewIDs(t, i, medic.name)
		seen, token := 0, ""
		for {
			var list clinicalv1.ListChartsResponse
			medic.get(t, "/api/clinical/charts?pageSize=3&pageToken="+url.QueryEscape(token)).want(t, 200).into(t, &list)
			for _, c := range list.GetCharts() {
				seen++
				var full clinicalv1.Chart
				medic.get(t, "/api/clinical/charts/"+c.GetId()).want(t, 200).into(t, &full)
				if !slices.ContainsFunc(full.GetFacts().GetCrew(), func(m *clinicalv1.CrewMember) bool { return slices.Contains(own, m.GetCrewId().GetValue()) }) {
					t.Errorf("%s sees chart %s without being on it", medic.name, c.GetId())
				}
			}
			if token = list.GetNextPageToken(); token == "" {
				break
			}
		}
		if all := chartCount(t, agency); seen == 0 || seen >= all {
			t.Errorf("%s sees %d of %d charts", medic.name, seen, all)
		}
	}
}

func ownCrewIDs(t *testing.T, profile int, name string) []string {
	t.Helper()
	ids := demo.Profiles()[profile].Medics[name]
	if len(ids) == 0 {
		t.Fatalf("%s has no crew id", name)
	}
	return ids
}

func TestFactsKeepFourStatesApart(t *testing.T) {
	agency := agencies(t)[0]
	states := map[clinicalv1.Fact_State]bool{}
	for _, file := range official(t, "sample/*PNs*.xml") {
		var got clinicalv1.ImportChartsResponse
		asIntegration(t, agency).importXML(t, read(t, file)).into(t, &got)
		for _, c := range got.GetCharts() {
			var full clinicalv1.Chart
			as(t, "clinical_supervisor", agency).get(t, "/api/clinical/charts/"+c.GetId()).want(t, 200).into(t, &full)
			for _, f := range full.GetFacts().GetTimes() {
				states[f.GetState()] = true
			}
			for _, m := range full.GetFacts().GetMedications() {
				states[m.GetCode().GetState()] = true
				if m.GetCode().GetState() == clinicalv1.Fact_STATE_PERTINENT_NEGATIVE && m.GetGiven() {
					t.Error("a medication with a pertinent negative counts as given")
				}
			}
			states[full.GetFacts().GetPatient().GetInitialAcuity().GetState()] = true
		}
	}
	for _, s := range []clinicalv1.Fact_State{clinicalv1.Fact_STATE_VALUE, clinicalv1.Fact_STATE_PERTINENT_NEGATIVE} {
		if !states[s] {
			t.Errorf("no fact in state %s; have %v", s, states)
		}
	}
}

func TestChangedChartIsANewVersion(t *testing.T) {
	agency := agencies(t)[1]
	var doc []byte
	for _, d := range unseen(t) {
		if d.AgencyIndex == 1 && d.Scenario != "" && strings.Contains(string(d.XML), "<eTimes.06>") {
			doc = d.XML
			break
		}
	}
	first := importOne(t, agency, doc)
	changed := bytes.Replace(doc, []byte("</eRecord.01>"), []byte("</eRecord.01><!-- amended -->"), 1)
	var same clinicalv1.ImportChartsResponse
	asIntegration(t, agency).importXML(t, changed).want(t, 200).into(t, &same)
	if same.GetCharts()[0].GetVersion() != 1 {
		t.Error("a comment made a new version")
	}
	amended := swapCallSign(t, doc)
	second := importOne(t, agency, amended)
	if second.GetId() != first.GetId() || second.GetVersion() != 2 {
		t.Errorf("first %s v%d, changed %s v%d", first.GetId(), first.GetVersion(), second.GetId(), second.GetVersion())
	}
	if a, b := chartVersionDoc(t, agency, first.GetId(), 1), chartVersionDoc(t, agency, first.GetId(), 2); bytes.Equal(a, b) {
		t.Error("version 1 is not kept")
	}
}

func swapCallSign(t *testing.T, doc []byte) []byte {
	t.Helper()
	const open, end = "<eResponse.14>", "</eResponse.14>"
	i, j := bytes.Index(doc, []byte(open)), bytes.Index(doc, []byte(end))
	if i < 0 || j < i {
		t.Fatal("no call sign")
	}
	return slices.Concat(doc[:i+len(open)], []byte("Reserve 3"), doc[j:])
}

func chartVersionDoc(t *testing.T, agency int64, id string, version int) []byte {
	t.Helper()
	return as(t, "clinical_supervisor", agency).get(t, fmt.Sprintf("/api/clinical/charts/%s/nemsis?version=%d", id, version)).want(t, 200).body
}

// A document that names an agency of the fleet comes from that agency or from nobody.
func TestForeignAgencyIdentifierIsRefused(t *testing.T) {
	for i, agency := range agencies(t) {
		asIntegration(t, agency).importXML(t, demoDocument(t, 1-i)).refused(t, 403, "NEMSIS_AGENCY_MISMATCH")
	}
	doc := demoDocument(t, 0)
	for _, id := range []string{demo.Profiles()[0].Charts.UniqueID, demo.Profiles()[0].Charts.Number} {
		doc = bytes.ReplaceAll(doc, []byte(">"+id+"<"), []byte(">ZZ99<"))
	}
	c := importOne(t, agencies(t)[0], doc)
	if !slices.ContainsFunc(c.GetFindings(), func(f *clinicalv1.Finding) bool { return f.GetRule() == "nemsis.agency.unregistered" }) {
		t.Errorf("an unregistered agency is no finding: %v", c.GetFindings())
	}
}
