package service

import (
	"context"
	"fmt"
	"io"
	"maps"
	"time"

	"github.com/fusionems/quantum/pkg/selftest"
)

// selfTest runs beside the deployed service, with its identity and its login, and starts nothing of it.
func selfTest(ctx context.Context, def Definition, environ []string, out io.Writer) error {
	settings, err := load(def, environ)
	if err != nil {
		return err
	}
	return SelfTest(ctx, def, settings, Options{}, out)
}

// SelfTest asks whether the safeguards of a deployed service hold, a line for each; it is selftest.ErrFailed when one does not.
func SelfTest(ctx context.Context, def Definition, settings Settings, opts Options, out io.Writer) error {
	settings.Base().ListenAddr, settings.Base().AdminAddr = "127.0.0.1:0", "127.0.0.1:0"
	if opts.LogTo == nil {
		opts.LogTo = io.Discard
	}
	s, err := Open(ctx, def, settings, opts)
	if err != nil {
		return err
	}
	defer s.close()
	checks := selftest.Peers(s.kit.tls, maps.Clone(s.kit.peers))
	checks = append(checks, selftest.Check{Name: "nats knows this identity and is who it says", Run: s.kit.broker})
	checks = append(checks, s.kit.rowLevelSecurity(def.AcrossAgencies)...)
	checks = append(checks, selftest.Check{Name: "audit log takes a record and proves it", Run: s.kit.auditTrail})
	return selftest.Run(ctx, out, append(checks, s.kit.selftests...))
}

// SelfTest adds a check to the service's self-test.
func (k *Kit) SelfTest(c selftest.Check) { k.selftests = append(k.selftests, c) }

// between is how often something that takes a moment is asked for again.
const between = 200 * time.Millisecond

func (k *Kit) broker(ctx context.Context) (string, error) {
	err := until(ctx, func() (bool, error) {
		err := k.Bus.Ready(ctx)
		return err == nil, err
	})
	return "connected", err
}

func (k *Kit) rowLevelSecurity(except map[string]string) []selftest.Check {
	counted := func(what string, f func(context.Context) (int, error)) func(context.Context) (string, error) {
		return func(ctx context.Context) (string, error) {
			n, err := f(ctx)
			return fmt.Sprintf("%d %s", n, what), err
		}
	}
	reading := func(what string, f func(context.Context, map[string]string) (int, error)) func(context.Context) (string, error) {
		return counted(what, func(ctx context.Context) (int, error) { return f(ctx, except) })
	}
	return []selftest.Check{
		{Name: "rls binds the login", Run: func(ctx context.Context) (string, error) {
			return "it owns nothing and is above nothing", k.DB.CheckLogin(ctx)
		}},
		{Name: "rls is forced on every table of agencies", Run: counted("tables", k.DB.CheckForced)},
		{Name: "rls refuses a statement without an agency", Run: reading("readings refused", k.DB.CheckAgencyNeeded)},
		{Name: "rls shows an agency no row of another", Run: reading("readings empty", k.DB.CheckSeparated)},
	}
}

// until asks again until the answer is true or ctx ends; then it says what stood in the way.
func until(ctx context.Context, ask func() (bool, error)) error {
	for {
		done, err := ask()
		if done {
			return nil
		}
		select {
		case <-ctx.Done():
			if err == nil {
				err = ctx.Err()
			}
			return fmt.Errorf("not in time: %w", err)
		case <-time.After(between):
		}
	}
}
