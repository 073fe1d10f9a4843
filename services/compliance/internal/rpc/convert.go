package rpc

import (
	"strconv"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/type/date"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	compliancev1 "github.com/fusionems/quantum/proto/gen/go/fleet/compliance/v1"
	"github.com/fusionems/quantum/services/compliance/internal/record"
)

//nolint:gosec // parts of a date
func dateTo(t *time.Time) *date.Date {
	if t == nil {
		return nil
	}
	return &date.Date{Year: int32(t.Year()), Month: int32(t.Month()), Day: int32(t.Day())}
}

// dates reads dates of a request and keeps the first that is none.
type dates struct{ err error }

const (
	firstYear = 1900
	lastYear  = 2199
)

func (d *dates) from(field string, v *date.Date) *time.Time {
	if v == nil {
		return nil
	}
	t := time.Date(int(v.GetYear()), time.Month(v.GetMonth()), int(v.GetDay()), 0, 0, 0, 0, time.UTC)
	if t.Year() != int(v.GetYear()) || t.Month() != time.Month(v.GetMonth()) || t.Day() != int(v.GetDay()) || t.Year() < firstYear || t.Year() > lastYear {
		if d.err == nil {
			d.err = invalid(field, "date", "a day of the calendar between "+strconv.Itoa(firstYear)+" and "+strconv.Itoa(lastYear))
		}
		return nil
	}
	return &t
}

func (d *dates) text(field string, v *date.Date) string { return record.DateText(d.from(field, v)) }

func timeTo(t *time.Time) *timestamppb.Timestamp {
	if t == nil {
		return nil
	}
	return timestamppb.New(*t)
}

func warningsTo(list []record.Warning) []*compliancev1.Warning {
	out := make([]*compliancev1.Warning, len(list))
	for i, w := range list {
		out[i] = &compliancev1.Warning{Code: w.Code, Field: w.Field, Message: w.Message}
	}
	return out
}

// maskOf are the fields of a mask by their JSON names; "*" is all.
func maskOf(m *fieldmaskpb.FieldMask) []string {
	var out []string
	for _, p := range m.GetPaths() {
		if p == "*" {
			return nil
		}
		out = append(out, jsonName(p))
	}
	return out
}

func jsonName(path string) string {
	parts := strings.Split(path, "_")
	for i, p := range parts[1:] {
		if p != "" {
			parts[i+1] = strings.ToUpper(p[:1]) + p[1:]
		}
	}
	return strings.Join(parts, "")
}
