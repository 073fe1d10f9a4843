package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"

	_ "golang.org/x/crypto/x509roots/fallback" // an image has no file with the roots of public authorities

	"github.com/fusionems/quantum/pkg/config"
	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/obs"
	"github.com/fusionems/quantum/pkg/run"
	"github.com/fusionems/quantum/pkg/selftest"
)

// Main runs the subcommand that os.Args names and returns the exit code.
func Main(def Definition) int {
	ctx, cancel := run.SignalContext()
	defer cancel()
	err := dispatch(ctx, def, os.Args[1:], os.Environ())
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errUsage):
		fmt.Fprint(os.Stderr, usage(def))
		return 2
	case errors.Is(err, errLogged), errors.Is(err, selftest.ErrFailed):
		return 1
	default:
		fmt.Fprintf(os.Stderr, "%s: %v\n", def.Name, err)
		return 1
	}
}

var (
	errUsage  = errors.New("usage")
	errLogged = errors.New("said in the log")
)

func dispatch(ctx context.Context, def Definition, args, environ []string) error {
	if len(args) == 0 {
		return errUsage
	}
	switch {
	case args[0] == "serve" && len(args) == 1:
		return serve(ctx, def, environ)
	case args[0] == "migrate" && len(args) == 1:
		return migrate(ctx, def, environ)
	case args[0] == "roles" && len(args) == 1:
		return roles(def, os.Stdout)
	case args[0] == "config" && len(args) == 1:
		table, err := config.Table(def.settings())
		fmt.Print(table)
		return err
	case args[0] == "config" && len(args) == 2 && args[1] == "check":
		return config.Load(def.settings(), environ)
	case args[0] == "config" && len(args) == 3 && args[1] == "check" && args[2] == "migrate":
		return config.Load(&migrateConfig{}, environ)
	case args[0] == "selftest" && len(args) == 1:
		return selfTest(ctx, def, environ, os.Stdout)
	case args[0] == "dead-letters":
		return deadLetters(ctx, def, args[1:], environ, os.Stdout)
	}
	if c, ok := def.Commands[args[0]]; ok {
		return c.Run(ctx, args[1:], environ)
	}
	return errUsage
}

func usage(def Definition) string {
	text := fmt.Sprintf("usage: %s COMMAND\n\n"+
		"  serve         answer calls until SIGTERM\n"+
		"  roles         print the SQL by which a superuser makes its roles and schema\n"+
		"  migrate       bring the schema to this binary's version\n"+
		"  config        print the variables it understands\n"+
		"  config check  say what is wrong with the environment; \"config check migrate\" with that of migrate\n"+
		"  selftest      ask whether its safeguards hold, beside the running service\n"+
		"  dead-letters  list the events it gave up; \"dead-letters replay ID\" applies one again\n", def.Name)
	names := make([]string, 0, len(def.Commands))
	for name := range def.Commands {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		text += fmt.Sprintf("  %-13s %s\n", name, def.Commands[name].Help)
	}
	return text
}

func migrate(ctx context.Context, def Definition, environ []string) error {
	var cfg migrateConfig
	if err := config.Load(&cfg, environ); err != nil {
		return err
	}
	level, err := parseLevel(cfg.LogLevel)
	if err != nil {
		return err
	}
	if err := db.Migrate(ctx, cfg.MigratorDatabaseURL.Reveal(), def.Name, def.Migrations); err != nil {
		return err
	}
	obs.NewLogger(os.Stderr, def.Name, level).InfoContext(ctx, "schema is current")
	return nil
}

func serve(ctx context.Context, def Definition, environ []string) error {
	settings, err := load(def, environ)
	if err != nil {
		return err
	}
	level, err := parseLevel(settings.Base().LogLevel)
	if err != nil {
		return fmt.Errorf("service: FLEET_LOG_LEVEL: %w", err)
	}
	log := obs.NewLogger(os.Stderr, def.Name, level)
	obs.Adopt(log)
	s, err := Open(ctx, def, settings, Options{})
	if err == nil {
		err = s.Run(ctx)
	}
	if err != nil {
		// The log is read by machines, so this line must be of its form too.
		log.ErrorContext(ctx, "ended by an error", "error", err)
		return errLogged
	}
	return nil
}

func parseLevel(s string) (slog.Level, error) {
	var l slog.Level
	err := l.UnmarshalText([]byte(s))
	return l, err
}
