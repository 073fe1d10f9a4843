//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
)

func TestComplianceRecordsLive(t *testing.T) {
	inEach(t, func(t *testing.T, w workspace, editor, other caller) {
		body, id := w.fresh(), uuid.NewString()
		first := w.create(t, editor, body, id).want(t, 201).fields(t)
		if again := w.create(t, editor, body, id).want(t, 201).fields(t); again.text("id") != first.text("id") || again.text("etag") != first.text("etag") {
			t.Errorf("the same create again made %v, before %v", again, first)
		}
		w.create(t, editor, body.with(w.label, "another"), id).refused(t, 409, "REQUEST_ID_REUSED")
		w.create(t, editor, body, uuid.NewString()).refused(t, 409, "METADATA_EXISTS")
		// The keys of one agency are not those of another.
		theirs := w.create(t, other, body, id).want(t, 201).fields(t)
		if theirs.text("id") == first.text("id") || theirs.text("agencyId") == first.text("agencyId") {
			t.Errorf("the other agency's create answered %v", theirs)
		}
		if first.text("agencyId") != fmt.Sprint(editor.agency) || first.text(w.status) != "active" || first["warnings"] == nil {
			t.Errorf("made %v", first)
		}
		path := w.path("metadata", first.text("id"))
		reader := opened(t, as(t, w.reader, editor.agency))
		if read := reader.get(t, path).want(t, 200).fields(t); read.text("etag") != first.text("etag") {
			t.Errorf("read %v", read)
		}
		changed := editor.send(t, "PUT", path+"?updateMask="+w.due, fields{w.due: day(20), w.label: "not in the mask", "etag": first["etag"]}.json(t)).want(t, 200).fields(t)
		if changed.text(w.status) != "expiring" || changed.text(w.label) != first.text(w.label) || changed.text("etag") == first.text("etag") {
			t.Errorf("changed %v", changed)
		}
		w.retire(t, editor, first).refused(t, 409, "ETAG_MISMATCH")
		gone := w.retire(t, editor, changed).want(t, 200).fields(t)
		if gone.text(w.status) != "retired" || gone.text("retireReason") != "RETIRE_REASON_SUPERSEDED" || gone["retireTime"] == nil {
			t.Errorf("retired %v", gone)
		}
		editor.send(t, "PUT", path+"?updateMask="+w.label, fields{w.label: "x", "etag": gone["etag"]}.json(t)).refused(t, 409, "METADATA_RETIRED")
		w.retire(t, editor, gone).refused(t, 409, "METADATA_RETIRED")
		reader.get(t, path).want(t, 200)
		// The number is free again, and the create that was answered once stays answered.
		if again := w.create(t, editor, body, id).want(t, 201).fields(t); again.text("id") != first.text("id") {
			t.Errorf("replayed after it was retired: %v", again)
		}
		w.make(t, editor, body)
	})
}

func TestComplianceRecordsOfOthersAreNotFound(t *testing.T) {
	inEach(t, func(t *testing.T, w workspace, editor, other caller) {
		mine := w.make(t, editor, w.fresh())
		path := w.path("metadata", mine.text("id"))
		other.get(t, path).refused(t, 404, "METADATA_NOT_FOUND")
		other.send(t, "PUT", path+"?updateMask="+w.label, fields{w.label: "x", "etag": mine["etag"]}.json(t)).refused(t, 404, "METADATA_NOT_FOUND")
		w.retire(t, other, mine).refused(t, 404, "METADATA_NOT_FOUND")
		other.send(t, "POST", w.path("compliance-note"), fields{"metadataId": mine["id"], "text": "Filed."}.json(t)).refused(t, 404, "METADATA_NOT_FOUND")
		editor.send(t, "POST", w.path("compliance-note"), fields{"metadataId": mine["id"], "text": "Filed."}.json(t)).want(t, 201)
		if list := other.get(t, w.path("compliance-note")+"?metadataId="+mine.text("id")).want(t, 200).list(t, "notes"); len(list) != 0 {
			t.Errorf("notes of another agency: %v", list)
		}
		for _, p := range []string{"metadata?pageSize=500", "expiration-alerts?pageSize=500", "compliance-note?pageSize=500", "notice", "metadata?status=retired&pageSize=500"} {
			if a := other.get(t, w.path(p)).want(t, 200); strings.Contains(string(a.body), mine.text("id")) || strings.Contains(string(a.body), fmt.Sprintf(`"agencyId":"%d"`, editor.agency)) {
				t.Errorf("%s shows another agency's: %s", p, a.body)
			}
		}
		for _, p := range []string{uuid.NewString(), "00000000-0000-0000-0000-000000000000"} {
			editor.get(t, w.path("metadata", p)).refused(t, 404, "METADATA_NOT_FOUND")
		}
	})
}

// Of several who write with the same etag, and of several who create under the same id, one wins.
func TestComplianceRacesHaveOneWinner(t *testing.T) {
	inEach(t, func(t *testing.T, w workspace, editor, _ caller) {
		body, id := w.fresh(), uuid.NewString()
		made := map[string]bool{}
		for _, a := range atOnce(t, editor, "POST", w.path("metadata")+"?requestId="+id, func(int) string { return body.json(t) }) {
			if a.status == 201 {
				made[a.fields(t).text("id")] = true
			} else {
				a.refused(t, 409, "REQUEST_ID_REUSED", "METADATA_EXISTS")
			}
		}
		first := w.create(t, editor, body, id).want(t, 201).fields(t)
		if len(made) != 1 || !made[first.text("id")] {
			t.Fatalf("one create made %v, answers %v", made, first)
		}
		won := 0
		for _, a := range atOnce(t, editor, "PUT", w.path("metadata", first.text("id"))+"?updateMask="+w.label, func(i int) string {
			return fields{w.label: fmt.Sprint("Station ", i), "etag": first["etag"]}.json(t)
		}) {
			if a.status == 200 {
				won++
			} else {
				a.refused(t, 409, "ETAG_MISMATCH")
			}
		}
		if won != 1 {
			t.Errorf("%d of the changes won", won)
		}
	})
}

func atOnce(t *testing.T, c caller, verb, path string, body func(i int) string) []answer {
	t.Helper()
	out := make([]answer, 6)
	var all sync.WaitGroup
	for i := range out {
		all.Go(func() {
			a, err := c.try(verb, path, "application/json", []byte(body(i)))
			if err != nil {
				t.Errorf("%s %s: %v", verb, path, err)
			}
			out[i] = a
		})
	}
	all.Wait()
	return out
}

// What is inserted while somebody leafs through shifts nothing: each record that was there stands on one page.
func TestCompliancePagesAreStableUnderInserts(t *testing.T) {
	inEach(t, func(t *testing.T, w workspace, editor, other caller) {
		for _, order := range []string{"", w.due, w.due + " desc", "createTime desc"} {
			q := url.Values{"pageSize": {"2"}, "dueFrom": {isoDay(700)}, "dueTo": {isoDay(720)}, "orderBy": {order}}
			var want []string
			for i := range 5 {
				want = append(want, w.make(t, editor, w.fresh().with(w.due, day(703+3*(i%3)))).text("id"))
			}
			var seen []string
			for {
				a := editor.get(t, w.path("metadata")+"?"+q.Encode()).want(t, 200)
				for _, f := range a.list(t, "metadata") {
					seen = append(seen, f.text("id"))
				}
				token := a.fields(t).text("nextPageToken")
				if token == "" {
					break
				}
				q.Set("pageToken", token)
				other.get(t, w.path("metadata")+"?"+q.Encode()).refused(t, 400, "PAGE_TOKEN_INVALID")
				changed := url.Values{"pageToken": {token}, "dueFrom": {isoDay(1)}}
				editor.get(t, w.path("metadata")+"?"+changed.Encode()).refused(t, 400, "PAGE_TOKEN_INVALID")
				if len(seen) < 9 {
					w.make(t, editor, w.fresh().with(w.due, day(701))) // before the position
				}
			}
			if doubled := len(seen) != len(slices.Compact(slices.Sorted(slices.Values(seen)))); doubled {
				t.Errorf("%q: a record stands on two pages: %v", order, seen)
			}
			for _, id := range want {
				if !slices.Contains(seen, id) {
					t.Errorf("%q: %s is on no page", order, id)
				}
			}
			for _, f := range editor.get(t, w.path("metadata")+"?pageSize=500&dueFrom="+isoDay(700)+"&dueTo="+isoDay(720)).want(t, http.StatusOK).list(t, "metadata") {
				w.retire(t, editor, f).want(t, 200)
			}
		}
	})
}

func isoDay(days int) string {
	d := day(days)
	return fmt.Sprintf("%04d-%02d-%02d", d["year"], d["month"], d["day"])
}

func TestComplianceListsFilter(t *testing.T) {
	inEach(t, func(t *testing.T, w workspace, editor, _ caller) {
		begun := map[string]string{"dea": "issueDate", "cms": "effectiveDate"}[w.name]
		for status, f := range map[string]fields{
			"active": w.fresh(), "expiring": w.fresh().with(w.due, day(30)), "expired": w.fresh().with(w.due, day(-3)), "pending": w.fresh().with(begun, day(3)),
		} {
			id := w.make(t, editor, f).text("id")
			for _, asked := range []string{"active", "expiring", "expired", "pending", "retired"} {
				list := editor.get(t, w.path("metadata")+"?pageSize=500&status="+asked).want(t, 200).list(t, "metadata")
				if found := slices.ContainsFunc(list, func(f fields) bool { return f.text("id") == id }); found != (asked == status) {
					t.Errorf("a record that is %s in the list of %s: %v", status, asked, found)
				}
				if slices.ContainsFunc(list, func(f fields) bool { return f.text(w.status) != asked }) {
					t.Errorf("the list of %s: %v", asked, list)
				}
			}
		}
	})
}
