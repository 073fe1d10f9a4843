package report

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/gowebpki/jcs"

	"github.com/fusionems/quantum/services/reporting/internal/catalogue"
)

// Reasons why a call is not in the figures.
const (
	CancelledBeforeArrival = catalogue.CancelledBeforeArrival
	NotTransported         = catalogue.NotTransported
	TimeInvalid            = "TIME_INVALID"
	TimeUnknown            = "TIME_UNKNOWN"
)

// Result is the answer of a definition at a mark.
type Result struct {
	// N counts the calls in the figures, Excluded those of the period that are not.
	N        int64       `json:"n"`
	Excluded []Exclusion `json:"excluded"`
	Rows     []Row       `json:"rows"`
}

// Row is one group. Its figures are nil when N is 0.
type Row struct {
	Group         string      `json:"group"`
	N             int64       `json:"n"`
	Excluded      []Exclusion `json:"excluded"`
	MedianSeconds *float64    `json:"medianSeconds"`
	P90Seconds    *float64    `json:"p90Seconds"`
	MeanSeconds   *float64    `json:"meanSeconds"`
	// These came with version 2 of the catalogue: answers of version 1 do not have the fields, and keep their hashes so.
	P10Seconds *float64 `json:"p10Seconds,omitempty"`
	P25Seconds *float64 `json:"p25Seconds,omitempty"`
	P75Seconds *float64 `json:"p75Seconds,omitempty"`
}

// Exclusion counts calls left out for one reason.
type Exclusion struct {
	Reason string `json:"reason"`
	N      int64  `json:"n"`
}

// Total makes the result of the rows: every call of the period is in one of them.
func Total(rows []Row) Result {
	r := Result{Rows: rows}
	sums := map[string]int64{}
	for _, row := range rows {
		r.N += row.N
		for _, e := range row.Excluded {
			sums[e.Reason] += e.N
		}
	}
	r.Excluded = Exclusions(sums)
	return r
}

// Exclusions lists the reasons that occurred, in a fixed order.
func Exclusions(by map[string]int64) []Exclusion {
	out := []Exclusion{}
	for _, reason := range []string{CancelledBeforeArrival, NotTransported, TimeInvalid, TimeUnknown} {
		if by[reason] > 0 {
			out = append(out, Exclusion{reason, by[reason]})
		}
	}
	return out
}

// Canonical is v in canonical JSON (RFC 8785) with its SHA-256 in hex.
func Canonical(v any) (text, sum string, err error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return "", "", fmt.Errorf("report: encoding: %w", err)
	}
	canonical, err := jcs.Transform(raw)
	if err != nil {
		return "", "", fmt.Errorf("report: canonical JSON: %w", err)
	}
	return string(canonical), Hash(string(canonical)), nil
}

// Hash is the SHA-256 of a text in hex.
func Hash(text string) string {
	h := sha256.Sum256([]byte(text))
	return hex.EncodeToString(h[:])
}
