// Byhand is instrumented by hand, with otelhttp, otelsql and otelgrpc: woven, it has no span twice.
package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"

	"github.com/XSAM/otelsql"
	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
)

func main() {
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
	askByGRPC()
}

// askByGRPC asks a server for its health.
func askByGRPC() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	server := grpc.NewServer(grpc.StatsHandler(otelgrpc.NewServerHandler()))
	healthpb.RegisterHealthServer(server, health.NewServer())
	go server.Serve(l)
	defer server.GracefulStop()
	conn, err := grpc.NewClient(l.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithStatsHandler(otelgrpc.NewClientHandler()))
	check(err)
	defer conn.Close()
	_, err = healthpb.NewHealthClient(conn).Check(context.Background(), &healthpb.HealthCheckRequest{})
	check(err)
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
