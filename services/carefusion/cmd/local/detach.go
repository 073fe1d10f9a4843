package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/fusionems/quantum/services/carefusion/internal/local"
)

// startup is how long a first start may take: a new cluster and the demo data on a machine with other things to do.
const startup = 3 * time.Minute

// detach starts a launcher in a session of its own, so that it outlives this terminal, and returns when it is ready.
func detach(ctx context.Context, layout local.Layout) error {
	if running, err := layout.Running(); err != nil {
		return err
	} else if running {
		return status(layout)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	log, err := os.OpenFile(layout.Log("launcher"), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	cmd := exec.Command(self, "-dir", layout.Dir, "up")
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("carefusion-local: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	late := time.After(startup)
	for {
		select {
		case err := <-ended:
			text, _ := os.ReadFile(layout.Log("launcher"))
			return errors.Join(err, fmt.Errorf("carefusion-local: did not start:\n%s", text))
		case <-ctx.Done():
			return errors.Join(ctx.Err(), layout.Down(patience))
		case <-late:
			return errors.Join(fmt.Errorf("carefusion-local: not ready after %s; see %s", startup, layout.Log("launcher")), layout.Down(patience))
		case <-time.After(100 * time.Millisecond):
		}
		s, err := layout.State()
		if err != nil {
			return err
		}
		if s.Ready && s.Launcher == cmd.Process.Pid {
			return status(layout)
		}
	}
}
