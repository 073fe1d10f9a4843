// Command carefusion-local runs CareFusion on one machine with demo people: up, down, reset, status, logins, token.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"text/tabwriter"
	"time"
	_ "time/tzdata" // a machine may have no zones

	"github.com/fusionems/quantum/services/carefusion/internal/issuer"
	"github.com/fusionems/quantum/services/carefusion/internal/local"
)

const usage = `usage: carefusion-local [-dir folder] up [--detach] | down | reset | status | logins | token name`

// patience is how long a stop may take: the service lets requests in progress end, then PostgreSQL does.
const patience = 60 * time.Second

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
	flags := flag.NewFlagSet("carefusion-local", flag.ContinueOnError)
	dir := flags.String("dir", ".run", "folder of data, logs and secrets")
	if err := flags.Parse(args); err != nil {
		return err
	}
	layout, err := local.Open(*dir)
	if err != nil {
		return err
	}
	switch verb, rest := flags.Arg(0), flags.Args()[min(1, flags.NArg()):]; {
	case verb == "up" && len(rest) == 0:
		return up(ctx, layout)
	case verb == "up" && len(rest) == 1 && (rest[0] == "--detach" || rest[0] == "-detach"):
		return detach(ctx, layout)
	case verb == "down" && len(rest) == 0:
		return layout.Down(patience)
	case verb == "reset" && len(rest) == 0:
		return errors.Join(layout.Down(patience), layout.Reset())
	case verb == "status" && len(rest) == 0:
		return status(layout)
	case verb == "logins" && len(rest) == 0:
		return logins(layout)
	case verb == "video" && len(rest) == 0:
		// This and the next are for the launcher itself, which starts them again when they end.
		return local.Video(ctx, layout)
	case verb == "broker" && len(rest) == 0:
		return local.Broker(ctx, layout)
	case verb == "token" && len(rest) == 1:
		token, err := layout.Token(ctx, rest[0])
		if err == nil {
			fmt.Println(token)
		}
		return err
	}
	return errors.New(usage)
}

func up(ctx context.Context, layout local.Layout) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	err = local.Up(ctx, local.Options{Layout: layout, Self: self, Binary: filepath.Join(filepath.Dir(self), "carefusion"), Ready: func(s local.State) {
		fmt.Printf("CareFusion is ready: %s\nIts certificate is of the authority %s. `carefusion-local logins` lists who can sign in.\n", s.URL, layout.CA())
	}})
	if errors.Is(err, local.ErrRunning) {
		return status(layout)
	}
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

func status(layout local.Layout) error {
	running, err := layout.Running()
	if err != nil {
		return err
	}
	if !running {
		fmt.Println("CareFusion is not running.")
		return nil
	}
	s, err := layout.State()
	if err != nil {
		return err
	}
	word := "starting"
	if s.Ready {
		word = "ready"
	}
	fmt.Printf("CareFusion is %s: %s\n", word, s.URL)
	tw := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	for _, p := range s.Processes {
		if _, err := fmt.Fprintf(tw, "%s\tprocess %d\t%d restarts\tsince %s\n", p.Name, p.PID, p.Restarts, p.Since.Format(time.TimeOnly)); err != nil {
			return err
		}
	}
	return tw.Flush()
}

func logins(layout local.Layout) error {
	people, err := layout.People()
	if err != nil {
		return err
	}
	fmt.Printf("Demo people, none of them real. The password of all: %s\nEach code is good once; a new one comes every 30 seconds.\n\n", people.Password)
	tw := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	for _, u := range people.Users {
		code, err := issuer.Code(u.TOTP, time.Now())
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(tw, "%s\tcode %s\t%s\n", u.Name, code, u.About); err != nil {
			return err
		}
	}
	return tw.Flush()
}
