// Command server answers HTTP requests, one of them from a PostgreSQL database; OpenTelemetry is wired by hand.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"

	"github.com/XSAM/otelsql"
	_ "github.com/jackc/pgx/v5/stdlib"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.37.0"
)

func main() {
	exporter, err := otlptracehttp.New(context.Background())
	if err != nil {
		slog.Error("cannot make the exporter", "error", err)
		os.Exit(1)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter))
	defer func() { _ = provider.Shutdown(context.Background()) }()
	otel.SetTracerProvider(provider)
	otel.SetTextMapPropagator(propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{}))
	db, err := otelsql.Open("pgx", os.Getenv("DATABASE_URL"), otelsql.WithAttributes(semconv.DBSystemNamePostgreSQL))
	if err != nil {
		slog.Error("cannot open the database", "error", err)
		os.Exit(1)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /hello", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "hello") })
	mux.HandleFunc("GET /orders/{id}", func(w http.ResponseWriter, r *http.Request) {
		var sku string
		if err := db.QueryRowContext(r.Context(), "SELECT sku FROM orders WHERE id = $1", r.PathValue("id")).Scan(&sku); err != nil {
			http.Error(w, err.Error(), http.StatusNotFound)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]string{"sku": sku})
	})
	slog.Error("stopped", "error", http.ListenAndServe(os.Getenv("ADDRESS"), otelhttp.NewHandler(mux, "server")))
}
