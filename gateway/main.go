package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/fusionems/quantum/pkg/config"
	"github.com/fusionems/quantum/pkg/obs"
	"github.com/fusionems/quantum/pkg/selftest"
)

const usage = `usage: gateway COMMAND

  serve         answer requests until SIGTERM
  config        print the variables it understands
  config check  say what is wrong with the environment
  selftest      ask whether the services know it and refuse others
`

// Main runs the command that args name and returns the exit code.
func Main(ctx context.Context, args, environ []string, stdout, stderr io.Writer) int {
	err := dispatch(ctx, args, environ, stdout)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errUsage):
		fmt.Fprint(stderr, usage)
		return 2
	case errors.Is(err, errLogged), errors.Is(err, selftest.ErrFailed):
		return 1
	default:
		fmt.Fprintf(stderr, "gateway: %v\n", err)
		return 1
	}
}

var (
	errUsage  = errors.New("usage")
	errLogged = errors.New("said in the log")
)

// serveLogged runs the gateway as a process of its own: what its libraries say, and why it ended, are lines of its log.
func serveLogged(ctx context.Context, cfg Config) error {
	log := obs.NewLogger(os.Stderr, name, slog.LevelInfo)
	obs.Adopt(log)
	if err := Run(ctx, cfg); err != nil {
		log.ErrorContext(ctx, "ended by an error", "error", err)
		return errLogged
	}
	return nil
}

func dispatch(ctx context.Context, args, environ []string, stdout io.Writer) error {
	var cfg Config
	switch {
	case len(args) == 1 && args[0] == "serve":
		if err := config.Load(&cfg, environ); err != nil {
			return err
		}
		cfg.renewedRedisURL = config.Renewed(environ, "REDIS_URL")
		return serveLogged(ctx, cfg)
	case len(args) == 1 && args[0] == "selftest":
		if err := config.Load(&cfg, environ); err != nil {
			return err
		}
		return selfTest(ctx, cfg, stdout)
	case len(args) == 1 && args[0] == "config":
		table, err := config.Table(&cfg)
		fmt.Fprint(stdout, table)
		return err
	case len(args) == 2 && args[0] == "config" && args[1] == "check":
		return config.Load(&cfg, environ)
	}
	return errUsage
}
