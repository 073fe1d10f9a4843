package audit

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"github.com/fusionems/quantum/pkg/config"
	"github.com/fusionems/quantum/services/audit/internal/store"
	"github.com/fusionems/quantum/services/audit/internal/tlog"
	"github.com/fusionems/quantum/services/audit/internal/verify"
)

// verifySettings are those variables of the service that verify needs.
type verifySettings struct {
	DatabaseURL   config.Secret `env:"DATABASE_URL" desc:"PostgreSQL URL of a login that may become audit_cross."`
	CheckpointKey config.Secret `env:"CHECKPOINT_KEY" desc:"Private key that signs checkpoints; its public half is used."`
}

// errAltered makes the command end with exit code 1; the report is printed already.
var errAltered = errors.New("the log was altered")

const verifyUsage = `usage: audit verify [flags]

Reads FLEET_DATABASE_URL and FLEET_CHECKPOINT_KEY (or the files named in …_FILE) where flags do not say otherwise.
`

type list []string

func (l *list) String() string     { return strings.Join(*l, ",") }
func (l *list) Set(s string) error { *l = append(*l, s); return nil }

func verifyCommand(ctx context.Context, args []string, environ []string) error {
	return verifyTo(ctx, os.Stdout, args, environ)
}

func verifyTo(ctx context.Context, out io.Writer, args []string, environ []string) error {
	flags := flag.NewFlagSet("verify", flag.ContinueOnError)
	url := flags.String("database", "", "PostgreSQL URL of a login that may become audit_cross")
	kept := flags.String("checkpoint", "", "file with a checkpoint kept elsewhere, which the log must still contain")
	var keys list
	flags.Var(&keys, "key", "public key that checkpoints may be signed with (repeatable)")
	flags.Usage = func() { fmt.Fprint(flags.Output(), verifyUsage); flags.PrintDefaults() }
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return nil
	} else if err != nil {
		return err
	}
	opts := verify.Options{VerifierKeys: keys}
	if err := fromEnvironment(url, &opts, environ); err != nil {
		return err
	}
	if *kept != "" {
		note, err := os.ReadFile(*kept)
		if err != nil {
			return err
		}
		opts.Kept = string(note)
	}
	return verifyLog(ctx, out, *url, opts)
}

func verifyLog(ctx context.Context, out io.Writer, url string, opts verify.Options) error {
	scan, err := store.OpenScan(ctx, url)
	if err != nil {
		return err
	}
	defer scan.Close(ctx)
	report, err := verify.Log(ctx, scan, opts)
	if err != nil {
		return err
	}
	if err := report.Print(out); err != nil {
		return err
	}
	if !report.OK() {
		return errAltered
	}
	return nil
}

// fromEnvironment fills in what flags leave open. Other variables of the service may be set: they are not looked at.
func fromEnvironment(url *string, opts *verify.Options, environ []string) error {
	var mine []string
	for _, kv := range environ {
		if strings.HasPrefix(kv, config.Prefix+"DATABASE_URL") || strings.HasPrefix(kv, config.Prefix+"CHECKPOINT_KEY") {
			mine = append(mine, kv)
		}
	}
	var s verifySettings
	if err := config.Load(&s, mine); err != nil {
		return err
	}
	if *url == "" {
		*url = s.DatabaseURL.Reveal()
	}
	if key := s.CheckpointKey.Reveal(); key != "" {
		signer, err := tlog.NewSigner(key)
		if err != nil {
			return err
		}
		opts.VerifierKeys = append(opts.VerifierKeys, signer.VerifierKey())
	}
	switch {
	case *url == "":
		return errors.New("no database: set FLEET_DATABASE_URL or -database")
	case len(opts.VerifierKeys) == 0:
		return errors.New("no public key: set FLEET_CHECKPOINT_KEY or -key")
	}
	return nil
}

func keygenCommand(_ context.Context, args []string, _ []string) error {
	if len(args) != 1 {
		return errors.New("keygen needs the name of the log, e.g. audit keygen fusionems.example/audit")
	}
	private, public, err := note.GenerateKey(rand.Reader, args[0])
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "public key:", public)
	_, err = fmt.Println(private)
	return err
}
