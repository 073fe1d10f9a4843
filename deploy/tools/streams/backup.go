package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/nats-io/jsm.go"
)

// backup takes a snapshot of each stream while it is in use. Consumers are left out: a rewind makes them anew.
func backup(ctx context.Context, m *jsm.Manager, dir string, out io.Writer) error {
	names, err := m.StreamNames(nil)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return errors.New("the account has no stream")
	}
	for _, name := range names {
		s, err := m.LoadStream(name)
		if err != nil {
			return err
		}
		target := filepath.Join(dir, name)
		// A snapshot that fails half-way must not look like one.
		partial := target + ".partial"
		if err := os.RemoveAll(partial); err != nil {
			return err
		}
		if err := os.MkdirAll(partial, 0o700); err != nil {
			return err
		}
		if _, err := s.SnapshotToDirectory(ctx, partial); err != nil {
			return fmt.Errorf("stream %s: %w", name, err)
		}
		if err := errors.Join(os.RemoveAll(target), os.Rename(partial, target)); err != nil {
			return err
		}
		state, err := s.State()
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s: %d messages, the last stored %s\n", name, state.Msgs, stamp(state.LastTime))
	}
	return nil
}

// restore makes the streams of a backup. A stream that exists is a mistake of whoever calls: nothing is overwritten.
func restore(ctx context.Context, m *jsm.Manager, dir string, out io.Writer) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var names []string
	for _, e := range entries {
		if !e.IsDir() || filepath.Ext(e.Name()) == ".partial" {
			continue
		}
		known, err := m.IsKnownStream(e.Name())
		if err != nil {
			return err
		}
		if known {
			return fmt.Errorf("the stream %s exists; a backup is restored to an account that has none of its streams", e.Name())
		}
		names = append(names, e.Name())
	}
	if len(names) == 0 {
		return fmt.Errorf("%s holds no backup of a stream", dir)
	}
	for _, name := range names {
		_, state, err := m.RestoreSnapshotFromDirectory(ctx, name, filepath.Join(dir, name))
		if err != nil {
			return fmt.Errorf("stream %s: %w", name, err)
		}
		fmt.Fprintf(out, "%s: %d messages\n", name, state.Msgs)
	}
	return nil
}
