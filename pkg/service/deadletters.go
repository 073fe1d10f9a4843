package service

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"
)

// listed is how many dead letters one call shows.
const listed = 1000

var errNoEvents = errors.New("this service takes no events")

// deadLetters lists the events that the service gave up, or applies one of them again. It composes the service beside
// the running one, on ports of its own, and starts nothing of it.
func deadLetters(ctx context.Context, def Definition, args, environ []string, out io.Writer) error {
	settings, err := load(def, environ)
	if err != nil {
		return err
	}
	settings.Base().ListenAddr, settings.Base().AdminAddr = "127.0.0.1:0", "127.0.0.1:0"
	s, err := Open(ctx, def, settings, Options{})
	if err != nil {
		return err
	}
	defer s.close()
	if s.inbox == nil {
		return errNoEvents
	}
	switch {
	case len(args) == 0:
		return s.listDead(ctx, out)
	case len(args) == 2 && args[0] == "replay":
		id, err := uuid.Parse(args[1])
		if err != nil {
			return fmt.Errorf("%q is not an event id", args[1])
		}
		if err := s.inbox.Replay(ctx, id); err != nil {
			return fmt.Errorf("event %s stays dead: %w", id, err)
		}
		_, err = fmt.Fprintln(out, "applied", id)
		return err
	default:
		return errUsage
	}
}

func (s *Service) listDead(ctx context.Context, out io.Writer) error {
	list, err := s.inbox.DeadLetters(ctx, listed)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "EVENT\tAGENCY\tTYPE\tATTEMPTS\tREASON\tRECEIVED")
	for _, d := range list {
		fmt.Fprintf(w, "%s\t%d\t%s\t%d\t%s\t%s\n", d.ID, d.AgencyID, d.Type, d.Attempts, d.Reason, d.Received.Format(time.RFC3339))
	}
	return w.Flush()
}
