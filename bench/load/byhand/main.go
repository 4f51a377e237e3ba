// Byhand is the service with OpenTelemetry's middlewares, as their documentation wires them.
package main

import (
	"context"
	"database/sql"
	"log"
	"net/http"

	"github.com/XSAM/otelsql"
	"github.com/redis/go-redis/extra/redisotel/v9"
	"github.com/redis/go-redis/v9"
	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.37.0"
	"google.golang.org/grpc"

	"github.com/rules-go-weave/rules_go_weave/bench/load/app"
)

func main() {
	ctx := context.Background()
	spans, err := otlptracehttp.New(ctx)
	check(err)
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(spans))
	otel.SetTracerProvider(provider)
	otel.SetTextMapPropagator(propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{}))
	measured, err := otlpmetrichttp.New(ctx)
	check(err)
	meters := sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewPeriodicReader(measured)))
	otel.SetMeterProvider(meters)
	app.Main(app.Instruments{
		Route: func(pattern string, h http.Handler) http.Handler { return otelhttp.NewHandler(h, pattern) },
		Open: func(driver, dsn string) (*sql.DB, error) {
			return otelsql.Open(driver, dsn, otelsql.WithAttributes(semconv.DBSystemNamePostgreSQL),
				otelsql.WithSpanOptions(otelsql.SpanOptions{OmitConnResetSession: true, OmitConnPrepare: true, OmitRows: true, OmitConnectorConnect: true}))
		},
		Redis: func(c *redis.Client) error {
			if err := redisotel.InstrumentTracing(c); err != nil {
				return err
			}
			return redisotel.InstrumentMetrics(c)
		},
		Server: []grpc.ServerOption{grpc.StatsHandler(otelgrpc.NewServerHandler())},
		Client: []grpc.DialOption{grpc.WithStatsHandler(otelgrpc.NewClientHandler())},
		Finish: func() {
			provider.Shutdown(ctx)
			meters.Shutdown(ctx)
		},
	})
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
