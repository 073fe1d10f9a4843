package export

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/fusionems/quantum/pkg/spreadsheet"
)

// Sheet is what is exported: a row of names and the rows below it.
type Sheet struct {
	// Name of the files, e.g. "dea-metadata".
	Name   string
	Header []string
	Rows   [][]string
}

// Manifest says what is in an archive and what the audit log was when it was made.
type Manifest struct {
	Workspace string `json:"workspace"`
	AgencyID  int64  `json:"agencyId"`
	// Exporter is the subject that asked.
	Exporter   string    `json:"exporter"`
	RequestID  string    `json:"requestId"`
	ExportTime time.Time `json:"exportTime"`
	RowCount   int       `json:"rowCount"`
	Files      []File    `json:"files"`
	// Checkpoint is the signed note of the audit log (C2SP tlog-checkpoint).
	Checkpoint string `json:"auditCheckpoint"`
	TreeSize   int64  `json:"auditTreeSize"`
}

// File is one file of the archive.
type File struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
	Bytes  int    `json:"bytes"`
}

// Archive writes the files and their manifest. The manifest's row count and files are filled in here.
func Archive(s Sheet, m Manifest) ([]byte, error) {
	text, err := spreadsheet.CSV(append([][]string{s.Header}, s.Rows...))
	if err != nil {
		return nil, err
	}
	book, err := s.xlsx()
	if err != nil {
		return nil, err
	}
	files := []struct {
		name string
		data []byte
	}{{s.Name + ".csv", text}, {s.Name + ".xlsx", book}}
	m.RowCount, m.Files = len(s.Rows), nil
	for _, f := range files {
		sum := sha256.Sum256(f.data)
		m.Files = append(m.Files, File{f.name, hex.EncodeToString(sum[:]), len(f.data)})
	}
	manifest, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, f := range append(files, struct {
		name string
		data []byte
	}{"manifest.json", manifest}) {
		w, err := z.CreateHeader(&zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: m.ExportTime})
		if err != nil {
			return nil, err
		}
		if _, err := w.Write(f.data); err != nil {
			return nil, err
		}
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func (s Sheet) xlsx() ([]byte, error) {
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	const sheet = "Sheet1"
	for i, row := range append([][]string{s.Header}, s.Rows...) {
		for j, cell := range row {
			at, err := excelize.CoordinatesToCellName(j+1, i+1)
			if err != nil {
				return nil, err
			}
			// SetCellStr: text, whatever it looks like; neutral all the same, for the file may be saved as CSV.
			if err := f.SetCellStr(sheet, at, spreadsheet.Neutral(cell)); err != nil {
				return nil, err
			}
		}
	}
	b, err := f.WriteToBuffer()
	if err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
