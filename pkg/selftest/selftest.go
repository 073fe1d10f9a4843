package selftest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// Check is one question; its answer says in a few words what was found to hold.
type Check struct {
	Name string
	Run  func(ctx context.Context) (string, error)
}

// ErrFailed says that the lines that were printed name what failed.
var ErrFailed = errors.New("selftest: a check failed")

// patience bounds one check; the slowest waits for a record to travel through outbox and log.
const patience = time.Minute

// Run asks all questions, each whatever came of the others, and prints a line for each.
func Run(ctx context.Context, out io.Writer, checks []Check) error {
	failed := len(checks) == 0
	for _, c := range checks {
		verdict, text := "ok  ", ""
		detail, err := bounded(ctx, c)
		if text = detail; err != nil {
			verdict, text, failed = "FAIL", err.Error(), true
		}
		if _, err := fmt.Fprintf(out, "%s %s: %s\n", verdict, c.Name, text); err != nil {
			return err
		}
	}
	if failed {
		return ErrFailed
	}
	return nil
}

func bounded(ctx context.Context, c Check) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return c.Run(ctx)
}
