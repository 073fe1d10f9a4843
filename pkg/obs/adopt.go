package obs

import (
	"fmt"
	"log/slog"
	"os"
	"strings"

	"go.opentelemetry.io/otel"
	"google.golang.org/grpc/grpclog"
)

// Adopt gives the process's log to libraries that would otherwise write lines of their own to standard error: the standard
// logger, gRPC and OpenTelemetry. It is for main functions, once and before anything is opened: gRPC reads its logger unlocked.
func Adopt(log *slog.Logger) {
	slog.SetDefault(log)
	grpclog.SetLoggerV2(grpcLog{log})
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) {
		log.Warn("telemetry", "error", err)
	}))
}

// grpcLog passes on what gRPC calls errors. Its news and warnings are about connections that come and go, which the fleet
// sees by itself.
type grpcLog struct{ log *slog.Logger }

var _ grpclog.LoggerV2 = grpcLog{}

func (g grpcLog) error(text string) { g.log.Error("grpc", "error", strings.TrimSpace(text)) }

func (grpcLog) Info(...any)                    {}
func (grpcLog) Infoln(...any)                  {}
func (grpcLog) Infof(string, ...any)           {}
func (grpcLog) Warning(...any)                 {}
func (grpcLog) Warningln(...any)               {}
func (grpcLog) Warningf(string, ...any)        {}
func (g grpcLog) Error(args ...any)            { g.error(fmt.Sprint(args...)) }
func (g grpcLog) Errorln(args ...any)          { g.error(fmt.Sprintln(args...)) }
func (g grpcLog) Errorf(f string, args ...any) { g.error(fmt.Sprintf(f, args...)) }
func (grpcLog) V(int) bool                     { return false }

// The interface asks that these end the process.
func (g grpcLog) fatal(text string) {
	g.error(text)
	os.Exit(1)
}

func (g grpcLog) Fatal(args ...any)            { g.fatal(fmt.Sprint(args...)) }
func (g grpcLog) Fatalln(args ...any)          { g.fatal(fmt.Sprintln(args...)) }
func (g grpcLog) Fatalf(f string, args ...any) { g.fatal(fmt.Sprintf(f, args...)) }
