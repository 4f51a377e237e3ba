// Command web asks itself over HTTP, and a database that it makes itself.
package main

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
)

type nothing struct{}

func (nothing) Open(string) (driver.Conn, error)    { return nothing{}, nil }
func (nothing) Prepare(string) (driver.Stmt, error) { return nil, errors.New("nothing is prepared") }
func (nothing) Close() error                        { return nil }
func (nothing) Begin() (driver.Tx, error)           { return nil, errors.New("nothing begins") }

func main() {
	sql.Register("nothing", nothing{})
	db, err := sql.Open("nothing", "")
	if err != nil {
		panic(err)
	}
	defer db.Close()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /hello/{name}", func(w http.ResponseWriter, r *http.Request) {
		_, err := db.ExecContext(r.Context(), "DELETE FROM greetings")
		fmt.Fprintf(w, "hello %s: %v", r.PathValue("name"), err)
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go http.Serve(l, mux)
	resp, err := http.Get("http://" + l.Addr().String() + "/hello/you")
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	fmt.Println(resp.StatusCode, string(body), err)
}
