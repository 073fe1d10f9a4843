package store_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/services/clinical/internal/store"
)

func TestSearchFindsBeginningsInAnyCase(t *testing.T) {
	f := open(t)
	north1, south1 := demo(t)[north]["stemi"], demo(t)[south]["stemi"]
	xml := replace(t, north1.XML, "<eRecord.01>"+north1.PCRNumber, "<eRecord.01>Ab_1%x-9")
	a := f.putOne(t, north, replace(t, xml, "<eResponse.14>", "<eResponse.14>Zulu "))
	b := f.putOne(t, south, replace(t, south1.XML, "<eRecord.01>"+south1.PCRNumber, "<eRecord.01>AB_1%X-9"))
	for query, want := range map[string]bool{
		"ab": true, "AB_1%X-9": true, "ab_1%x": true, "AB_1%X-9-": false, "b_": false, "ab_2": false, "a%": false, "__": false,
		strings.ToLower(north1.IncidentNumber): true, north1.IncidentNumber[:2]: true, north1.IncidentNumber[1:]: false,
		"zulu": true, "ZULU ": true, "ulu": false, "Zz": false, `ab\`: false, "": true,
	} {
		for agency, chart := range map[int64]uuid.UUID{north: a.ChartID, south: b.ChartID} {
			found, err := f.Search(as("supervisor", agency), query, nil, 10)
			if err != nil {
				t.Fatalf("%q: %v", query, err)
			}
			if agency == south && !strings.HasPrefix(strings.ToLower(query), "ab") && query != "" {
				continue // the numbers of the two demo charts differ
			}
			if hit := len(found) == 1 && found[0].ID == chart; hit != want || len(found) > 1 {
				t.Errorf("%q in agency %d: %v, want a hit: %v", query, agency, found, want)
			}
		}
	}
}

// Search shows a role what its list shows, whoever asks and whatever the number.
func TestSearchKeepsToTheChartsOfTheRole(t *testing.T) {
	w := populate(t)
	for name, ctx := range map[string]context.Context{
		"founder": as("founder", north), "supervisor": as("supervisor", north), "supervisor of south": as("supervisor", south),
		"crew member": asSubject("clinical", north, w.medic), "same login, other side": asSubject("clinical", south, w.medic),
		"qa reviewer": as("qa", north), "qa reviewer of south": as("qa", south), "across": as("cross", 0),
	} {
		list, err := w.Charts(ctx, store.Filter{}, nil, 10)
		if err != nil {
			t.Fatal(err)
		}
		found, err := w.Search(ctx, "", nil, 10)
		if err != nil || !sameSet(ids(list), ids(found)) {
			t.Errorf("%s: the search for anything finds %v, the list has %v, %v", name, ids(found), ids(list), err)
		}
	}
	for _, group := range []string{"agency", "peer", "billing", "compliance", "substances", "ai", "integration"} {
		if _, err := w.Search(as(group, north), "ab", nil, 10); !errs.IsKind(err, errs.Denied) {
			t.Errorf("%s searches: %v", group, err)
		}
	}
}

func ids(list []store.Chart) []uuid.UUID {
	out := make([]uuid.UUID, len(list))
	for i, c := range list {
		out[i] = c.ID
	}
	return out
}

func TestSearchPagesByNotification(t *testing.T) {
	f := open(t)
	n := 0
	for _, d := range demo(t)[north] {
		n++
		f.putOne(t, north, d.XML)
	}
	// Three were never notified: they come last, and each once.
	if _, err := f.super.Exec(context.Background(), `UPDATE clinical.chart SET unit_notified_time = NULL
		WHERE id IN (SELECT id FROM clinical.chart ORDER BY id LIMIT 3)`); err != nil {
		t.Fatal(err)
	}
	var got []store.Chart
	var after *store.Position
	for {
		page, err := f.Search(as("supervisor", north), "", after, 2)
		if err != nil {
			t.Fatal(err)
		}
		if got = append(got, page...); len(page) < 2 {
			break
		}
		after = page[1].Found()
	}
	seen := map[uuid.UUID]bool{}
	for i, c := range got {
		if seen[c.ID] {
			t.Errorf("chart %s twice", c.ID)
		}
		seen[c.ID] = true
		if i > 0 && c.Found().Time.After(got[i-1].Found().Time) {
			t.Error("not the newest notification first")
		}
	}
	if len(seen) != n || got[n-1].UnitNotifiedTime != nil || got[n-4].UnitNotifiedTime == nil {
		t.Errorf("%d of %d charts", len(seen), n)
	}
}
