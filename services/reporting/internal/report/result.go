package report

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/gowebpki/jcs"
)

// Reasons why a call is not in the figures.
const (
	CancelledBeforeArrival = "CANCELLED_BEFORE_ARRIVAL"
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
	r.Excluded = Exclusions(sums[CancelledBeforeArrival], sums[TimeInvalid], sums[TimeUnknown])
	return r
}

// Exclusions lists the reasons that occurred, in a fixed order.
func Exclusions(cancelled, invalid, unknown int64) []Exclusion {
	out := []Exclusion{}
	for _, e := range []Exclusion{{CancelledBeforeArrival, cancelled}, {TimeInvalid, invalid}, {TimeUnknown, unknown}} {
		if e.N > 0 {
			out = append(out, e)
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
