package access

import (
	"context"
	"io"
	"sync"
	"time"
)

// Log writes records through a buffer: a write per request would cost more than the record.
type Log struct {
	w io.Writer

	mu     sync.Mutex
	buffer []byte
	failed int
}

const (
	flushAt    = 64 << 10
	flushEvery = 200 * time.Millisecond
)

// NewLog makes a log; Run must be running for lines to appear in time.
func NewLog(w io.Writer) *Log { return &Log{w: w, buffer: make([]byte, 0, flushAt+4096)} }

// Add appends a record.
func (l *Log) Add(r *Record) {
	l.mu.Lock()
	l.buffer = r.append(l.buffer)
	if len(l.buffer) >= flushAt {
		l.flush()
	}
	l.mu.Unlock()
}

// flush needs the lock. A writer that fails loses lines: a full disk must not stop the fleet.
func (l *Log) flush() {
	if len(l.buffer) == 0 {
		return
	}
	if _, err := l.w.Write(l.buffer); err != nil {
		l.failed++
	}
	l.buffer = l.buffer[:0]
}

// Flush writes what is buffered.
func (l *Log) Flush() {
	l.mu.Lock()
	l.flush()
	l.mu.Unlock()
}

// Run flushes now and then until ctx ends, and once more then.
func (l *Log) Run(ctx context.Context) error {
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			l.Flush()
			return nil
		case <-tick.C:
			l.Flush()
		}
	}
}
