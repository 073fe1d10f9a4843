package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/nats-io/jsm.go"
	"github.com/nats-io/nats.go"
)

const usage = `usage: streams [flags] COMMAND

  backup DIR    write every stream to a folder of its own below DIR
  restore DIR   make the streams that DIR holds; refused where one exists
  rewind TIME   say what was stored after TIME (RFC 3339) and which consumers there are; with -apply delete both

`

var errUsage = errors.New("usage")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout)
	switch {
	case err == nil:
	case errors.Is(err, errUsage), errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	default:
		fmt.Fprintln(os.Stderr, "streams:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("streams", flag.ContinueOnError)
	url := flags.String("nats", os.Getenv("NATS_URL"), "address of the server")
	cert := flags.String("cert", "", "client certificate in PEM")
	key := flags.String("key", "", "key of the certificate in PEM")
	ca := flags.String("ca", "", "authority of the server in PEM")
	keep := flags.String("keep", "AUDIT,DLQ", "streams whose messages a rewind leaves: what happened stays evidence, also where its rows are lost")
	apply := flags.Bool("apply", false, "delete what a rewind found")
	flags.Usage = func() { fmt.Fprint(flags.Output(), usage); flags.PrintDefaults() }
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 2 {
		flags.Usage()
		return errUsage
	}
	opts := []nats.Option{nats.Name("streams"), nats.Timeout(10 * time.Second)}
	if *cert != "" {
		opts = append(opts, nats.ClientCert(*cert, *key), nats.RootCAs(*ca))
	}
	nc, err := nats.Connect(*url, opts...)
	if err != nil {
		return fmt.Errorf("%s: %w", *url, err)
	}
	defer nc.Close()
	m, err := jsm.New(nc, jsm.WithTimeout(30*time.Second))
	if err != nil {
		return err
	}
	command, argument := flags.Arg(0), flags.Arg(1)
	switch command {
	case "backup":
		return backup(ctx, m, argument, out)
	case "restore":
		return restore(ctx, m, argument, out)
	case "rewind":
		to, err := time.Parse(time.RFC3339Nano, argument)
		if err != nil {
			return fmt.Errorf("the time must be RFC 3339 with its zone, e.g. 2026-03-01T12:00:00.5Z, not %q", argument)
		}
		return rewind(m, to, strings.Split(*keep, ","), *apply, out)
	}
	flags.Usage()
	return errUsage
}
