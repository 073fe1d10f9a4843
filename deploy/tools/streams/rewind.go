package main

import (
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/nats-io/jsm.go"
	"github.com/nats-io/jsm.go/api"
)

// rewind takes the streams back to the moment that a database was recovered to.
//
// A message that was stored later either reports a change that is lost, and would make other services act on what does not exist;
// or its change was committed before, and then the restored outbox still holds it, since a row leaves the outbox only after its
// message is stored. So all of them go. Consumers go too: they had acknowledged what the restored databases may not have applied. Made
// anew they read from the start, and the inbox drops what was applied.
func rewind(m *jsm.Manager, to time.Time, keep []string, apply bool, out io.Writer) error {
	names, err := m.StreamNames(nil)
	if err != nil {
		return err
	}
	for _, name := range names {
		s, err := m.LoadStream(name)
		if err != nil {
			return err
		}
		late := []uint64{}
		if !slices.Contains(keep, name) {
			if late, err = after(s, to); err != nil {
				return fmt.Errorf("stream %s: %w", name, err)
			}
		}
		consumers, err := s.ConsumerNames()
		if err != nil {
			return fmt.Errorf("stream %s: %w", name, err)
		}
		fmt.Fprintf(out, "%s: %d messages after %s, %d consumers\n", name, len(late), stamp(to), len(consumers))
		if !apply {
			continue
		}
		for _, seq := range late {
			if err := s.DeleteMessageRequest(api.JSApiMsgDeleteRequest{Seq: seq}); err != nil {
				return fmt.Errorf("stream %s, message %d: %w", name, seq, err)
			}
		}
		for _, c := range consumers {
			if err := m.DeleteConsumer(name, c); err != nil {
				return fmt.Errorf("stream %s, consumer %s: %w", name, c, err)
			}
		}
	}
	if !apply {
		fmt.Fprintln(out, "Nothing was changed; -apply deletes these messages and consumers.")
	}
	return nil
}

// after lists the messages stored after a time, the newest first.
func after(s *jsm.Stream, to time.Time) ([]uint64, error) {
	state, err := s.State()
	if err != nil {
		return nil, err
	}
	late := []uint64{}
	for seq := state.LastSeq; seq >= max(state.FirstSeq, 1); seq-- {
		msg, err := s.ReadMessage(seq)
		if jsm.IsNatsError(err, notFound) {
			continue // deleted before
		}
		if err != nil {
			return nil, err
		}
		if !msg.Time.After(to) {
			break
		}
		late = append(late, seq)
	}
	return late, nil
}

// notFound is JetStream's code for a message that is not there.
const notFound = 10037

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
