// Byhand is instrumented by hand, with otelhttp and otelsql: woven, it has no span twice.
package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"net/http"
	"net/http/httptest"

	"github.com/XSAM/otelsql"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
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
