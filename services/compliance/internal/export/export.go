package export

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
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
	s = s.neutral()
	text, err := s.csv()
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

// neutral makes every cell text to a spreadsheet: one that begins like a formula gets an apostrophe in front (OWASP, CSV
// injection). Leading white space does not hide the beginning.
func (s Sheet) neutral() Sheet {
	rows := make([][]string, len(s.Rows))
	for i, row := range s.Rows {
		rows[i] = make([]string, len(row))
		for j, cell := range row {
			rows[i][j] = Neutral(cell)
		}
	}
	s.Rows = rows
	return s
}

// Neutral is one cell that no spreadsheet takes for a formula.
func Neutral(cell string) string {
	start := strings.TrimLeft(cell, " \t\r\n\u00a0\ufeff")
	if start != "" && strings.ContainsRune("=+-@|%＝＋－＠", []rune(start)[0]) || strings.HasPrefix(cell, "\t") || strings.HasPrefix(cell, "\r") {
		return "'" + cell
	}
	return cell
}

func (s Sheet) csv() ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.UseCRLF = true // RFC 4180
	if err := w.WriteAll(append([][]string{s.Header}, s.Rows...)); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
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
			// SetCellStr: text, whatever it looks like.
			if err := f.SetCellStr(sheet, at, cell); err != nil {
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
