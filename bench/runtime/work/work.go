// Package work is what is measured: requests that a server answers and that a client makes, statements, goroutines, and a call
// that does next to nothing, each over connections in memory.
package work

import (
	"bufio"
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// Instruments are what a program that is instrumented by hand puts around things; none in the other programs.
type Instruments struct {
	Handler   func(http.Handler) http.Handler
	Transport func(http.RoundTripper) http.RoundTripper
	Open      func(name, dsn string) (*sql.DB, error)
	Finish    func()
}

// Result is the cost of one operation of a workload.
type Result struct {
	Name   string
	Wall   float64 // nanoseconds
	CPU    float64 // nanoseconds, of all threads
	Allocs float64
	Bytes  float64
}

// Main measures each workload once, as often as the first argument says times a thousand operations, and prints the results as JSON.
func Main(by Instruments) {
	thousands, err := strconv.Atoi(os.Args[1])
	check(err)
	var all []Result
	measure := func(name string, n int, op func()) {
		for range n/10 + 1 {
			op()
		}
		runtime.GC()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		cpu, wall := cpuTime(), time.Now()
		for range n {
			op()
		}
		elapsed, used := time.Since(wall), cpuTime()-cpu
		runtime.ReadMemStats(&after)
		each := func(v float64) float64 { return v / float64(n) }
		all = append(all, Result{name, each(float64(elapsed)), each(float64(used)),
			each(float64(after.Mallocs - before.Mallocs)), each(float64(after.TotalAlloc - before.TotalAlloc))})
	}

	open := sql.Open
	if by.Open != nil {
		open = by.Open
	}
	db, err := open("fake", "")
	check(err)
	ctx := context.Background()
	closed, err := sql.Open("fake", "")
	check(err)
	check(closed.Close())
	measure("call", 1_000_000*thousands, func() { closed.Close() })
	var group sync.WaitGroup
	measure("goroutine", 200_000*thousands, func() { group.Add(1); go group.Done(); group.Wait() })
	measure("statement", 2000*thousands, func() {
		_, err := db.ExecContext(ctx, "UPDATE orders SET n = 1 WHERE id = 7")
		check(err)
	})
	request, first := serve(by.Handler)
	request()
	ctx = <-first
	measure("statement in a request", 2000*thousands, func() {
		_, err := db.ExecContext(ctx, "UPDATE orders SET n = 1 WHERE id = 7")
		check(err)
	})
	measure("server request", 1000*thousands, request)
	client := fetch(by.Transport)
	measure("client request", 1000*thousands, client)
	if by.Finish != nil {
		by.Finish()
	}
	check(json.NewEncoder(os.Stdout).Encode(all))
}

// serve starts a server and returns what makes it answer one request, and the context of the first.
func serve(around func(http.Handler) http.Handler) (request func(), first chan context.Context) {
	mux := http.NewServeMux()
	first = make(chan context.Context, 1)
	var once sync.Once
	mux.HandleFunc("GET /items/{id}", func(w http.ResponseWriter, r *http.Request) {
		once.Do(func() { first <- context.WithoutCancel(r.Context()) })
		io.WriteString(w, "here you are")
	})
	var handler http.Handler = mux
	if around != nil {
		handler = around(handler)
	}
	here, there := net.Pipe()
	go (&http.Server{Handler: handler}).Serve(&listener{conn: there})
	answers := bufio.NewReader(here)
	return func() {
		_, err := io.WriteString(here, "GET /items/7 HTTP/1.1\r\nHost: shop\r\nUser-Agent: bench\r\n\r\n")
		check(err)
		// The answer has a header of five lines and twelve bytes.
		for {
			line, err := answers.ReadSlice('\n')
			check(err)
			if len(line) == 2 {
				break
			}
		}
		_, err = answers.Discard(12)
		check(err)
	}, first
}

// fetch starts a server that answers without looking and returns what makes a client ask it.
func fetch(around func(http.RoundTripper) http.RoundTripper) func() {
	here, there := net.Pipe()
	go func() {
		questions := bufio.NewReader(there)
		for {
			line, err := questions.ReadSlice('\n')
			if err != nil {
				return
			}
			if len(line) == 2 {
				io.WriteString(there, "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nhere you are")
			}
		}
	}()
	var transport http.RoundTripper = &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return here, nil }}
	if around != nil {
		transport = around(transport)
	}
	client := &http.Client{Transport: transport}
	return func() {
		resp, err := client.Get("http://shop/items/7")
		check(err)
		io.Copy(io.Discard, resp.Body)
		check(resp.Body.Close())
	}
}

// listener has one connection.
type listener struct {
	conn net.Conn
	wait chan struct{}
}

func (l *listener) Accept() (net.Conn, error) {
	if c := l.conn; c != nil {
		l.conn = nil
		return c, nil
	}
	<-l.wait
	return nil, net.ErrClosed
}
func (l *listener) Close() error   { return nil }
func (l *listener) Addr() net.Addr { return &net.TCPAddr{} }

func cpuTime() time.Duration {
	var u syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func init() { sql.Register("fake", fake{}) }

// fake is a database that has done everything already.
type fake struct{}

func (fake) Open(string) (driver.Conn, error)         { return fake{}, nil }
func (fake) Prepare(string) (driver.Stmt, error)      { return nil, errors.New("not prepared") }
func (fake) Close() error                             { return nil }
func (fake) Begin() (driver.Tx, error)                { return nil, errors.New("no transactions") }
func (fake) CheckNamedValue(*driver.NamedValue) error { return nil }
func (fake) ExecContext(context.Context, string, []driver.NamedValue) (driver.Result, error) {
	return driver.ResultNoRows, nil
}
