// Byhand does the work, and is instrumented by hand as OpenTelemetry's documentation shows it.
package main

import (
	"context"
	"database/sql"
	"net/http"
	"os"

	"github.com/XSAM/otelsql"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/rules-go-weave/rules_go_weave/bench/runtime/work"
)

func main() {
	exporter, err := otlptracehttp.New(context.Background())
	if err != nil {
		panic(err)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter))
	otel.SetTracerProvider(provider)
	otel.SetTextMapPropagator(propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{}))
	finish := func() { provider.Shutdown(context.Background()) }
	if os.Getenv("OTEL_METRICS_EXPORTER") != "none" {
		exporter, err := otlpmetrichttp.New(context.Background())
		if err != nil {
			panic(err)
		}
		meters := sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewPeriodicReader(exporter)))
		otel.SetMeterProvider(meters)
		finish = func() { provider.Shutdown(context.Background()); meters.Shutdown(context.Background()) }
	}
	work.Main(work.Instruments{
		Handler:   func(h http.Handler) http.Handler { return otelhttp.NewHandler(h, "server") },
		Transport: func(t http.RoundTripper) http.RoundTripper { return otelhttp.NewTransport(t) },
		Open:      func(name, dsn string) (*sql.DB, error) { return otelsql.Open(name, dsn) },
		Finish:    finish,
	})
}
