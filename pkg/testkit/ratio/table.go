package ratio

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// Write prints the figures as one table (median and range over the rounds, the budget, the medians of both sides), and below
// it why those that are not met are not.
func Write(w io.Writer, figures ...Figure) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "FIGURE\tMEASURED\t(MIN..MAX)\tBUDGET\tVERDICT\tOURS\tBASE\tUNIT")
	for _, f := range figures {
		fmt.Fprintln(t, f.row())
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, f := range figures {
		if f.Met() || f.Cause == "" {
			continue
		}
		if _, err := fmt.Fprintf(w, "%s: %s: %s\n", f.verdict(), f.Name, f.Cause); err != nil {
			return err
		}
	}
	return nil
}

func (f Figure) row() string {
	measured, spread, ours, base := "-", "-", "-", "-"
	if len(f.Ours) > 0 {
		measured, ours = short(Median(f.PerRound())), short(Median(f.Ours))
	}
	if len(f.Ours) > 1 {
		v := f.PerRound()
		spread = "(" + short(slices.Min(v)) + ".." + short(slices.Max(v)) + ")"
	}
	if len(f.Base) > 0 {
		base = short(Median(f.Base))
	}
	return strings.Join([]string{f.Name, measured, spread, f.budget(), f.verdict(), ours, base, f.Unit}, "\t")
}

func (f Figure) verdict() string {
	switch {
	case len(f.Ours) == 0:
		return "not measured"
	case f.Met():
		return "met"
	}
	return "MISSED"
}

func (f Figure) budget() string {
	switch {
	case f.Least > 0:
		return ">= " + short(f.Least)
	case f.Most == 0: // nothing was measured, not even what it would be held against
		return "-"
	}
	return "<= " + short(f.Most)
}

// short is a value with three digits that say something.
func short(v float64) string {
	digits := 0
	switch {
	case v < 10:
		digits = 2
	case v < 100:
		digits = 1
	}
	return strconv.FormatFloat(v, 'f', digits, 64)
}
