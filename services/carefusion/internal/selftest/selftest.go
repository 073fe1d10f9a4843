package selftest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"
)

// Target is the service to look at, as a pod beside it sees it.
type Target struct {
	// URL of the API, and the file with the authority that its certificate must be of.
	URL, CAFile string
	// DatabaseURL is that of the service's own login: what it may do is looked at, not what an administrator may.
	DatabaseURL string
}

type check struct {
	name string
	run  func(ctx context.Context) error
}

// Run makes every check, prints each, and answers all that failed.
func Run(ctx context.Context, t Target, out io.Writer) error {
	edge, err := newEdge(t)
	if err != nil {
		return err
	}
	conn, err := pgx.Connect(ctx, t.DatabaseURL)
	if err != nil {
		// The error of the driver would hold the address with its user.
		return errors.New("selftest: the database does not let the service's login in; see its log")
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	var failed []error
	for _, c := range append(edge.checks(), checks(conn)...) {
		start := time.Now()
		err := c.run(ctx)
		verdict := "ok"
		if err != nil {
			verdict = err.Error()
			failed = append(failed, fmt.Errorf("selftest: %s: %w", c.name, err))
		}
		if _, err := fmt.Fprintf(out, "%-48s %6d ms  %s\n", c.name, time.Since(start).Milliseconds(), verdict); err != nil {
			return err
		}
	}
	return errors.Join(failed...)
}
