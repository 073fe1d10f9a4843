package importbench

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"syscall"
	"time"

	"github.com/fusionems/quantum/services/clinical/internal/nemsis"
)

// Result are medians of CPU time for one pass over all documents.
type Result struct {
	Import, TokenLoop time.Duration
	Bytes             int64
}

// Speed is how many times as fast the import is as the token loop.
func (r Result) Speed() float64 { return float64(r.TokenLoop) / float64(r.Import) }

// Measure runs both sides in turn, so that whatever else the machine does
// falls on both, and counts CPU time, collector included.
func Measure(docs [][]byte, rounds int) (Result, error) {
	reader, err := nemsis.NewReader()
	if err != nil {
		return Result{}, err
	}
	if rounds < 1 || len(docs) == 0 {
		return Result{}, errors.New("importbench: needs at least one round and one document")
	}
	var r Result
	for _, d := range docs {
		r.Bytes += int64(len(d))
	}
	var imports, loops []time.Duration
	for range rounds + 1 { // the first round warms up and is dropped
		loop, err := cpu(func() error { return tokenLoop(docs) })
		if err != nil {
			return Result{}, err
		}
		imp, err := cpu(func() error { return importAll(reader, docs) })
		if err != nil {
			return Result{}, err
		}
		loops, imports = append(loops, loop), append(imports, imp)
	}
	r.Import, r.TokenLoop = median(imports[1:]), median(loops[1:])
	return r, nil
}

func importAll(reader *nemsis.Reader, docs [][]byte) error {
	for i, d := range docs {
		if _, err := reader.Read(d); err != nil {
			return fmt.Errorf("importbench: document %d: %w", i, err)
		}
	}
	return nil
}

func tokenLoop(docs [][]byte) error {
	for i, d := range docs {
		dec := xml.NewDecoder(bytes.NewReader(d))
		for {
			_, err := dec.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				return fmt.Errorf("importbench: document %d: %w", i, err)
			}
		}
	}
	return nil
}

// cpu is the CPU time of the process while run runs.
func cpu(run func() error) (time.Duration, error) {
	before, err := used()
	if err != nil {
		return 0, err
	}
	if err := run(); err != nil {
		return 0, err
	}
	after, err := used()
	return after - before, err
}

func used() (time.Duration, error) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, fmt.Errorf("importbench: CPU time: %w", err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), nil
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}
