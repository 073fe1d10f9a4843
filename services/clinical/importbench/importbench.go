package importbench

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"syscall"
	"time"

	"github.com/fusionems/quantum/services/clinical/internal/nemsis"
)

// Bench holds the documents that both sides read.
type Bench struct {
	reader *nemsis.Reader
	docs   [][]byte
	bytes  float64
}

// New takes documents that the import accepts.
func New(docs [][]byte) (*Bench, error) {
	reader, err := nemsis.NewReader()
	if err != nil {
		return nil, err
	}
	b := &Bench{reader: reader, docs: docs}
	for _, d := range docs {
		b.bytes += float64(len(d))
	}
	if b.bytes == 0 {
		return nil, errors.New("importbench: needs at least one document")
	}
	return b, b.importAll()
}

// Import reads all documents once, as an import does, and answers MB per second of CPU time, collector included.
func (b *Bench) Import(context.Context) (float64, error) { return b.speed(b.importAll) }

// TokenLoop does the same with the bare token loop.
func (b *Bench) TokenLoop(context.Context) (float64, error) { return b.speed(b.tokenLoop) }

func (b *Bench) importAll() error {
	for i, d := range b.docs {
		if _, err := b.reader.Read(d); err != nil {
			return fmt.Errorf("importbench: document %d: %w", i, err)
		}
	}
	return nil
}

func (b *Bench) tokenLoop() error {
	for i, d := range b.docs {
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

// passes over the documents per measurement: the clock of CPU time ticks in milliseconds on some kernels.
const passes = 5

func (b *Bench) speed(pass func() error) (float64, error) {
	used, err := cpu(func() error {
		for range passes {
			if err := pass(); err != nil {
				return err
			}
		}
		return nil
	})
	return passes * b.bytes / 1e6 / used.Seconds(), err
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
