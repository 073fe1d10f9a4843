package civil

import (
	"time"

	"google.golang.org/genproto/googleapis/type/date"

	"github.com/fusionems/quantum/services/carefusion/internal/fault"
)

// Text is the date as YYYY-MM-DD, or an error that names the field.
func Text(field string, d *date.Date) (string, error) {
	t := time.Date(int(d.GetYear()), time.Month(d.GetMonth()), int(d.GetDay()), 0, 0, 0, 0, time.UTC)
	if d.GetYear() < 1850 || d.GetYear() > 9999 || t.Day() != int(d.GetDay()) || t.Month() != time.Month(d.GetMonth()) {
		return "", fault.Invalid(field, "date", "Send a whole date of the calendar: year, month and day.")
	}
	return t.Format(time.DateOnly), nil
}

// Proto reads YYYY-MM-DD; nil for anything else.
func Proto(text string) *date.Date {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return nil
	}
	return &date.Date{Year: int32(t.Year()), Month: int32(t.Month()), Day: int32(t.Day())} //nolint:gosec // bounded by the layout
}
