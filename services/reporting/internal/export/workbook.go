package export

import (
	"errors"

	"github.com/xuri/excelize/v2"

	"github.com/fusionems/quantum/pkg/spreadsheet"
	"github.com/fusionems/quantum/services/reporting/internal/report"
)

const rowsTitle = "Report"

// sheet writes one sheet of a workbook and remembers what went wrong, so that its users read as the sheet does.
type sheet struct {
	file *excelize.File
	name string
	errs []error
}

func (s *sheet) set(column, row int, value any) {
	at, err := excelize.CoordinatesToCellName(column, row)
	if err == nil {
		switch v := value.(type) {
		case string:
			// Text, whatever it looks like; neutral all the same, for the file may be saved as CSV.
			err = s.file.SetCellStr(s.name, at, spreadsheet.Neutral(v))
		default:
			err = s.file.SetCellValue(s.name, at, v)
		}
	}
	s.errs = append(s.errs, err)
}

func (s *sheet) try(err error) { s.errs = append(s.errs, err) }

// workbook has figures as numbers, so that a spreadsheet can go on computing with them.
func workbook(e report.Execution) ([]byte, error) {
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return nil, err
	}
	first := &sheet{file: f, name: rowsTitle}
	first.try(f.SetSheetName("Sheet1", rowsTitle))
	first.figures(e, bold)
	second := &sheet{file: f, name: howTitle}
	_, err = f.NewSheet(howTitle)
	second.try(err)
	second.how(e, bold)
	if err := errors.Join(append(first.errs, second.errs...)...); err != nil {
		return nil, err
	}
	b, err := f.WriteToBuffer()
	if err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func (s *sheet) figures(e report.Execution, bold int) {
	names := header(e)
	for i, n := range names {
		s.set(i+1, 1, n)
	}
	for i, r := range e.Result.Rows {
		at := i + 2
		s.set(1, at, r.Group)
		s.set(2, at, r.N)
		for j, v := range seconds(r) {
			if v != nil {
				s.set(3+j, at, *v)
			}
		}
		for j, reason := range reasons {
			s.set(9+j, at, excluded(r.Excluded, reason))
		}
	}
	last, err := excelize.ColumnNumberToName(len(names))
	s.try(err)
	s.try(s.file.SetRowStyle(s.name, 1, 1, bold))
	s.try(s.file.SetColWidth(s.name, "A", last, 18))
	s.try(s.file.SetPanes(s.name, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}))
}

func (s *sheet) how(e report.Execution, bold int) {
	for i, line := range how(e) {
		s.set(1, i+1, line[0])
		s.set(2, i+1, line[1])
	}
	s.try(s.file.SetColStyle(s.name, "A", bold))
	s.try(s.file.SetColWidth(s.name, "A", "A", 36))
	s.try(s.file.SetColWidth(s.name, "B", "B", 76))
}
