package spreadsheet

import (
	"bytes"
	"encoding/csv"
	"strings"
)

// Neutral is one cell that no spreadsheet takes for a formula: one that begins like a formula gets an apostrophe in front
// (OWASP, CSV injection). Leading white space does not hide the beginning.
func Neutral(cell string) string {
	start := strings.TrimLeft(cell, " \t\r\n\u00a0\ufeff")
	if start != "" && strings.ContainsRune("=+-@|%＝＋－＠", []rune(start)[0]) || strings.HasPrefix(cell, "\t") || strings.HasPrefix(cell, "\r") {
		return "'" + cell
	}
	return cell
}

// CSV is rows by RFC 4180, with every cell neutral.
func CSV(rows [][]string) ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = Neutral(cell)
		}
		if err := w.Write(cells); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}
