package store_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/pkg/errs"
	clinicalv1 "github.com/fusionems/quantum/proto/gen/go/fleet/clinical/v1"
	"github.com/fusionems/quantum/services/clinical/internal/intake"
	"github.com/fusionems/quantum/services/clinical/internal/store"
)

func TestSameDocumentIsStoredOnce(t *testing.T) {
	f := open(t)
	doc := demo(t)[north]["stemi"]
	first := f.putOne(t, north, doc.XML)
	if !first.Changed || first.Version != 1 || first.Facts.Key.PCRNumber != doc.PCRNumber || first.IncidentNumber() != doc.IncidentNumber {
		t.Fatalf("first import = %+v", first.Stored)
	}
	f.clock.Add(time.Hour)
	again := f.putOne(t, north, doc.XML)
	if again.Changed || again.ChartID != first.ChartID || again.Version != 1 || !again.ImportTime.Equal(first.ImportTime) {
		t.Errorf("second import = %+v, want the first one's answer", again.Stored)
	}
	// Indentation is no content.
	loose := bytes.ReplaceAll(doc.XML, []byte("><e"), []byte(">\n   <e"))
	if got := f.putOne(t, north, loose); got.Changed {
		t.Error("indentation made a new version")
	}
	for table, want := range map[string]int{"chart": 1, "chart_version": 1, "document": 1, "agency_key": 1} {
		if n := f.count(t, "SELECT count(*) FROM clinical."+table); n != want {
			t.Errorf("%s has %d rows, want %d", table, n, want)
		}
	}
	if n := len(f.events(t)); n != 3 {
		t.Errorf("%d events, want 3", n)
	}
}

func TestChangedDocumentIsANewVersion(t *testing.T) {
	f := open(t)
	doc := demo(t)[north]["stemi"]
	first := f.putOne(t, north, doc.XML)
	f.clock.Add(time.Hour)
	changed := replace(t, doc.XML, "<eResponse.14>", "<eResponse.14>X")
	second := f.putOne(t, north, changed)
	if !second.Changed || second.ChartID != first.ChartID || second.Version != 2 {
		t.Fatalf("second = %+v", second.Stored)
	}
	third := f.putOne(t, north, doc.XML)
	if third.Version != 3 {
		t.Errorf("the first content again is version %d, want 3: it is a change of version 2", third.Version)
	}
	ctx := as("supervisor", north)
	for version, want := range map[int32][]byte{0: doc.XML, 1: doc.XML, 2: changed, 3: doc.XML} {
		got, err := f.Document(ctx, first.ChartID, version)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("version %d: the document differs: %v", version, err)
		}
	}
	if _, err := f.Document(ctx, first.ChartID, 4); errs.Reason(err) != store.ReasonNotFound {
		t.Errorf("version 4: %v", err)
	}
	var versions []int32
	for _, e := range f.events(t) {
		m := &clinicalv1.ChartImported{}
		if e.GetPayload().MessageIs(m) {
			if err := e.GetPayload().UnmarshalTo(m); err != nil {
				t.Fatal(err)
			}
			versions = append(versions, m.GetVersion())
		}
	}
	if fmt.Sprint(versions) != "[1 2 3]" {
		t.Errorf("ChartImported versions = %v", versions)
	}
}

// Custom results mean what the header's configuration says they mean.
func TestChangedConfigurationIsANewVersion(t *testing.T) {
	f := open(t)
	config := func(title string) []byte {
		return replace(t, demo(t)[north]["stemi"].XML, "</DemographicGroup>", `</DemographicGroup><eCustomConfiguration>
<eCustomConfiguration.CustomGroup CustomElementID="c1"><eCustomConfiguration.01>`+title+`</eCustomConfiguration.01>
<eCustomConfiguration.02>What it is</eCustomConfiguration.02><eCustomConfiguration.03>9902009</eCustomConfiguration.03>
<eCustomConfiguration.04>9923001</eCustomConfiguration.04><eCustomConfiguration.05>9903007</eCustomConfiguration.05>
</eCustomConfiguration.CustomGroup></eCustomConfiguration>`)
	}
	f.putOne(t, north, demo(t)[north]["stemi"].XML)
	for i, xml := range [][]byte{config("Shift"), config("Shift letter")} {
		if got := f.putOne(t, north, xml); !got.Changed || got.Version != int32(i)+2 {
			t.Errorf("configuration %d: %+v", i, got.Stored)
		}
	}
	if got := f.putOne(t, north, config("Shift letter")); got.Changed {
		t.Error("the same configuration made a new version")
	}
}

func TestReplacedUUIDIsNoted(t *testing.T) {
	f := open(t)
	doc := demo(t)[north]["stemi"]
	first := f.putOne(t, north, doc.XML)
	i := bytes.Index(doc.XML, []byte(`UUID="`)) + len(`UUID="`)
	other := bytes.Clone(doc.XML)
	copy(other[i:], "9c1185a5-c5e9-4c54-b6b3-8f2b4a1d0e77")
	second := f.putOne(t, north, other)
	if second.ChartID != first.ChartID || second.Version != 2 {
		t.Fatalf("second = %+v", second.Stored)
	}
	if !hasRule(second.Stored.Findings, "nemsis.pcr.uuid_changed") || hasRule(first.Stored.Findings, "nemsis.pcr.uuid_changed") {
		t.Errorf("findings: first %+v, second %+v", first.Stored.Findings, second.Stored.Findings)
	}
	c, err := f.Chart(as("supervisor", north), first.ChartID)
	if err != nil || !hasRule(c.Findings, "nemsis.pcr.uuid_changed") {
		t.Errorf("stored findings = %+v, %v", c, err)
	}
}

func hasRule(list []intake.Finding, rule string) bool {
	for _, f := range list {
		if f.Rule == rule {
			return true
		}
	}
	return false
}

// A PCR number is unique in its agency only.
func TestAgenciesNumberTheirChartsApart(t *testing.T) {
	f := open(t)
	charts := demo(t)
	n, s := charts[north]["stroke"], charts[south]["stroke"]
	same := replace(t, s.XML, s.PCRNumber, n.PCRNumber)
	a, b := f.putOne(t, north, n.XML), f.putOne(t, south, same)
	if a.ChartID == b.ChartID || a.Version != 1 || b.Version != 1 || !b.Changed {
		t.Fatalf("north %+v, south %+v", a.Stored, b.Stored)
	}
	if a.Facts.Key.PCRNumber != b.Facts.Key.PCRNumber {
		t.Fatal("the test does not use the same number")
	}
	for agency, id := range map[int64]uuid.UUID{north: b.ChartID, south: a.ChartID} {
		for _, group := range []string{"founder", "supervisor"} {
			if _, err := f.Chart(as(group, agency), id); errs.Reason(err) != store.ReasonNotFound {
				t.Errorf("%s of agency %d: chart of the other: %v", group, agency, err)
			}
			if _, err := f.Document(as(group, agency), id, 0); errs.Reason(err) != store.ReasonNotFound {
				t.Errorf("%s of agency %d: document of the other: %v", group, agency, err)
			}
		}
	}
}

func TestRefusedDocumentsLeaveNothing(t *testing.T) {
	f := open(t)
	charts := demo(t)
	doc := charts[north]["stemi"].XML
	for name, c := range map[string]struct {
		xml    []byte
		reason string
		rule   string
	}{
		"not XML":            {[]byte("{}"), intake.ReasonInvalid, "nemsis.xml.well_formed"},
		"empty":              {nil, intake.ReasonInvalid, "nemsis.xml.empty"},
		"wrong root":         {[]byte(`<DEMDataSet xmlns="http://www.nemsis.org"/>`), intake.ReasonInvalid, "nemsis.xml.root"},
		"entity":             {append([]byte(`<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>`), doc...), intake.ReasonInvalid, ""},
		"mandatory missing":  {cut(t, doc, "<eTimes.03>", "</eTimes.03>"), intake.ReasonInvalid, "nemsis.xsd.missing_mandatory"},
		"too large":          {append(bytes.Clone(doc), bytes.Repeat([]byte(" "), 20<<20)...), intake.ReasonTooLarge, ""},
		"state id of south":  {replace(t, doc, "<dAgency.01>N-1<", "<dAgency.01>S-1<"), intake.ReasonAgencyMismatch, "nemsis.agency.mismatch"},
		"number of south":    {replace(t, doc, "<dAgency.02>4701<", "<dAgency.02>4702<"), intake.ReasonAgencyMismatch, "nemsis.agency.mismatch"},
		"responder of south": {replace(t, doc, "<eResponse.01>4701<", "<eResponse.01>4702<"), intake.ReasonAgencyMismatch, "nemsis.agency.mismatch"},
	} {
		_, err := f.importer.Import(as("integration", north), north, c.xml)
		e, ok := errs.As(err)
		if !ok || e.Reason != c.reason {
			t.Errorf("%s: %v, want reason %s", name, err, c.reason)
			continue
		}
		if c.rule != "" && (len(e.Fields) == 0 || e.Fields[0].Rule != c.rule || e.Fields[0].Line < 1 || e.Fields[0].Message == "") {
			t.Errorf("%s: fields = %+v, want rule %s with a line", name, e.Fields, c.rule)
		}
	}
	for _, table := range []string{"chart", "chart_version", "document", "chart_crew", "outbox"} {
		if n := f.count(t, "SELECT count(*) FROM clinical."+table); n != 0 {
			t.Errorf("%s has %d rows after refusals", table, n)
		}
	}
}

func cut(t testing.TB, xml []byte, from, to string) []byte {
	t.Helper()
	i := bytes.Index(xml, []byte(from))
	j := bytes.Index(xml, []byte(to))
	if i < 0 || j < i {
		t.Fatalf("no %s … %s", from, to)
	}
	return append(bytes.Clone(xml[:i]), xml[j+len(to):]...)
}

func TestUnregisteredIdentifierIsAFinding(t *testing.T) {
	f := open(t)
	for _, id := range []string{"nobody", "  "} {
		doc := replace(t, demo(t)[north]["stemi"].XML, "<dAgency.01>N-1<", "<dAgency.01>"+id+"<")
		got := f.putOne(t, north, doc)
		i := slices.IndexFunc(got.Stored.Findings, func(fd intake.Finding) bool { return fd.Rule == "nemsis.agency.unregistered" })
		if i < 0 {
			t.Errorf("%q: findings = %+v", id, got.Stored.Findings)
			continue
		}
		if fd := got.Stored.Findings[i]; fd.Element != "dAgency.01" || fd.Line < 1 || strings.Contains(fd.Message, id+" ") {
			t.Errorf("%q: finding = %+v", id, fd)
		}
	}
}

func TestSimultaneousImports(t *testing.T) {
	f := open(t)
	doc := demo(t)[north]["opioid"].XML
	const replicas, each = 4, 6
	importers := make([]*intake.Importer, replicas)
	for i := range importers {
		var err error
		if importers[i], err = intake.New(owners(), f.newStore(t)); err != nil {
			t.Fatal(err)
		}
	}
	run := func(xml func(i int) []byte) (ids map[uuid.UUID]bool, changed int) {
		var mu sync.Mutex
		var wg sync.WaitGroup
		ids = map[uuid.UUID]bool{}
		for i := range replicas * each {
			wg.Go(func() {
				got, err := importers[i%replicas].Import(as("integration", north), north, xml(i))
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					t.Errorf("import %d: %v", i, err)
					return
				}
				ids[got[0].ChartID] = true
				if got[0].Changed {
					changed++
				}
			})
		}
		wg.Wait()
		return ids, changed
	}
	ids, changed := run(func(int) []byte { return doc })
	if len(ids) != 1 || changed != 1 {
		t.Errorf("the same document at once: %d ids, %d stored; want 1 and 1", len(ids), changed)
	}
	ids, changed = run(func(i int) []byte {
		return replace(t, doc, "<eResponse.14>", fmt.Sprintf("<eResponse.14>%02d", i))
	})
	total := replicas*each + 1
	if len(ids) != 1 || changed != replicas*each {
		t.Errorf("different documents of one key at once: %d ids, %d stored", len(ids), changed)
	}
	if n := f.count(t, "SELECT max(version) FROM clinical.chart"); n != total {
		t.Errorf("version = %d, want %d", n, total)
	}
	if n := f.count(t, "SELECT count(*) FROM clinical.chart_version"); n != total {
		t.Errorf("%d versions, want %d", n, total)
	}
	if n := len(f.events(t)); n != 3*total {
		t.Errorf("%d events, want %d", n, 3*total)
	}
	if n := f.count(t, "SELECT count(*) FROM clinical.agency_key"); n != 1 {
		t.Errorf("%d keys, want 1", n)
	}
}

// Two documents with the same reports in opposite order must not lock each other out, and a document is one transaction.
func TestSeveralReportsOfOneDocument(t *testing.T) {
	f := open(t)
	charts := demo(t)[north]
	a, b := charts["stemi"].XML, charts["stroke"].XML
	both, reversed := merge(t, a, b), merge(t, b, a)
	got := f.put(t, north, both)
	if len(got) != 2 || got[0].Facts.Key.PCRNumber != charts["stemi"].PCRNumber || got[1].Facts.Key.PCRNumber != charts["stroke"].PCRNumber {
		t.Fatalf("answer is not in document order: %+v", got)
	}
	for i, r := range f.put(t, north, reversed) {
		if r.Changed || r.ChartID != got[1-i].ChartID {
			t.Errorf("the reports in another order: %+v", r.Stored)
		}
	}
	whole, err := f.Document(as("supervisor", north), got[0].ChartID, 0)
	if err != nil || !bytes.Equal(whole, both) {
		t.Errorf("a supervisor does not get the whole document: %v", err)
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			x := [][]byte{both, reversed}[i%2]
			x = replace(t, x, "<eResponse.14>", fmt.Sprintf("<eResponse.14>%d", i))
			if _, err := f.importer.Import(as("integration", north), north, x); err != nil {
				t.Errorf("import %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	if n := f.count(t, "SELECT min(version) FROM clinical.chart"); n != 9 {
		t.Errorf("version = %d, want 9", n)
	}
}

// merge puts the report of b behind that of a.
func merge(t testing.TB, a, b []byte) []byte {
	t.Helper()
	i, j := bytes.Index(b, []byte("<PatientCareReport")), bytes.Index(b, []byte("</PatientCareReport>"))
	if i < 0 || j < i {
		t.Fatal("no report")
	}
	report := b[i : j+len("</PatientCareReport>")]
	return replace(t, a, "</PatientCareReport>", "</PatientCareReport>\n"+string(report))
}

func TestSealedAtRest(t *testing.T) {
	f := open(t)
	doc := demo(t)[north]["stemi"]
	c := f.putOne(t, north, doc.XML)
	ctx := context.Background()
	// A second replica, without keys in memory, opens what the first one sealed.
	if got, err := f.newStore(t).Document(as("supervisor", north), c.ChartID, 0); err != nil || !bytes.Equal(got, doc.XML) {
		t.Errorf("another replica: %v", err)
	}
	if n := f.count(t, "SELECT count(*) FROM clinical.document WHERE position('eTimes'::bytea in sealed) > 0"); n != 0 {
		t.Error("the document lies in the open")
	}
	// A ciphertext moved to another agency's row does not open there.
	s := f.putOne(t, south, demo(t)[south]["stemi"].XML)
	_, err := f.super.Exec(ctx, `UPDATE clinical.document SET sealed = (SELECT sealed FROM clinical.document WHERE agency_id = $1)
		WHERE agency_id = $2`, north, south)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Document(as("supervisor", south), s.ChartID, 0); err == nil {
		t.Error("a document of another agency opened")
	}
}
