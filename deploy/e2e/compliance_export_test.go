//go:build e2e

package e2e

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// manifest is that of an export as an inspector's program reads it.
type manifest struct {
	AgencyID  int64  `json:"agencyId"`
	RequestID string `json:"requestId"`
	RowCount  int    `json:"rowCount"`
	Files     []struct {
		Name   string `json:"name"`
		SHA256 string `json:"sha256"`
	} `json:"files"`
	Checkpoint string `json:"auditCheckpoint"`
}

// unpacked reads an export, holds its files to the manifest and answers the ids of its rows.
func unpacked(t *testing.T, body []byte) (m manifest, ids []string) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if files[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	decode(t, files["manifest.json"], &m)
	for _, f := range m.Files {
		if sum := sha256.Sum256(files[f.Name]); len(files[f.Name]) == 0 || hex.EncodeToString(sum[:]) != f.SHA256 {
			t.Errorf("%s is not what the manifest says", f.Name)
		}
		if strings.HasSuffix(f.Name, ".csv") {
			rows, err := csv.NewReader(bytes.NewReader(files[f.Name])).ReadAll()
			if err != nil || len(rows) != m.RowCount+1 || rows[0][0] != "id" {
				t.Fatalf("%s: %d rows of %d, %v", f.Name, len(rows), m.RowCount, err)
			}
			for _, row := range rows[1:] {
				ids = append(ids, row[0])
			}
		}
	}
	if len(m.Files) != 2 || m.Checkpoint == "" || m.RequestID == "" || len(ids) == 0 {
		t.Errorf("manifest %+v", m)
	}
	slices.Sort(ids)
	return m, ids
}

func TestComplianceExports(t *testing.T) {
	inEach(t, func(t *testing.T, w workspace, editor, other caller) {
		mine := w.make(t, editor, w.fresh().with(w.label, "=SUM(A1:A9)"))
		theirs := w.make(t, other, w.fresh())
		w.retire(t, editor, mine).want(t, 200)
		for _, c := range []caller{editor, opened(t, as(t, w.reader, editor.agency))} {
			a := c.get(t, w.path("export")).want(t, 200)
			m, ids := unpacked(t, a.body)
			if m.AgencyID != editor.agency || !slices.Contains(ids, mine.text("id")) || slices.Contains(ids, theirs.text("id")) || a.header.Get("Content-Type") != "application/zip" {
				t.Errorf("export of %s: agency %d, %d rows", c.name, m.AgencyID, len(ids))
			}
		}
	})
}

// exporting is somebody who asks for one export after the other.
type exporting struct {
	caller
	answered [][]byte // what came; to be read when it is over
	came     atomic.Int32
	cut      atomic.Int32 // how many did not come
}

func (e *exporting) until(t *testing.T, w workspace, done <-chan struct{}) {
	for {
		select {
		case <-done:
			return
		default:
		}
		a, err := e.try("GET", w.path("export"), "", nil)
		if err == nil && a.status == 200 {
			e.answered = append(e.answered, a.body)
			e.came.Add(1)
			continue
		}
		if err == nil && a.status < 500 {
			t.Errorf("an export that was cut off: %d %s", a.status, a.body)
		}
		e.cut.Add(1)
		time.Sleep(20 * time.Millisecond)
	}
}

// A kill -9 in the middle of exports leaves nothing behind: afterwards they succeed with the same rows, each answered one is
// recorded once, and neither a record nor an entry of the log stands twice.
func TestComplianceExportsSurviveAKill(t *testing.T) {
	for _, w := range []workspace{deaWorkspace, cmsWorkspace} {
		var who [2]*exporting
		var before [2][]string
		for i, agency := range agencies(t) {
			who[i] = &exporting{caller: opened(t, as(t, "compliance_officer", agency))}
			for range 40 {
				w.make(t, who[i].caller, w.fresh())
			}
			_, before[i] = unpacked(t, who[i].get(t, w.path("export")).want(t, 200).body)
		}
		done := make(chan struct{})
		var all sync.WaitGroup
		for i := range who {
			all.Go(func() { who[i].until(t, w, done) })
		}
		met := within(func() bool { return who[0].came.Load() > 0 && who[1].came.Load() > 0 })
		cut := func() bool { return who[0].cut.Load() > 0 && who[1].cut.Load() > 0 }
		for range 10 { // one may come just between two exports
			if killed(t, "compliance"); cut() {
				break
			}
		}
		met = met && cut()
		met = met && within(func() bool {
			a, err := who[0].try("GET", w.path("metadata"), "", nil)
			return err == nil && a.status == 200
		})
		close(done)
		all.Wait()
		for i := range who {
			if !met {
				t.Errorf("%s: %d exports answered, %d cut off: the test shows little", w.name, who[i].came.Load(), who[i].cut.Load())
			}
			m, after := unpacked(t, who[i].get(t, w.path("export")).want(t, 200).body)
			if !slices.Equal(before[i], after) || len(slices.Compact(slices.Clone(after))) != len(after) {
				t.Errorf("%s: %d rows before, %d after", w.name, len(before[i]), len(after))
			}
			ids := []string{m.RequestID}
			for _, body := range who[i].answered {
				m, _ := unpacked(t, body)
				ids = append(ids, m.RequestID)
			}
			recordedOnce(t, w, who[i].caller, ids)
		}
	}
	verifyLog(t)
}

// killed waits until a process that it killed is back. Failing is left to the caller's end: others still run.
func killed(t *testing.T, name string) {
	t.Helper()
	if err := fleet.Kill(name); err != nil {
		t.Errorf("kill %s: %v", name, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	if err := fleet.WaitReady(ctx); err != nil {
		t.Errorf("after the kill of %s: %v", name, err)
	}
}

// within is whether something comes true in two minutes.
func within(ok func() bool) bool {
	for deadline := time.Now().Add(2 * time.Minute); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			return false
		}
	}
	return true
}

// recordedOnce waits until each answered export stands in the log, and fails when one stands there twice.
func recordedOnce(t *testing.T, w workspace, officer caller, answered []string) {
	t.Helper()
	var counted map[string]int
	eventually(t, "the entries of the exports", func() bool {
		counted = successes(t, w, officer)
		for _, id := range answered {
			if counted[id] == 0 {
				return false
			}
		}
		return true
	})
	for id, n := range counted {
		if n != 1 {
			t.Errorf("%s: the export %s is recorded %d times", w.name, id, n)
		}
	}
}

// successes counts the exports that the log tells of by their request.
func successes(t *testing.T, w workspace, officer caller) map[string]int {
	t.Helper()
	out := map[string]int{}
	method := strings.ToUpper(w.name[:1]) + w.name[1:]
	for token := ""; ; {
		a := officer.get(t, w.path("audit-log")+"?pageSize=500&outcome=OUTCOME_SUCCESS&method=Export"+method+"Metadata&pageToken="+token).want(t, 200)
		for _, e := range a.list(t, "events") {
			event, _ := e["event"].(map[string]any)
			id, _ := event["requestId"].(string)
			out[id]++
		}
		if token = a.fields(t).text("nextPageToken"); token == "" {
			return out
		}
	}
}
