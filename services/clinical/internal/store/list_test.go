package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/services/clinical/internal/store"
)

func TestPagesCoverTheListOnce(t *testing.T) {
	f := open(t)
	var want []uuid.UUID
	n := 0
	for _, d := range demo(t)[north] {
		// Several charts share one import time.
		if n++; n%3 == 0 {
			f.clock.Add(time.Minute)
		}
		want = append(want, f.putOne(t, north, d.XML).ChartID)
	}
	f.putOne(t, south, demo(t)[south]["stemi"].XML)
	ctx := as("supervisor", north)
	var got []store.Chart
	var after *store.Position
	for {
		page, err := f.Charts(ctx, store.Filter{}, after, 4)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, page...)
		if len(page) < 4 {
			break
		}
		last := page[len(page)-1]
		after = &store.Position{Time: last.ImportTime, ID: last.ID}
	}
	if len(got) != len(want) {
		t.Fatalf("%d charts on all pages, want %d", len(got), len(want))
	}
	seen := map[uuid.UUID]bool{}
	for i, c := range got {
		if seen[c.ID] {
			t.Errorf("chart %s twice", c.ID)
		}
		seen[c.ID] = true
		if i > 0 && c.ImportTime.After(got[i-1].ImportTime) {
			t.Error("not newest first")
		}
	}
}

func TestFilters(t *testing.T) {
	f := open(t)
	charts := demo(t)[north]
	a, b := charts["stemi"], charts["stroke"]
	stemi := f.putOne(t, north, a.XML)
	stroke := f.putOne(t, north, b.XML)
	f.putOne(t, south, demo(t)[south]["stemi"].XML)
	at, after := *stemi.UnitNotified(), stemi.UnitNotified().Add(time.Second)
	for name, c := range map[string]struct {
		filter store.Filter
		want   string
	}{
		"none":        {store.Filter{}, "stroke stemi"},
		"pcr":         {store.Filter{PCRNumber: a.PCRNumber}, "stemi"},
		"incident":    {store.Filter{IncidentNumber: b.IncidentNumber}, "stroke"},
		"no such":     {store.Filter{PCRNumber: "nothing"}, ""},
		"both":        {store.Filter{PCRNumber: a.PCRNumber, IncidentNumber: b.IncidentNumber}, ""},
		"exact range": {store.Filter{NotifiedFrom: &at, NotifiedTo: &after}, "stemi"},
		"to excludes": {store.Filter{NotifiedFrom: &at, NotifiedTo: &at}, ""},
	} {
		list, err := f.Charts(as("supervisor", north), c.filter, nil, 10)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []string
		for _, x := range list {
			got = append(got, map[uuid.UUID]string{stemi.ChartID: "stemi", stroke.ChartID: "stroke"}[x.ID])
		}
		if fmt.Sprint(strings.Join(got, " ")) != c.want {
			t.Errorf("%s: %v, want %q", name, got, c.want)
		}
	}
}
