// Package acts has what is done at initialisation.
package acts

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime"
	"syscall"
	"time"

	"example.com/early/bare"
)

// At does what KIND says and ends as END says, if AT is where it is called.
func At(where string) bool {
	if os.Getenv("AT") == where {
		kinds[os.Getenv("KIND")]()
		ends[os.Getenv("END")]()
	}
	return true
}

var kinds = map[string]func(){
	"http": request,
	"sql":  func() { statements(open()) },
	"logs": func() {
		log.SetFlags(0)
		log.Println("a line")
		slog.Info("a record", "number", 1)
		slog.With("key", "value").WithGroup("group").Warn("another")
	},
	"directives": func() {
		slog.SetDefault(slog.New(slog.DiscardHandler))
		spanned(context.Background())
		logged()
	},
	"own":       func() { fmt.Println(Own(20)) },
	"timer":     func() { wait(func(f func()) { time.AfterFunc(time.Nanosecond, f) }) },
	"goroutine": func() { wait(func(f func()) { go f() }) },
	// The database is opened, and statements come later.
	"open": func() { opened = open() },
	// A goroutine works on while packages are initialised, and main waits for it.
	"background": func() {
		background = make(chan bool)
		slog.SetDefault(slog.New(slog.DiscardHandler))
		started := make(chan bool)
		go func() {
			defer close(background)
			for n := range 300 {
				if n == 3 {
					close(started)
				}
				request()
				statements(open())
				slog.Info("a record")
				spanned(context.Background())
				Own(n)
			}
		}()
		<-started
	},
}

var ends = map[string]func(){
	"return":    func() {},
	"exit":      func() { os.Exit(7) },
	"fatal":     func() { log.SetFlags(0); log.Fatal("fatal") },
	"panic":     func() { panic("unrecovered") },
	"goroutine": func() { go panic("elsewhere"); select {} },
	"nil":       func() { var m map[int]int; m[1] = 1 },
	"deadlock":  func() { select {} },
	"goexit":    runtime.Goexit,
	"sigterm":   func() { kill(syscall.SIGTERM) },
	"sigint":    func() { kill(syscall.SIGINT) },
	"exec":      func() { panic(syscall.Exec("/bin/echo", []string{"echo", "another program"}, os.Environ())) },
}

var (
	opened     *sql.DB
	background chan bool
)

// Main is what main does.
func Main() {
	if background != nil {
		<-background
	}
	if opened == nil {
		opened = open()
	}
	do(opened, "UPDATE main SET a = 1")
	fmt.Println("main", bare.Done)
}

func kill(s syscall.Signal) {
	check(syscall.Kill(os.Getpid(), s))
	time.Sleep(time.Hour)
}

func wait(start func(func())) {
	done := make(chan bool)
	start(func() { statements(open()); close(done) })
	<-done
}

func request() {
	// Packages that sort behind OpenTelemetry's, as net/http/httptest does, would have all of this come after it.
	at, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "hello") })}
	go s.Serve(at)
	defer s.Close()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	r, err := client.Get("http://" + at.Addr().String())
	check(err)
	_, err = io.Copy(io.Discard, r.Body)
	check(err)
	check(r.Body.Close())
}

func open() *sql.DB {
	db, err := sql.Open("fake", "host=db.example port=5432 dbname=shop")
	check(err)
	return db
}

func statements(db *sql.DB) {
	check(db.Ping())
	do(db, "UPDATE early SET a = 1")
	rows, err := db.Query("SELECT a FROM early")
	check(err)
	for rows.Next() {
	}
	check(rows.Close())
	tx, err := db.Begin()
	check(err)
	check(tx.Commit())
	check(db.Close())
}

func do(db *sql.DB, statement string) {
	_, err := db.Exec(statement)
	check(err)
}

//
//weave:span
//go:noinline
func spanned(context.Context) { time.Sleep(0) }

//
//weave:log
//go:noinline
func logged() { time.Sleep(0) }

// Own has a hook of the program's own, whose package has variables.
//
//go:noinline
func Own(n int) int { return n + 1 }

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func init() { sql.Register("fake", fake{}) }

type fake struct{}

func (fake) Open(string) (driver.Conn, error)    { return fake{}, nil }
func (fake) Prepare(string) (driver.Stmt, error) { return nil, driver.ErrSkip }
func (fake) Close() error                        { return nil }
func (fake) Begin() (driver.Tx, error)           { return fake{}, nil }
func (fake) Commit() error                       { return nil }
func (fake) Rollback() error                     { return nil }
func (fake) Ping(context.Context) error          { return nil }
func (fake) Columns() []string                   { return []string{"a"} }
func (fake) Next([]driver.Value) error           { return io.EOF }
func (fake) ExecContext(context.Context, string, []driver.NamedValue) (driver.Result, error) {
	return driver.RowsAffected(1), nil
}
func (fake) QueryContext(context.Context, string, []driver.NamedValue) (driver.Rows, error) {
	return fake{}, nil
}
