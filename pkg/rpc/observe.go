package rpc

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

type startKey struct{}

func logLink(log *slog.Logger) Middleware {
	return Middleware{
		Name: LinkLog, After: []string{LinkRequestID},
		Pre: func(ctx context.Context, _ string) (context.Context, error) {
			return context.WithValue(ctx, startKey{}, time.Now()), nil
		},
		Post: func(ctx context.Context, method string, err error) error {
			attrs := []any{"method", method, "code", status.Code(err).String(), "ms", millisSince(ctx)}
			var cause *causeError
			if errors.As(err, &cause) {
				attrs = append(attrs, "error", cause.inner)
				var p *panicError
				if errors.As(cause.inner, &p) {
					attrs = append(attrs, "stack", string(p.stack))
				}
			}
			level := slog.LevelDebug
			switch status.Code(err) {
			case codes.Internal, codes.Unknown, codes.DataLoss:
				level = slog.LevelError
			case codes.Unavailable, codes.DeadlineExceeded:
				level = slog.LevelWarn
			}
			log.Log(ctx, level, "rpc", attrs...)
			if cause != nil {
				return cause.status
			}
			return err
		},
	}
}

func millisSince(ctx context.Context) int64 {
	t, _ := ctx.Value(startKey{}).(time.Time)
	return time.Since(t).Milliseconds()
}

func metricsLink(reg prometheus.Registerer) Middleware {
	seconds := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "fleet_rpc_duration_seconds", Help: "Time to answer an RPC, by method and gRPC code.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
	}, []string{"method", "code"})
	reg.MustRegister(seconds)
	return Middleware{Name: LinkMetrics, After: []string{LinkLog}, Post: func(ctx context.Context, method string, err error) error {
		t, _ := ctx.Value(startKey{}).(time.Time)
		seconds.WithLabelValues(method, status.Code(err).String()).Observe(time.Since(t).Seconds())
		return err
	}}
}
