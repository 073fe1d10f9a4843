//go:build rehearsal

package runbooks

import (
	"bytes"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// everybody are the schemas that follow a chart.
var everybody = []string{"billing", "qa", "reporting", "audit"}

// TestRestore loses the databases and the streams of a fleet and brings both back to one moment with the commands of backup-restore.md.
func TestRestore(t *testing.T) {
	r := newRehearsal(t)
	defer r.report()
	old := r.cluster(filepath.Join(r.dir, "old"))
	var before, applied, lost []chart
	var f *fleet
	r.timed("start a fleet, import charts", func() {
		f = startFleet(t, filepath.Join(r.dir, "fleet"), old.URL("fleet"))
		before = f.post(unseen(t), http.StatusCreated)
		eventually(t, "charts are worked off", func() bool { return f.done(before, everybody...) })
	})
	r.connect(f)
	r.timed("back up: base, checkpoint, streams (first)", func() { r.run("backup-restore.md", "tool"); r.run("backup-restore.md", "backup") })

	// qa stands still: what it has not applied at the moment it must get again, though it acknowledges it later.
	qa := pidOf(t, f, "qa")
	signal(t, qa, syscall.SIGSTOP)
	applied = f.post(unseen(t)[:8], http.StatusCreated)
	eventually(t, "the others are through", func() bool { return f.done(applied, "billing", "reporting", "audit") })
	moment := r.moment(f)
	signal(t, qa, syscall.SIGCONT)
	lost = f.post(unseen(t)[:6], http.StatusCreated)
	eventually(t, "charts after the moment are worked off", func() bool { return f.done(slices.Concat(applied, lost), everybody...) })
	r.timed("back up: streams, log up to here", func() { r.again(); r.archived(old, f) })

	claims := f.scalar(`SELECT count(*) FROM billing.claim`)
	r.timed("disaster", func() { f.Stop(); r.destroy(old) })
	restored := r.recover(moment)
	r.timed("fleet starts on it", func() { f = startFleet(t, filepath.Join(r.dir, "fleet"), restored.URL("fleet")) })
	r.timed("events come again", func() {
		eventually(t, "charts before the moment are whole", func() bool { return f.done(slices.Concat(before, applied), everybody...) })
	})
	r.whole(f, before, applied, lost)
	r.timed("lost charts are sent again, new ones come", func() {
		var docs = unseen(t)[:4]
		for _, c := range lost {
			docs = append(docs, c.doc)
		}
		again := f.post(docs, http.StatusCreated)
		eventually(t, "they are worked off", func() bool { return f.done(again, everybody...) })
		if n := f.scalar(`SELECT count(*) FROM billing.claim`); n != claims+4 {
			t.Errorf("%d claims, want the %d of before and 4", n, claims)
		}
	})
	r.verify(f)
}

// whole looks for what a restore could break in silence.
func (r *rehearsal) whole(f *fleet, before, applied, lost []chart) {
	r.t.Helper()
	for what, sql := range map[string]string{
		"claims of charts that are gone":      `SELECT count(*) FROM billing.claim x WHERE NOT EXISTS (SELECT FROM clinical.chart c WHERE c.id = x.chart_id)`,
		"facts of charts that are gone":       `SELECT count(*) FROM reporting.call_fact x WHERE NOT EXISTS (SELECT FROM clinical.chart c WHERE c.id = x.chart_id)`,
		"evaluations of charts that are gone": `SELECT count(*) FROM qa.chart_evaluation x WHERE NOT EXISTS (SELECT FROM clinical.chart c WHERE c.id = x.chart_id)`,
		"charts with two claims":              `SELECT count(*) FROM (SELECT chart_id FROM billing.claim GROUP BY 1 HAVING count(*) > 1) x`,
		"events given up":                     `SELECT (SELECT count(*) FROM qa.inbox WHERE state = 'dead') + (SELECT count(*) FROM billing.inbox WHERE state = 'dead') + (SELECT count(*) FROM reporting.inbox WHERE state = 'dead')`,
	} {
		if n := f.scalar(sql); n != 0 {
			r.t.Errorf("%d %s", n, what)
		}
	}
	eventually(r.t, "the log names what was lost", func() bool { return f.done(lost, "audit") })
	said := r.run("backup-restore.md", "lost")
	for _, c := range lost {
		if !strings.Contains(said, "charts/"+c.id) {
			r.t.Errorf("the list of what was lost lacks chart %s", c.id)
		}
	}
	if n := strings.Count(said, "charts/"); n != len(lost) {
		r.t.Errorf("%d charts are listed as lost, want %d", n, len(lost))
	}
	// The key came back too: what was sealed before the disaster opens.
	code, doc := f.send(http.MethodGet, "/api/clinical/charts/"+before[0].id+"/nemsis", f.person(before[0].agency, "clinical_supervisor"), nil)
	if code != http.StatusOK || !bytes.Contains(doc, []byte("<PatientCareReport")) {
		r.t.Errorf("a chart from before: %d %.200s", code, doc)
	}
}

func pidOf(t *testing.T, f *fleet, name string) int {
	t.Helper()
	for _, p := range f.Processes() {
		if p.Name == name && p.PID > 0 {
			return p.PID
		}
	}
	t.Fatalf("no process %s", name)
	return 0
}

func signal(t *testing.T, pid int, s syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(pid, s); err != nil {
		t.Fatal(err)
	}
}
