package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
	"weak"
)

func init() {
	programs["sql-connectors"], programs["sql-failures"], programs["sql-kept"] = connectors, failures, kept
	programs["sql-panics"] = throwing
	sql.Register("failing", failing{})
	sql.Register("panicking", thrower{})
}

// Connectors of the shapes that drivers give them.
type (
	embedded   struct{ connConfig } // as pgx
	connConfig struct {
		config
		connString string
	}
	config struct {
		Host           string
		Port           uint16
		Database, User string
		Password       string
	}
	pointed     struct{ cfg *mysqlConfig } // as go-sql-driver/mysql
	mysqlConfig struct{ User, Passwd, Net, Addr, DBName string }
	listed      struct{ opt *options } // as clickhouse-go
	options     struct {
		Addr []string
		Auth struct{ Database, Username, Password string }
	}
	mapped     struct{ opts map[string]string } // as lib/pq once
	named      struct{ dsn string }
	around     struct{ inner driver.Connector }
	pooled     struct{ pool *dbPool }
	dbPool     struct{ config *poolConfig }
	poolConfig struct{ ConnConfig *connConfig }
	unknown    struct{ secret string }
	broken     struct{}
)

func (embedded) Connect(context.Context) (driver.Conn, error) { return fake{}, nil }
func (embedded) Driver() driver.Driver                        { return fake{} }
func (*pointed) Connect(context.Context) (driver.Conn, error) { return fake{}, nil }
func (*pointed) Driver() driver.Driver                        { return fake{} }
func (*listed) Connect(context.Context) (driver.Conn, error)  { return fake{}, nil }
func (*listed) Driver() driver.Driver                         { return fake{} }
func (mapped) Connect(context.Context) (driver.Conn, error)   { return fake{}, nil }
func (mapped) Driver() driver.Driver                          { return fake{} }
func (named) Connect(context.Context) (driver.Conn, error)    { return fake{}, nil }
func (named) Driver() driver.Driver                           { return fake{} }
func (around) Connect(context.Context) (driver.Conn, error)   { return fake{}, nil }
func (around) Driver() driver.Driver                          { return fake{} }
func (pooled) Connect(context.Context) (driver.Conn, error)   { return fake{}, nil }
func (pooled) Driver() driver.Driver                          { return fake{} }
func (unknown) Connect(context.Context) (driver.Conn, error)  { return fake{}, nil }
func (unknown) Driver() driver.Driver                         { return fake{} }
func (broken) Connect(context.Context) (driver.Conn, error)   { return fake{}, nil }
func (broken) Driver() driver.Driver                          { panic("no driver") }

// connectors opens databases by their connectors, and leaves them open. Each runs one statement, which is named by the connector's shape.
func connectors() {
	base := func(host string) connConfig {
		return connConfig{config{host, 5432, "shop", "bob", "secret"}, "postgres://bob:secret@wrong/wrong"}
	}
	clickhouse := &options{Addr: []string{"listed:9000", "other:9000"}}
	clickhouse.Auth.Database, clickhouse.Auth.Password = "shop", "secret"
	config := base("pooled")
	for name, c := range map[string]driver.Connector{
		"embedded": embedded{base("embedded")},
		"pointed":  &pointed{&mysqlConfig{"bob", "secret", "tcp", "pointed:5432", "shop"}},
		"listed":   &listed{clickhouse},
		"mapped":   mapped{map[string]string{"host": "mapped", "port": "5432", "dbname": "shop", "password": "secret"}},
		"named":    named{"host=named port=5432 dbname=shop password='secret host=secret'"},
		"around":   around{&around{embedded{base("around")}}},
		"pooled":   pooled{&dbPool{&poolConfig{&config}}},
		"unknown":  unknown{"secret"},
		"broken":   broken{},
	} {
		db := sql.OpenDB(c)
		_, err := db.Exec("UPDATE " + name + " SET n = 1")
		check(err)
	}
}

// failing is a driver whose errors are of all kinds. Their texts have values in them.
type failing struct{}

func (failing) Open(string) (driver.Conn, error)      { return failing{}, nil }
func (failing) Prepare(q string) (driver.Stmt, error) { return failingStmt(q), nil }
func (failing) Close() error                          { return nil }
func (failing) Begin() (driver.Tx, error)             { return failing{}, nil }
func (failing) Commit() error                         { return stateError{"40001"} }
func (failing) Rollback() error                       { return nil }

type failingStmt string

func (failingStmt) Close() error                                { return nil }
func (failingStmt) NumInput() int                               { return -1 }
func (s failingStmt) Query([]driver.Value) (driver.Rows, error) { return nil, s.err() }
func (s failingStmt) Exec([]driver.Value) (driver.Result, error) {
	return nil, s.err()
}

func (s failingStmt) err() error {
	what := strings.Fields(string(s))[1]
	switch what {
	case "state":
		return &stateError{"22P02"}
	case "wrapped":
		return fmt.Errorf("bob: %w", stateError{"23505"})
	case "joined":
		return errors.Join(errors.New("secret"), stateError{"42601"})
	case "number":
		return numberError{1062}
	case "code":
		return codeError(19)
	case "text":
		return errors.New("invalid value: secret")
	case "typednil":
		var e *nilError
		return e
	case "panics":
		return panicError{}
	case "statepanics":
		return statePanic{}
	case "uncomparable":
		return listError{"secret"}
	case "canceled":
		return fmt.Errorf("secret: %w", context.Canceled)
	case "eof":
		return io.ErrUnexpectedEOF
	case "badstate":
		return stateError{"secret text"}
	}
	return nil
}

type (
	stateError  struct{ state string }
	numberError struct{ n int32 }
	codeError   int
	nilError    struct{ text string }
	panicError  struct{}
	statePanic  struct{}
	listError   []string
)

func (e stateError) Error() string          { return "invalid value: secret" }
func (e stateError) SQLState() string       { return e.state }
func (e numberError) Error() string         { return "duplicate entry: secret" }
func (e numberError) SQLErrorNumber() int32 { return e.n }
func (e codeError) Error() string           { return "constraint failed: secret" }
func (e codeError) Code() int               { return int(e) }
func (e *nilError) Error() string           { return e.text }
func (panicError) Error() string            { panic("no text") }
func (statePanic) Error() string            { return "secret" }
func (statePanic) SQLState() string         { panic("no state") }
func (e listError) Error() string           { return e[0] }

// failures has statements fail, each named by what with, and requests whose handlers panic with what a database says.
func failures() {
	db, err := sql.Open("failing", "")
	check(err)
	for _, what := range []string{"state", "wrapped", "joined", "number", "code", "text", "typednil", "panics", "statepanics", "uncomparable", "canceled", "eof", "badstate"} {
		_, err := db.Exec("UPDATE " + what + " SET n = 'secret'")
		fmt.Println(what, err != nil)
		fmt.Println(db.QueryRow("SELECT "+what).Err() != nil)
	}
	tx, err := db.Begin()
	check(err)
	fmt.Println(tx.Commit() != nil)
	_, err = db.Exec("UPDATE ok SET n = 1", make(chan int))
	fmt.Println(err)
	check(db.Close())
	fmt.Println(db.Ping())

	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := db.Exec("UPDATE ok SET n = 1")
		switch r.URL.Path {
		case "/state":
			err = fmt.Errorf("order of bob: %w", &stateError{"22P02"})
		case "/text":
			again, _ := sql.Open("failing", "")
			_, err = again.Exec("UPDATE text SET n = 2")
			err = fmt.Errorf("order of bob: %w", err)
			again.Close()
		}
		panic(err)
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.Start()
	for _, path := range []string{"/state", "/closed", "/text"} {
		_, err := http.Get(s.URL + path)
		fmt.Println(err != nil)
	}
	s.Close()
}

// thrower is a driver that panics in all that it is asked, or ends the goroutine.
type thrower struct{}

func (thrower) Open(string) (driver.Conn, error)         { return thrower{}, nil }
func (thrower) Close() error                             { return nil }
func (thrower) Prepare(string) (driver.Stmt, error)      { panic("secret") }
func (thrower) Begin() (driver.Tx, error)                { panic(fmt.Errorf("secret")) }
func (thrower) Ping(context.Context) error               { runtime.Goexit(); return nil }
func (thrower) CheckNamedValue(*driver.NamedValue) error { return nil }

func throwing() {
	db, err := sql.Open("panicking", "")
	check(err)
	for _, f := range []func(){
		func() { _, _ = db.Exec("DELETE FROM t") },
		func() { _, _ = db.Query("SELECT a FROM t") },
		func() { _, _ = db.Prepare("INSERT INTO t VALUES (1)") },
		func() { _, _ = db.Begin() },
		func() { _ = db.Ping() },
	} {
		done := make(chan struct{})
		go func() {
			defer close(done)
			defer func() { fmt.Println(recover()) }()
			f()
		}()
		<-done
	}
}

// ways are what a program does with a database that it opens for one piece of work.
var ways = map[string]func(db *sql.DB, ctx context.Context){
	"exec": func(db *sql.DB, ctx context.Context) { db.ExecContext(ctx, "UPDATE t SET a = 1"); db.Close() },
	"rows": func(db *sql.DB, ctx context.Context) {
		rows, err := db.QueryContext(ctx, "SELECT 1")
		check(err)
		rows.Close()
		db.Close()
	},
	"open rows": func(db *sql.DB, ctx context.Context) {
		rows, err := db.QueryContext(ctx, "SELECT 1")
		check(err)
		rows.Next()
		db.Close()
	},
	"statement": func(db *sql.DB, ctx context.Context) {
		s, err := db.PrepareContext(ctx, "SELECT 1")
		check(err)
		s.ExecContext(ctx)
		db.Close()
		s.ExecContext(ctx)
	},
	"connection": func(db *sql.DB, ctx context.Context) {
		c, err := db.Conn(ctx)
		check(err)
		c.ExecContext(ctx, "UPDATE t SET a = 1")
		db.Close()
		c.PingContext(ctx)
		c.Close()
	},
	"commit": func(db *sql.DB, ctx context.Context) {
		tx, err := db.BeginTx(ctx, nil)
		check(err)
		tx.Exec("UPDATE t SET a = 1")
		check(tx.Commit())
		db.Close()
	},
	"late": func(db *sql.DB, ctx context.Context) {
		_, err := db.BeginTx(ctx, nil)
		check(err)
		db.Close()
	},
	"rollback": func(db *sql.DB, ctx context.Context) {
		tx, err := db.BeginTx(ctx, nil)
		check(err)
		tx.Commit()
		db.Close()
		tx.Rollback()
	},
	"ping": func(db *sql.DB, ctx context.Context) { db.Close(); db.Ping() },
	"use": func(db *sql.DB, ctx context.Context) {
		db.Close()
		db.Exec("UPDATE t SET a = 1")
		db.Query("SELECT 1")
		db.Prepare("SELECT 1")
		db.BeginTx(ctx, nil)
		db.Close()
	},
	"race": func(db *sql.DB, ctx context.Context) {
		done := make(chan bool)
		go func() { db.ExecContext(ctx, "UPDATE t SET a = 1"); close(done) }()
		db.Close()
		<-done
	},
}

// kept opens databases, uses and closes them, SQL_KEPT of them in each way, each at a place of its own with a statement of its own. It
// writes how many are still there to the file named by SQL_KEPT_FILE, with one that is open as the control, and the heap before and after.
func kept() {
	n, err := strconv.Atoi(os.Getenv("SQL_KEPT"))
	check(err)
	open, err := sql.Open("fake", "host=open")
	check(err)
	check(open.Ping())
	all := []weak.Pointer[sql.DB]{weak.Make(open)}
	work := func(n int) {
		for name, way := range ways {
			for i := range n {
				ctx, cancel := context.WithCancel(context.Background())
				db, err := sql.Open("fake", fmt.Sprintf("host=h%d dbname=%s", i, name))
				check(err)
				db.ExecContext(ctx, fmt.Sprintf("UPDATE t%d SET a = 1", i))
				way(db, ctx)
				cancel()
				all = append(all, weak.Make(db))
			}
		}
	}
	collected := func() (heap uint64, alive int) {
		heap = math.MaxUint64
		rest := 10      // what is pooled stays for two collections, and what has a cleanup until it has run
		for range 200 { // until the goroutines of the databases have ended
			time.Sleep(10 * time.Millisecond)
			runtime.GC()
			alive = 0
			for _, w := range all {
				if w.Value() != nil {
					alive++
				}
			}
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			heap = min(heap, m.HeapAlloc)
			if rest--; alive == 1 && rest < 0 {
				break
			}
		}
		return heap, alive
	}
	work(n)
	before, _ := collected()
	all = all[:1]
	work(n)
	after, alive := collected()
	b, err := json.Marshal(map[string]uint64{"Alive": uint64(alive), "Before": before, "After": after})
	check(err)
	check(os.WriteFile(os.Getenv("SQL_KEPT_FILE"), b, 0o666))
	runtime.KeepAlive(open)
}
