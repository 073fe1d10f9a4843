package catalogue

import (
	"slices"
	"strings"
	"testing"
)

var (
	groupings = []string{"unit", "priority", "day", "service_type", "response_mode"}
	answered  = map[string][]string{
		"turnout": groupings, "response": groupings, "systemResponse": groupings, "onScene": groupings, "transport": groupings, "turnaround": groupings,
	}
)

func TestTheCatalogueOfThisBuildLoads(t *testing.T) {
	c, err := Load(answered)
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]struct {
		from, to string
		excludes []string
	}{
		"turnout-time":         {"eTimes.03", "eTimes.05", []string{}},
		"response-time":        {"eTimes.03", "eTimes.06", []string{CancelledBeforeArrival}},
		"system-response-time": {"eTimes.01", "eTimes.06", []string{CancelledBeforeArrival}},
		"on-scene-time":        {"eTimes.06", "eTimes.09", []string{CancelledBeforeArrival}},
		"transport-time":       {"eTimes.09", "eTimes.11", []string{CancelledBeforeArrival, NotTransported}},
		"turnaround-time":      {"eTimes.11", "eTimes.13", []string{CancelledBeforeArrival, NotTransported}},
	} {
		tpl, m, ok := c.Template(id)
		if !ok || m.From != want.from || m.To != want.to || m.PercentileMethod != "percentile_cont" || tpl.GroupBy[0] != "unit" || !slices.Equal(m.Excludes, want.excludes) {
			t.Errorf("%s: got %+v, %+v, %v", id, tpl, m, ok)
		}
		for _, said := range append([]string{want.from, want.to, "TIME_INVALID", "TIME_UNKNOWN", m.PercentileMethod}, want.excludes...) {
			if !strings.Contains(tpl.Description, said) {
				t.Errorf("the description of %s does not explain %s", id, said)
			}
		}
	}
	if len(c.Templates) != 6 {
		t.Errorf("%d templates", len(c.Templates))
	}
	if _, _, ok := c.Template("nothing"); ok {
		t.Error("an unknown template was found")
	}
}

func TestACatalogueThatPromisesTooMuchDoesNotLoad(t *testing.T) {
	good := string(document)
	for name, c := range map[string]struct{ old, with, says string }{
		"unknown field":    {`"version": "2"`, `"version": "2", "colour": "red"`, "colour"},
		"no version":       {`"version": "2"`, `"version": ""`, "version"},
		"no period":        {`"maximumPeriodDays": 366`, `"maximumPeriodDays": 0`, "maximumPeriodDays"},
		"metric unknown":   {`"id": "response",`, `"id": "offload",`, "offload"},
		"metric of none":   {`"metric": "response"`, `"metric": "offload"`, "offload"},
		"template twice":   {`"id": "turnout-time"`, `"id": "response-time"`, "unique"},
		"percentile":       {`[0.1, 0.25,`, `[0.05, 0.25,`, "percentiles"},
		"excludes nothing": {`"excludes": []`, `"excludes": null`, "excludes"},
		"excludes unknown": {`"excludes": []`, `"excludes": ["RAIN"]`, "RAIN"},
		"grouping unknown": {`["unit",`, `["crew",`, "crew"},
		"no grouping":      {`["unit", "priority", "day", "service_type", "response_mode"]`, `[]`, "no grouping"},
		"no limit":         {`"maximumSeconds": 86400`, `"maximumSeconds": 0`, "maximumSeconds"},
	} {
		if !strings.Contains(good, c.old) {
			t.Fatalf("%s: the catalogue has no %s", name, c.old)
		}
		if _, err := parse([]byte(strings.Replace(good, c.old, c.with, 1)), answered); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want an error that names %q", name, err, c.says)
		}
	}
}
