package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/fusionems/quantum/deploy/local"
)

func up(dir, flag string) error {
	if printRunning(os.Stdout, dir) {
		return nil
	}
	switch flag {
	case "":
		return foreground(dir)
	case "--detach":
		return detach(dir)
	}
	return errUsage
}

// foreground runs the fleet until it is told to stop.
func foreground(dir string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	began := time.Now()
	fleet, err := local.Start(ctx, local.Options{
		Dir: dir, Out: os.Stdout, Getenv: os.Getenv, NoDemo: os.Getenv("DEMO") == "0",
	})
	var running *local.RunningError
	switch {
	case errors.As(err, &running):
		printRunning(os.Stdout, dir)
		return nil
	case err != nil && ctx.Err() != nil:
		fmt.Println("Stopped before it was ready.")
		return errQuiet
	case err != nil:
		return err
	}
	report(os.Stdout, fleet, time.Since(began))
	<-ctx.Done()
	fmt.Println("\nStopping.")
	fleet.Stop()
	return nil
}

// detach starts the launcher again in a session of its own, shows what it says until it is ready, and leaves it running.
func detach(dir string) error {
	logFile := filepath.Join(dir, "logs", "fleet.log")
	if err := os.MkdirAll(filepath.Dir(logFile), 0o755); err != nil {
		return err
	}
	log, err := os.OpenFile(logFile, os.O_CREATE|os.O_RDWR|os.O_TRUNC|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.Command(self, "-dir", dir, "up")
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	said, err := os.Open(logFile)
	if err != nil {
		return err
	}
	defer said.Close()
	return watch(ctx, cmd.Process, ended, said)
}

// watch copies what the launcher says until that is the ready line, the launcher has ended, or whoever watches gives up.
func watch(ctx context.Context, launcher *os.Process, ended <-chan error, said io.Reader) error {
	var all bytes.Buffer
	out := io.MultiWriter(os.Stdout, &all)
	for {
		if _, err := io.Copy(out, said); err != nil {
			return err
		}
		if _, line, found := strings.Cut(all.String(), readyLine); found && strings.Contains(line, "\n") {
			return launcher.Release()
		}
		select {
		case <-ended:
			_, _ = io.Copy(out, said)
			return errQuiet
		case <-ctx.Done():
			_ = launcher.Signal(syscall.SIGTERM)
			<-ended
			return errQuiet
		case <-time.After(100 * time.Millisecond):
		}
	}
}
