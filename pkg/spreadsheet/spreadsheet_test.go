package spreadsheet_test

import (
	"testing"

	"github.com/fusionems/quantum/pkg/spreadsheet"
)

func TestNeutral(t *testing.T) {
	for in, want := range map[string]string{
		"=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", " =1": "' =1", "\t=1": "'\t=1", "\rx": "'\rx", "|calc": "'|calc",
		"%1": "'%1", "＝1": "'＝1", "": "", "Prairie EMS": "Prairie EMS", "AB1234563": "AB1234563", "2026-03-01": "2026-03-01", "a=b": "a=b",
	} {
		if got := spreadsheet.Neutral(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestCSV(t *testing.T) {
	got, err := spreadsheet.CSV([][]string{{"id", "name"}, {"1", `=HYPERLINK("x")`}, {"2", "Prairie, \"EMS\"\nWest"}})
	want := "id,name\r\n1,\"'=HYPERLINK(\"\"x\"\")\"\r\n2,\"Prairie, \"\"EMS\"\"\r\nWest\"\r\n"
	if err != nil || string(got) != want {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
}
