// Byhand is instrumented by hand, with otelhttp, otelsql and otelgrpc: woven, it has no span twice.
package main

import (
	"bufio"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"

	"github.com/XSAM/otelsql"
	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/stats"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "sdk" {
		ownProvider()
		return
	}
	sql.Register("fake", fake{})
	db, err := otelsql.Open("fake", "", otelsql.WithSpanOptions(otelsql.SpanOptions{OmitConnectorConnect: true, OmitConnResetSession: true, OmitConnPrepare: true, OmitRows: true}))
	check(err)
	plain, err := sql.Open("fake", "")
	check(err)
	mux := http.NewServeMux()
	filter := otelhttp.WithFilter(func(r *http.Request) bool { return r.URL.Path != "/filtered" })
	mux.Handle("/", otelhttp.NewHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := db.ExecContext(r.Context(), "UPDATE byhand SET n = 1")
		check(err)
		_, err = plain.Exec("UPDATE woven SET n = 1")
		check(err)
	}), "by hand", filter))
	s := httptest.NewServer(mux)
	client := http.Client{Transport: otelhttp.NewTransport(http.DefaultTransport)}
	for _, c := range []http.Client{client, {}} {
		for _, path := range []string{"/x", "/filtered"} {
			resp, err := c.Get(s.URL + path)
			check(err)
			resp.Body.Close()
		}
	}
	// A caller without a trace.
	r := httptest.NewRequest("GET", "/", nil)
	mux.ServeHTTP(httptest.NewRecorder(), r)
	s.Close()
	askByGRPC(grpc.StatsHandler(otelgrpc.NewServerHandler()), grpc.WithStatsHandler(otelgrpc.NewClientHandler()))
	ownMiddlewares()
	ownClients()
}

// ownClients has client spans of what is sent, with and without their context in it.
func ownClients() {
	tracer := otel.Tracer("own")
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/moved" {
			http.Redirect(w, r, "/", http.StatusFound)
		}
	}))
	defer s.Close()
	client := http.Client{Transport: new(http.Transport)}
	defer client.CloseIdleConnections()
	for _, path := range []string{"/injected", "/", "/moved", "/active", "/other"} {
		key := "http.request.method"
		if path == "/other" {
			key = "peer.service" // which says nothing of a request
		}
		ctx, span := tracer.Start(context.Background(), "own "+path, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attribute.String(key, "GET")))
		if path == "/active" {
			ctx = context.Background()
		}
		req, err := http.NewRequestWithContext(ctx, "GET", s.URL+path, nil)
		check(err)
		if path == "/injected" {
			otel.GetTextMapPropagator().Inject(ctx, propagation.HeaderCarrier(req.Header))
		}
		resp, err := client.Do(req)
		check(err)
		resp.Body.Close()
		span.End()
	}
	askByGRPC(grpc.EmptyServerOption{}, grpc.WithUnaryInterceptor(func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoker grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		ctx, span := tracer.Start(ctx, "own call", trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attribute.String("rpc.system", "grpc")))
		defer span.End()
		return invoker(ctx, method, req, reply, cc, opts...)
	}))
}

// askByGRPC asks a server for its health.
func askByGRPC(of grpc.ServerOption, with grpc.DialOption) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	server := grpc.NewServer(of)
	healthpb.RegisterHealthServer(server, health.NewServer())
	go server.Serve(l)
	defer server.GracefulStop()
	conn, err := grpc.NewClient(l.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()), with)
	check(err)
	defer conn.Close()
	_, err = healthpb.NewHealthClient(conn).Check(context.Background(), &healthpb.HealthCheckRequest{})
	check(err)
}

// ownMiddlewares has what nobody knows by name: a middleware, an interceptor and a handler of statistics that make server spans.
func ownMiddlewares() {
	tracer := otel.Tracer("own")
	start := func(ctx context.Context, carrier propagation.TextMapCarrier, name, key, value string) (context.Context, trace.Span) {
		return tracer.Start(otel.GetTextMapPropagator().Extract(ctx, carrier), name, trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(attribute.String(key, value)))
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, span := start(r.Context(), propagation.HeaderCarrier(r.Header), "own middleware", "http.request.method", r.Method)
		defer span.End()
		_, inner := tracer.Start(ctx, "handler")
		inner.End()
		// One of something else does not describe the request.
		_, job := tracer.Start(ctx, "job", trace.WithSpanKind(trace.SpanKindServer))
		job.End()
	}))
	defer s.Close()
	for _, untraced := range []bool{false, true} {
		client := http.Client{}
		if untraced {
			client.Transport = raw{s.Listener.Addr().String()}
		}
		resp, err := client.Get(s.URL)
		check(err)
		resp.Body.Close()
	}
	interceptor := func(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
		md, _ := metadata.FromIncomingContext(ctx)
		ctx, span := start(ctx, carrier(md), "own interceptor", "rpc.system", "grpc")
		defer span.End()
		return handler(ctx, req)
	}
	askByGRPC(grpc.UnaryInterceptor(interceptor), grpc.WithUserAgent(""))
	askByGRPC(grpc.StatsHandler(own{start}), grpc.WithUserAgent(""))
}

// ownProvider shows the spans of ownMiddlewares that a provider of the program's own has, each with its parent.
func ownProvider() {
	exported := tracetest.NewInMemoryExporter()
	otel.SetTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSyncer(exported)))
	otel.SetTextMapPropagator(propagation.TraceContext{})
	ownMiddlewares()
	ownClients()
	names := map[trace.SpanID]string{}
	spans := exported.GetSpans()
	for _, s := range spans {
		names[s.SpanContext.SpanID()] = s.Name
	}
	var lines []string
	for _, s := range spans {
		lines = append(lines, fmt.Sprintf("%s (%s) below %q", s.Name, s.SpanKind, names[s.Parent.SpanID()]))
	}
	slices.Sort(lines)
	fmt.Println(strings.Join(lines, "\n"))
}

// raw sends requests without a trace.
type raw struct{ address string }

func (r raw) RoundTrip(req *http.Request) (*http.Response, error) {
	conn, err := net.Dial("tcp", r.address)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if _, err = conn.Write([]byte("GET / HTTP/1.0\r\n\r\n")); err != nil {
		return nil, err
	}
	return http.ReadResponse(bufio.NewReader(conn), req)
}

// own is a handler of statistics with a span for each call.
type own struct {
	start func(ctx context.Context, carrier propagation.TextMapCarrier, name, key, value string) (context.Context, trace.Span)
}

func (o own) TagRPC(ctx context.Context, info *stats.RPCTagInfo) context.Context {
	md, _ := metadata.FromIncomingContext(ctx)
	ctx, _ = o.start(ctx, carrier(md), "own handler", "rpc.system.name", "grpc")
	return ctx
}

func (own) HandleRPC(ctx context.Context, s stats.RPCStats) {
	if _, over := s.(*stats.End); over {
		trace.SpanFromContext(ctx).End()
	}
}
func (own) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }
func (own) HandleConn(context.Context, stats.ConnStats)                       {}

type carrier metadata.MD

func (c carrier) Get(key string) string {
	if values := metadata.MD(c).Get(key); len(values) > 0 {
		return values[0]
	}
	return ""
}
func (c carrier) Set(key, value string) { metadata.MD(c).Set(key, value) }
func (c carrier) Keys() (keys []string) {
	for key := range c {
		keys = append(keys, key)
	}
	return keys
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// fake is a database that has done everything already.
type fake struct{}

func (fake) Open(string) (driver.Conn, error)    { return fake{}, nil }
func (fake) Prepare(string) (driver.Stmt, error) { return nil, errors.New("not prepared") }
func (fake) Close() error                        { return nil }
func (fake) Begin() (driver.Tx, error)           { return nil, errors.New("no transactions") }
func (fake) ExecContext(context.Context, string, []driver.NamedValue) (driver.Result, error) {
	return driver.ResultNoRows, nil
}
