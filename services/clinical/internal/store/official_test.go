package store_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/services/clinical/internal/intake"
	"github.com/fusionems/quantum/services/clinical/internal/nemsis/c14n"
)

// official is where the published NEMSIS files lie beside the repository.
const official = "../../../../../shared/data/nemsis/ems"

func officialFiles(t *testing.T, patterns ...string) []string {
	t.Helper()
	var files []string
	for _, p := range patterns {
		found, err := filepath.Glob(filepath.Join(official, p))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	if len(files) == 0 {
		t.Skipf("no published NEMSIS files at %s", official)
	}
	return files
}

func TestPublishedChartsComeBackAsTheyCame(t *testing.T) {
	f := open(t)
	for _, agency := range []int64{north, south} {
		for _, file := range officialFiles(t, "full/*.xml", "national/*.xml", "sample/*.xml") {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range f.put(t, agency, data) {
				got, err := f.Document(as("supervisor", agency), c.ChartID, c.Version)
				if err != nil {
					t.Errorf("%s: %v", filepath.Base(file), err)
					continue
				}
				if equal, err := c14n.Equal(string(got), string(data)); err != nil || !equal {
					t.Errorf("%s: not equal after canonicalization: %v", filepath.Base(file), err)
				}
				if again, err := f.Chart(as("supervisor", agency), c.ChartID); err != nil || again.Facts.GetTimes()["eTimes.03"] == nil {
					t.Errorf("%s: %v", filepath.Base(file), err)
				}
			}
		}
	}
}

func TestPublishedFailuresAreRefused(t *testing.T) {
	f := open(t)
	for _, file := range officialFiles(t, "fail/*Xsd*.xml") {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, err = f.importer.Import(as("integration", north), north, data)
		e, ok := errs.As(err)
		if !ok || e.Reason != intake.ReasonInvalid || len(e.Fields) == 0 {
			t.Errorf("%s: %v", filepath.Base(file), err)
			continue
		}
		for _, field := range e.Fields {
			if field.Line < 1 || field.Rule == "" || field.Field == "" || field.Message == "" {
				t.Errorf("%s: field %+v lacks place or rule", filepath.Base(file), field)
			}
		}
	}
	if n := f.count(t, "SELECT count(*) FROM clinical.chart"); n != 0 {
		t.Errorf("%d charts of refused documents", n)
	}
}
