//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"strings"
	"testing"
)

// The log of a workspace tells what was done and refused there, by filters and pages, each entry proven, to its agency alone.
func TestComplianceAuditLog(t *testing.T) {
	inEach(t, func(t *testing.T, w workspace, editor, other caller) {
		officer := opened(t, as(t, "compliance_officer", editor.agency))
		foreign := opened(t, as(t, "compliance_officer", other.agency))
		made := w.make(t, editor, w.fresh())
		id, suffix := made.text("id"), strings.ToUpper(w.name[:1])+w.name[1:]
		path := w.path("metadata", id)
		for range 3 {
			editor.get(t, path).want(t, 200)
		}
		made = editor.send(t, "PUT", path+"?updateMask="+w.due, fields{w.due: day(500), "etag": made["etag"]}.json(t)).want(t, 200).fields(t)
		other.get(t, path).refused(t, 404)
		as(t, w.outsider, editor.agency).get(t, path).refused(t, 403, "SCOPE_MISSING")
		w.retire(t, editor, made).want(t, 200)
		resource := w.name + "/metadata/" + id
		var entries []provenEntry
		eventually(t, "the entries of "+resource, func() bool {
			entries = logOf(t, w, officer, url.Values{"resource": {resource}, "pageSize": {"2"}})
			return count(entries, "Get"+suffix+"Metadata") >= 3 && count(entries, "Delete"+suffix+"Metadata") == 1
		})
		if count(entries, "Create"+suffix+"Metadata") != 1 || count(entries, "Update"+suffix+"Metadata") != 1 {
			t.Errorf("entries %+v", entries)
		}
		seen := map[string]bool{}
		for _, e := range entries {
			if seen[e.Event.ID] || e.Event.Resource != resource || e.Event.AgencyID != fmt.Sprint(editor.agency) {
				t.Errorf("entry %+v", e.Event)
			}
			seen[e.Event.ID] = true
		}
		if len(logOf(t, w, foreign, url.Values{"resource": {resource}, "outcome": {"OUTCOME_SUCCESS"}})) != 0 {
			t.Error("another agency reads of it")
		}
		eventually(t, "the refusal", func() bool {
			denied := logOf(t, w, officer, url.Values{"outcome": {"OUTCOME_DENIED"}, "method": {"Get" + suffix + "Metadata"}, "pageSize": {"500"}})
			for _, e := range denied {
				if e.Event.Outcome != "OUTCOME_DENIED" || !strings.HasSuffix(e.Event.Action, "/Get"+suffix+"Metadata") {
					t.Errorf("among the refusals: %+v", e.Event)
				}
			}
			return len(denied) > 0
		})
		if n := len(logOf(t, w, officer, url.Values{"resource": {resource}, "to": {"2020-01-01T00:00:00Z"}})); n != 0 {
			t.Errorf("%d entries before there were any", n)
		}
		if w.editor != "compliance_officer" {
			editor.get(t, w.path("audit-log")).refused(t, 403, "SCOPE_MISSING")
		}
	})
}

// provenEntry is an entry as somebody else's program reads it.
type provenEntry struct {
	Event struct {
		ID        string      `json:"id"`
		LeafIndex json.Number `json:"leafIndex"`
		Action    string      `json:"action"`
		Resource  string      `json:"resource"`
		Outcome   string      `json:"outcome"`
		AgencyID  string      `json:"agencyId"`
	} `json:"event"`
	LeafInput []byte   `json:"leafInput"`
	Path      [][]byte `json:"path"`
}

func count(entries []provenEntry, method string) (n int) {
	for _, e := range entries {
		if strings.HasSuffix(e.Event.Action, "/"+method) {
			n++
		}
	}
	return n
}

// logOf reads a log to its end and holds each entry to the checkpoint of its page.
func logOf(t *testing.T, w workspace, c caller, q url.Values) (entries []provenEntry) {
	t.Helper()
	q = maps.Clone(q)
	for {
		a := c.get(t, w.path("audit-log")+"?"+q.Encode()).want(t, 200)
		var page struct {
			Events        []provenEntry `json:"events"`
			NextPageToken string        `json:"nextPageToken"`
			Checkpoint    string        `json:"checkpoint"`
			TreeSize      json.Number   `json:"treeSize"`
			RootHash      []byte        `json:"rootHash"`
		}
		decode(t, a.body, &page)
		for _, e := range page.Events {
			p := inclusion{LeafInput: e.LeafInput, LeafIndex: e.Event.LeafIndex, TreeSize: page.TreeSize, Path: e.Path, RootHash: page.RootHash, Checkpoint: page.Checkpoint}
			if err := p.verify(); err != nil || !strings.Contains(string(e.LeafInput), e.Event.ID) {
				t.Fatalf("the proof of %s: %v", e.Event.ID, err)
			}
		}
		entries = append(entries, page.Events...)
		if page.NextPageToken == "" {
			return entries
		}
		q.Set("pageToken", page.NextPageToken)
	}
}

// Readiness is the worst that a required check of any enrollment says, and names what would tell.
func TestComplianceReadiness(t *testing.T) {
	ag := agencies(t)
	for i, agency := range ag {
		w := cmsWorkspace
		editor, other := opened(t, as(t, w.editor, agency)), opened(t, as(t, w.editor, ag[1-i]))
		verified := []any{"lastVerifiedDate", day(-1), "verificationSource", "VERIFICATION_SOURCE_PECOS"}
		for _, c := range []struct {
			name, check, verdict, evidence string
			change                         []any
		}{
			{"everything known", "RECENTLY_VERIFIED", "VERDICT_PASS", "lastVerifiedDate", verified},
			{"never verified", "RECENTLY_VERIFIED", "VERDICT_UNKNOWN", "lastVerifiedDate", nil},
			{"overdue", "REVALIDATION_CURRENT", "VERDICT_FAIL", "revalidationDueDate", append([]any{w.due, day(-5)}, verified...)},
			{"no PTAN", "PTAN_ON_RECORD", "VERDICT_UNKNOWN", "ptanReference", append([]any{"ptanReference", nil}, verified...)},
		} {
			made := w.make(t, editor, w.fresh().with(c.change...))
			a := editor.get(t, w.path("readiness-check")).want(t, 200)
			overall, found := a.fields(t).text("overall"), false
			for _, check := range a.list(t, "checks") {
				if check.text("record") != "cms/metadata/"+made.text("id") || check.text("check") != c.check {
					continue
				}
				found = true
				if check.text("verdict") != c.verdict || check.text("evidenceField") != c.evidence || check["required"] != true || (check.text("action") == "") != (c.verdict == "VERDICT_PASS") {
					t.Errorf("%s: %v", c.name, check)
				}
			}
			if !found || overall == "" || c.verdict == "VERDICT_UNKNOWN" && overall != "VERDICT_UNKNOWN" {
				t.Errorf("%s: overall %s in %s", c.name, overall, a.body)
			}
			if theirs := other.get(t, w.path("readiness-check")).want(t, 200); strings.Contains(string(theirs.body), made.text("id")) {
				t.Error("the other agency's readiness is about it too")
			}
			w.retire(t, editor, made).want(t, 200)
		}
		editor.get(t, w.path("readiness-check")+"?unheardOf=1").refused(t, 400)
	}
}
