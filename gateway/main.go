package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/fusionems/quantum/pkg/config"
)

const usage = `usage: gateway COMMAND

  serve         answer requests until SIGTERM
  config        print the variables it understands
  config check  say what is wrong with the environment
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
	default:
		fmt.Fprintf(stderr, "gateway: %v\n", err)
		return 1
	}
}

var errUsage = errors.New("usage")

func dispatch(ctx context.Context, args, environ []string, stdout io.Writer) error {
	var cfg Config
	switch {
	case len(args) == 1 && args[0] == "serve":
		if err := config.Load(&cfg, environ); err != nil {
			return err
		}
		return Run(ctx, cfg)
	case len(args) == 1 && args[0] == "config":
		table, err := config.Table(&cfg)
		fmt.Fprint(stdout, table)
		return err
	case len(args) == 2 && args[0] == "config" && args[1] == "check":
		return config.Load(&cfg, environ)
	}
	return errUsage
}
