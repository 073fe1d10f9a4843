// Command carefusion is the telehealth service: serve, migrate, roles, verify, rewrap, selftest, config.
package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"
	_ "time/tzdata" // the image has no zones

	_ "golang.org/x/crypto/x509roots/fallback" // nor the roots of public authorities

	"github.com/fusionems/quantum/services/carefusion/internal/app"
	"github.com/fusionems/quantum/services/carefusion/internal/audit"
	"github.com/fusionems/quantum/services/carefusion/internal/config"
	"github.com/fusionems/quantum/services/carefusion/internal/rewrap"
	"github.com/fusionems/quantum/services/carefusion/internal/seal"
	"github.com/fusionems/quantum/services/carefusion/internal/selftest"
	"github.com/fusionems/quantum/services/carefusion/internal/store"
	"github.com/fusionems/quantum/services/carefusion/web"
)

const usage = `usage: carefusion serve | migrate | roles | verify [sequence:hash] | rewrap | selftest https://HOST:PORT CA-FILE | config [check]`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errors.New(usage)
	}
	if args[0] == "roles" {
		_, err := os.Stdout.WriteString(store.Roles())
		return err
	}
	if args[0] == "config" && len(args) == 1 {
		return config.Table(os.Stdout)
	}
	cfg, err := config.Load(os.Environ())
	if err != nil {
		return err
	}
	switch args[0] {
	case "serve":
		return serve(ctx, cfg)
	case "migrate":
		return migrate(ctx, cfg)
	case "verify":
		return verify(ctx, cfg, args[1:])
	case "rewrap":
		return rewrapAll(ctx, cfg)
	case "selftest":
		return selfTest(ctx, cfg, args[1:])
	case "config":
		return cfg.Check()
	}
	return errors.New(usage)
}

func serve(ctx context.Context, cfg config.Config) error {
	a, err := app.New(ctx, cfg, app.Parts{Log: slog.New(slog.NewJSONHandler(os.Stdout, nil)), Clock: time.Now, Site: web.Site()})
	if err != nil {
		return err
	}
	defer a.Close()
	return a.Run(ctx)
}

func migrate(ctx context.Context, cfg config.Config) error {
	url, err := config.Secret(cfg.MigratorDatabaseURLFile)
	if err != nil {
		return err
	}
	version, err := store.Migrate(ctx, url)
	if err == nil {
		fmt.Println("schema version", version)
	}
	return err
}

// rewrapAll seals everything with the first key of the file. It can be interrupted and run again.
func rewrapAll(ctx context.Context, cfg config.Config) error {
	url, err := config.Secret(cfg.MigratorDatabaseURLFile)
	if err != nil {
		return err
	}
	sealer, err := seal.FromFile(cfg.DataKeyFile)
	if err != nil {
		return err
	}
	n, err := rewrap.Run(ctx, url, sealer, time.Now)
	fmt.Println(n, "values sealed anew")
	return err
}

// selfTest asks the service at an address from beside it, as `helm test` does.
func selfTest(ctx context.Context, cfg config.Config, args []string) error {
	if len(args) != 2 {
		return errors.New(usage)
	}
	url, err := config.Secret(cfg.DatabaseURLFile)
	if err != nil {
		return err
	}
	return selftest.Run(ctx, selftest.Target{URL: args[0], CAFile: args[1], DatabaseURL: url}, os.Stdout)
}

// verify walks the audit log as the schema's owner, who may read all of it. With the head of an earlier run it also shows
// that nobody has written the whole log anew since.
func verify(ctx context.Context, cfg config.Config, args []string) error {
	var anchors []audit.Anchor
	for _, text := range args {
		a, ok := audit.ParseAnchor(text)
		if !ok {
			return errors.New("verify: an anchor is sequence:hash, as an earlier run printed it")
		}
		anchors = append(anchors, a)
	}
	url, err := config.Secret(cfg.MigratorDatabaseURLFile)
	if err != nil {
		return err
	}
	v, err := audit.VerifyAt(ctx, url, anchors...)
	if err != nil {
		return err
	}
	if !v.Intact() {
		return fmt.Errorf("verify: the log does not hold from record %d", v.FirstBad)
	}
	fmt.Printf("%d:%s\n", v.Records, hex.EncodeToString(v.Head))
	return nil
}
