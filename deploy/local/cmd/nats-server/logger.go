package main

import (
	"fmt"
	"log/slog"
	"os"
	"strings"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/fusionems/quantum/pkg/obs"
)

// logger writes what the server says as the fleet's other processes do, one JSON object a line.
type logger struct{ log *slog.Logger }

var _ server.Logger = logger{}

func newLogger() logger { return logger{obs.NewLogger(os.Stderr, "nats", slog.LevelInfo)} }

// Noticef leaves out the empty lines of the banner.
func (l logger) Noticef(format string, v ...any) {
	if text := strings.TrimSpace(fmt.Sprintf(format, v...)); text != "" {
		l.log.Info(text)
	}
}

func (l logger) Warnf(format string, v ...any)  { l.log.Warn(fmt.Sprintf(format, v...)) }
func (l logger) Errorf(format string, v ...any) { l.log.Error(fmt.Sprintf(format, v...)) }
func (l logger) Fatalf(format string, v ...any) { l.log.Error(fmt.Sprintf(format, v...)) }
func (l logger) Debugf(format string, v ...any) { l.log.Debug(fmt.Sprintf(format, v...)) }
func (l logger) Tracef(format string, v ...any) { l.log.Debug(fmt.Sprintf(format, v...)) }
