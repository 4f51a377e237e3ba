// Byhand does the work, and is instrumented by hand: with OpenTelemetry's middlewares where there are some, else as its documentation says.
package main

import (
	"context"
	"database/sql"
	"time"

	"github.com/XSAM/otelsql"
	"github.com/gin-gonic/gin"
	"github.com/valyala/fasthttp"
	"go.opentelemetry.io/contrib/instrumentation/github.com/gin-gonic/gin/otelgin"
	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"
	"google.golang.org/grpc"

	"github.com/rules-go-weave/rules_go_weave/bench/catalogue/work"
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
	work.Main(work.Instruments{
		Server:  []grpc.ServerOption{grpc.StatsHandler(otelgrpc.NewServerHandler())},
		Client:  []grpc.DialOption{grpc.WithStatsHandler(otelgrpc.NewClientHandler())},
		Gin:     []gin.HandlerFunc{otelgin.Middleware("shop")},
		Open:    func(name, dsn string) (*sql.DB, error) { return otelsql.Open(name, dsn) },
		Request: requests(),
		Fields: func(ctx context.Context) []zap.Field {
			s := trace.SpanContextFromContext(ctx)
			return []zap.Field{zap.Stringer("trace_id", s.TraceID()), zap.Stringer("span_id", s.SpanID()), zap.Stringer("trace_flags", s.TraceFlags())}
		},
		Span: func() context.Context {
			ctx, _ := otel.Tracer("bench").Start(context.Background(), "work")
			return ctx
		},
		Finish: func() { provider.Shutdown(ctx); meters.Shutdown(ctx) },
	})
}

// requests returns a middleware for fasthttp, of which OpenTelemetry has none.
func requests() func(fasthttp.RequestHandler) fasthttp.RequestHandler {
	tracer := otel.Tracer("bench")
	duration, err := otel.Meter("bench").Float64Histogram("http.server.request.duration", metric.WithUnit("s"))
	check(err)
	return func(handler fasthttp.RequestHandler) fasthttp.RequestHandler {
		return func(r *fasthttp.RequestCtx) {
			begun := time.Now()
			method := string(r.Method())
			ctx, span := tracer.Start(otel.GetTextMapPropagator().Extract(r, carrier{r}), method, trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(
				attribute.String("http.request.method", method), attribute.String("url.scheme", "http"), attribute.String("url.path", string(r.Path())),
				attribute.String("server.address", string(r.Host())), attribute.String("user_agent.original", string(r.UserAgent())),
				attribute.String("network.peer.address", r.RemoteIP().String()), attribute.String("network.protocol.version", "1.1")))
			defer span.End()
			r.SetUserValue("context", ctx)
			handler(r)
			span.SetAttributes(attribute.Int("http.response.status_code", r.Response.StatusCode()))
			duration.Record(ctx, time.Since(begun).Seconds(), metric.WithAttributes(attribute.String("http.request.method", method), attribute.String("url.scheme", "http"),
				attribute.Int("http.response.status_code", r.Response.StatusCode()), attribute.String("network.protocol.version", "1.1")))
		}
	}
}

type carrier struct{ of *fasthttp.RequestCtx }

func (c carrier) Get(key string) string { return string(c.of.Request.Header.Peek(key)) }
func (c carrier) Set(key, value string) { c.of.Request.Header.Set(key, value) }
func (c carrier) Keys() []string        { return nil }

func check(err error) {
	if err != nil {
		panic(err)
	}
}
