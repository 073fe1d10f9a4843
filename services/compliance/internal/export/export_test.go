package export_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"io"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/fusionems/quantum/services/compliance/internal/export"
)

func TestArchive(t *testing.T) {
	s := export.Sheet{Name: "dea-metadata", Header: []string{"id", "name"}, Rows: [][]string{{"1", "=HYPERLINK(\"x\")"}, {"2", "Prairie, \"EMS\""}}}
	data, err := export.Archive(s, export.Manifest{Workspace: "dea", AgencyID: 11, Checkpoint: "note", TreeSize: 7})
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
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
	var m export.Manifest
	if err := json.Unmarshal(files["manifest.json"], &m); err != nil {
		t.Fatal(err)
	}
	if m.RowCount != 2 || m.Checkpoint != "note" || m.TreeSize != 7 || len(m.Files) != 2 {
		t.Errorf("manifest %+v", m)
	}
	for _, f := range m.Files {
		if sum := sha256.Sum256(files[f.Name]); hex.EncodeToString(sum[:]) != f.SHA256 || len(files[f.Name]) != f.Bytes {
			t.Errorf("%s is not what the manifest says", f.Name)
		}
	}
	rows, err := csv.NewReader(bytes.NewReader(files["dea-metadata.csv"])).ReadAll()
	if err != nil || len(rows) != 3 || rows[1][1] != "'=HYPERLINK(\"x\")" || rows[2][1] != "Prairie, \"EMS\"" {
		t.Errorf("csv: %v, %v", rows, err)
	}
	book, err := excelize.OpenReader(bytes.NewReader(files["dea-metadata.xlsx"]))
	if err != nil {
		t.Fatal(err)
	}
	if formula, err := book.GetCellFormula("Sheet1", "B2"); err != nil || formula != "" {
		t.Errorf("a formula: %q, %v", formula, err)
	}
	if v, err := book.GetCellValue("Sheet1", "B2"); err != nil || v != "'=HYPERLINK(\"x\")" {
		t.Errorf("xlsx: %q, %v", v, err)
	}
}
