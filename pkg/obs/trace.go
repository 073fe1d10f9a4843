package obs

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.26.0"
)

// TraceConfig says where traces go.
type TraceConfig struct {
	// Service is the service.name resource attribute.
	Service string
	// Endpoint is the URL of an OTLP gRPC collector; empty switches recording off, propagation stays.
	Endpoint string
	// Ratio of new traces that are recorded, 0 to 1; what a caller records is always recorded.
	Ratio float64
}

// StartTracing installs the process-wide tracer provider and propagator and returns the flush to call at the end.
func StartTracing(ctx context.Context, cfg TraceConfig) (func(context.Context) error, error) {
	otel.SetTextMapPropagator(propagation.TraceContext{})
	if cfg.Endpoint == "" {
		return func(context.Context) error { return nil }, nil
	}
	exp, err := otlptracegrpc.New(ctx, otlptracegrpc.WithEndpointURL(cfg.Endpoint))
	if err != nil {
		return nil, fmt.Errorf("obs: trace exporter: %w", err)
	}
	res := resource.NewSchemaless(semconv.ServiceName(cfg.Service), semconv.ServiceNamespace("fusionems"))
	tp := sdktrace.NewTracerProvider(
		sdktrace.WithBatcher(exp), sdktrace.WithResource(res),
		sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.TraceIDRatioBased(cfg.Ratio))),
	)
	otel.SetTracerProvider(tp)
	return tp.Shutdown, nil
}
