package main

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"io"
	"math"
	"net"
	"net/http"
	"os"
	"runtime"
)

func init() { programs["allocations"] = allocations }

// allocations prints how many allocations an operation of each kind makes, over connections in memory: the least of many rounds, since
// an export may be under way in some.
func allocations() {
	least := map[string]float64{}
	measure := func(name string, op func()) {
		least[name] = math.Inf(1)
		for range 12 {
			const n = 50
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for range n {
				op()
			}
			runtime.ReadMemStats(&after)
			least[name] = min(least[name], float64(after.Mallocs-before.Mallocs)/n)
		}
	}
	db, err := sql.Open("fake", "")
	check(err)
	measure("statement", func() {
		_, err := db.ExecContext(context.Background(), "UPDATE orders SET n = 1 WHERE id = 7")
		check(err)
	})
	measure("query", func() {
		rows, err := db.QueryContext(context.Background(), "SELECT id FROM orders WHERE id = 7")
		check(err)
		check(rows.Close())
	})

	mux := http.NewServeMux()
	mux.HandleFunc("GET /items/{id}", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "here you are") })
	mux.HandleFunc("/any/{id}", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "here you are") })
	here, there := net.Pipe()
	go (&http.Server{Handler: mux}).Serve(&oneConnection{there})
	answers := bufio.NewReader(here)
	ask := func(path string) func() {
		request := "GET " + path + " HTTP/1.1\r\nHost: shop\r\nUser-Agent: zoo\r\n\r\n"
		return func() {
			_, err := io.WriteString(here, request)
			check(err)
			skipHeader(answers)
			_, err = answers.Discard(len("here you are"))
			check(err)
		}
	}
	measure("server request", ask("/items/7"))
	measure("server request, any method", ask("/any/7"))

	here, there = net.Pipe()
	go func() {
		for questions := bufio.NewReader(there); ; {
			skipHeader(questions)
			io.WriteString(there, "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nhere you are")
		}
	}()
	client := &http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return here, nil }}}
	measure("client request", func() {
		resp, err := client.Get("http://shop/items/7")
		check(err)
		io.Copy(io.Discard, resp.Body)
		check(resp.Body.Close())
	})
	check(json.NewEncoder(os.Stdout).Encode(least))
}

func skipHeader(r *bufio.Reader) {
	for {
		line, err := r.ReadSlice('\n')
		check(err)
		if len(line) == 2 {
			return
		}
	}
}

// oneConnection is a listener that has one connection.
type oneConnection struct{ conn net.Conn }

func (l *oneConnection) Accept() (net.Conn, error) {
	if c := l.conn; c != nil {
		l.conn = nil
		return c, nil
	}
	select {}
}
func (l *oneConnection) Close() error   { return nil }
func (l *oneConnection) Addr() net.Addr { return &net.TCPAddr{} }
