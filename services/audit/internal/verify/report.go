package verify

import (
	"encoding/base64"
	"fmt"
	"io"
	"strings"
)

// Range is leaves from From to before To.
type Range struct{ From, To uint64 }

// Report is what a verification found.
type Report struct {
	Origin      string
	Size        uint64
	Root        []byte
	Checkpoints uint64
	// Leaves are those that were altered, in order; ranges where rows, leaves and nodes were changed so consistently that
	// only a signed root tells.
	Leaves []Range
	// Other is what else is wrong.
	Other []string

	lines   []string
	omitted int
}

// maxLines bounds what a report of a log altered throughout holds.
const maxLines = 1000

// OK says that nothing is wrong.
func (r *Report) OK() bool { return len(r.Leaves) == 0 && len(r.Other) == 0 }

func (r *Report) line(text string) {
	if len(r.lines) == maxLines {
		r.omitted++
		return
	}
	r.lines = append(r.lines, text)
}

// leaves adds altered leaves and says why.
func (r *Report) leaves(from, to uint64, text string) {
	if r.covers(from, to) {
		return
	}
	r.line(text)
	if n := len(r.Leaves); n > 0 && r.Leaves[n-1].To == from {
		r.Leaves[n-1].To = to
		return
	}
	r.Leaves = append(r.Leaves, Range{from, to})
}

// rootDiffers adds a range under a hash that differs, unless a leaf in it is known to be altered: then that is why.
func (r *Report) rootDiffers(from, to uint64, text string) {
	for _, known := range r.Leaves {
		if known.From < to {
			return
		}
	}
	r.leaves(from, to, text)
}

func (r *Report) covers(from, to uint64) bool {
	for i := len(r.Leaves) - 1; i >= 0; i-- {
		if r.Leaves[i].From <= from && to <= r.Leaves[i].To {
			return true
		}
	}
	return false
}

func (r *Report) other(text string) {
	r.line(text)
	if len(r.Other) < maxLines {
		r.Other = append(r.Other, text)
	}
}

// Print writes the report for people: one line when all is well.
func (r *Report) Print(w io.Writer) error {
	root := base64.StdEncoding.EncodeToString(r.Root)
	if r.OK() {
		_, err := fmt.Fprintf(w, "OK origin=%s size=%d root=%s checkpoints=%d\n", r.Origin, r.Size, root, r.Checkpoints)
		return err
	}
	var b strings.Builder
	if len(r.Leaves) > 0 {
		fmt.Fprintf(&b, "ALTERED first leaf %d; altered leaves: %s\n", r.Leaves[0].From, ranges(r.Leaves))
	} else {
		b.WriteString("ALTERED\n")
	}
	for _, l := range r.lines {
		b.WriteString("  " + l + "\n")
	}
	if r.omitted > 0 {
		fmt.Fprintf(&b, "  and %d more\n", r.omitted)
	}
	fmt.Fprintf(&b, "  the rows have size=%d root=%s\n", r.Size, root)
	_, err := io.WriteString(w, b.String())
	return err
}

func ranges(list []Range) string {
	text := make([]string, len(list))
	for i, r := range list {
		text[i] = fmt.Sprintf("%d", r.From)
		if r.To > r.From+1 {
			text[i] = fmt.Sprintf("%d-%d", r.From, r.To-1)
		}
	}
	return strings.Join(text, ", ")
}
