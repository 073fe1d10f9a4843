package main

import (
	"bytes"
	"os"
	"testing"
)

const portal = "../../../../../gateway/portal/src/features/charts/nemsis/gen/labels.ts"

// The codes of the schema are checked everywhere, the published lists where they are at hand.
func TestThePortalsLabelsAreCurrent(t *testing.T) {
	committed, err := os.ReadFile(portal)
	if err != nil {
		t.Fatal(err)
	}
	codes, err := enumerations()
	if err != nil {
		t.Fatal(err)
	}
	for code := range codes {
		if !bytes.Contains(committed, []byte(`"`+code+`":`)) {
			t.Errorf("the portal has no label of %s; run go generate in this folder", code)
		}
	}
	lists := "../../../../../../shared/data/codelists"
	if _, err := os.Stat(lists); err != nil {
		t.Skipf("no defined lists at %s: the rest of the file is not compared", lists)
	}
	want, err := generate(lists)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(committed, want) {
		t.Error("the portal's labels differ from the lists; run go generate in this folder")
	}
}

func TestACodeWithTwoMeaningsIsRefused(t *testing.T) {
	c := table{}
	if err := c.add("1", "a", true); err != nil {
		t.Fatal(err)
	}
	if c.add("1", "b", true) == nil || c.add("1", "b", false) != nil || c["1"] != "a" {
		t.Errorf("%v", c)
	}
}
