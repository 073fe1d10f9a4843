package catalogue

import (
	"strings"
	"testing"
)

var answered = map[string][]string{"response": {"unit", "priority", "day", "service_type", "response_mode"}}

func TestTheCatalogueOfThisBuildLoads(t *testing.T) {
	c, err := Load(answered)
	if err != nil {
		t.Fatal(err)
	}
	tpl, m, ok := c.Template("response-time")
	if !ok || m.From != "eTimes.03" || m.To != "eTimes.06" || m.PercentileMethod != "percentile_cont" || tpl.GroupBy[0] != "unit" {
		t.Errorf("got %+v, %+v, %v", tpl, m, ok)
	}
	for _, reason := range []string{"CANCELLED_BEFORE_ARRIVAL", "TIME_INVALID", "TIME_UNKNOWN", m.PercentileMethod} {
		if !strings.Contains(tpl.Description, reason) {
			t.Errorf("the description does not explain %s", reason)
		}
	}
	if _, _, ok := c.Template("nothing"); ok {
		t.Error("an unknown template was found")
	}
}

func TestACatalogueThatPromisesTooMuchDoesNotLoad(t *testing.T) {
	good := string(document)
	for name, c := range map[string]struct{ old, with, says string }{
		"unknown field":    {`"version": "1"`, `"version": "1", "colour": "red"`, "colour"},
		"no version":       {`"version": "1"`, `"version": ""`, "version"},
		"no period":        {`"maximumPeriodDays": 366`, `"maximumPeriodDays": 0`, "maximumPeriodDays"},
		"metric unknown":   {`"id": "response",`, `"id": "turnout",`, "turnout"},
		"metric of none":   {`"metric": "response"`, `"metric": "turnout"`, "turnout"},
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
