// Command pgx uses a PostgreSQL in all ways that pgx has.
package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
)

var ctx = context.Background()

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}

// say prints what came of something.
func say(what string, err error) {
	var told *pgconn.PgError
	switch {
	case err == nil:
		fmt.Println(what)
	case errors.As(err, &told):
		fmt.Println(what, told.Code, told.Message)
	default:
		fmt.Println(what, "fails", errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded))
	}
}

func exec(conn interface {
	Exec(context.Context, string, ...any) (pgconn.CommandTag, error)
}, query string, args ...any) {
	_, err := conn.Exec(ctx, query, args...)
	say(query, err)
}

func read(rows pgx.Rows, err error) {
	n := 0
	for err == nil && rows.Next() {
		n++
	}
	if err == nil {
		err = rows.Err()
	}
	say(fmt.Sprint("rows ", n), err)
}

// tracer is one of the program's own.
type tracer struct{ calls int }

func (t *tracer) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	t.calls++
	return context.WithValue(ctx, t, data.SQL)
}

func (t *tracer) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryEndData) {
	if ctx.Value(t) == nil {
		fmt.Println("a tracer's value is lost")
	}
}

func main() {
	config := must(pgx.ParseConfig(os.Getenv("DATABASE")))
	conn := must(pgx.ConnectConfig(ctx, config))
	defer conn.Close(ctx)
	map[string]func(*pgx.Conn){"all": all, "batch": batches, "fail": fail, "sql": standard, "pool": pools, "http": parents, "many": many}[os.Args[1]](conn)
}

func create(conn *pgx.Conn) {
	exec(conn, "CREATE TEMPORARY TABLE orders (id integer PRIMARY KEY, name text)")
}

func all(conn *pgx.Conn) {
	create(conn)
	exec(conn, "INSERT INTO orders VALUES ($1, $2)", 1, "secret")
	exec(conn, "INSERT INTO orders VALUES (2, 'secret')")
	read(conn.Query(ctx, "SELECT * FROM orders WHERE name = $1", "secret"))
	rows := must(conn.Query(ctx, "SELECT * FROM orders"))
	rows.Next()
	rows.Close()
	rows.Close()
	var n int
	say("row", conn.QueryRow(ctx, "SELECT count(*) FROM orders", pgx.QueryExecModeSimpleProtocol).Scan(&n))
	if err := conn.QueryRow(ctx, "SELECT id FROM orders WHERE id = $1", 7).Scan(&n); !errors.Is(err, pgx.ErrNoRows) {
		fmt.Println("a row", err)
	}
	for range 2 {
		must(conn.Prepare(ctx, "by_name", "UPDATE orders SET name = $1"))
	}
	exec(conn, "by_name", "secret")
	fmt.Println(conn.CopyFrom(ctx, pgx.Identifier{"orders"}, []string{"id", "name"}, pgx.CopyFromRows([][]any{{10, "secret"}, {11, "secret"}})))
	tx := must(conn.Begin(ctx))
	exec(tx, "DELETE FROM orders WHERE id = 10")
	inner := must(tx.Begin(ctx))
	say("rollback to", inner.Rollback(ctx))
	say("commit", tx.Commit(ctx))
	say("rollback", must(conn.Begin(ctx)).Rollback(ctx))
	say("ping", conn.Ping(ctx))

	config := conn.Config()
	own := new(tracer)
	config.Tracer = own
	traced := must(pgx.ConnectConfig(ctx, config))
	defer traced.Close(ctx)
	read(traced.Query(ctx, "SELECT 1"))
	fmt.Println(own.calls)
}

func batches(conn *pgx.Conn) {
	create(conn)
	send := func(mode pgx.QueryExecMode, queries ...string) {
		config := conn.Config()
		config.DefaultQueryExecMode = mode
		b := new(pgx.Batch)
		for _, q := range queries {
			b.Queue(q)
		}
		results := conn.SendBatch(ctx, b)
		for range queries {
			rows, err := results.Query()
			read(rows, err)
		}
		err := results.Close()
		results.Close()
		say("batch", err)
	}
	send(pgx.QueryExecModeCacheStatement, "INSERT INTO orders VALUES (1, 'secret')", "INSERT INTO orders VALUES (2, 'other')")
	send(pgx.QueryExecModeCacheStatement, "SELECT * FROM orders")
	send(pgx.QueryExecModeCacheStatement, "SELECT * FROM orders", "DELETE FROM orders WHERE id = 1")
	send(pgx.QueryExecModeCacheStatement, "INSERT INTO orders VALUES (2, 'secret')", "SELECT * FROM orders")
	config := conn.Config()
	config.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
	conn = must(pgx.ConnectConfig(ctx, config))
	defer conn.Close(ctx)
	create(conn)
	send(pgx.QueryExecModeSimpleProtocol, "INSERT INTO orders VALUES (1, 'secret')", "INSERT INTO orders VALUES (2, 'other')")
	send(pgx.QueryExecModeSimpleProtocol, "INSERT INTO orders VALUES (1, 'secret')", "INSERT INTO orders VALUES (2, 'other')")
}

func fail(conn *pgx.Conn) {
	create(conn)
	exec(conn, "INSERT INTO orders VALUES (1, 'a')")
	exec(conn, "INSERT INTO orders VALUES (1, 'secret')")
	read(conn.Query(ctx, "SELECT $1::integer", "secret"))
	read(conn.Query(ctx, "SELECT 'secret'::text::integer"))
	exec(conn, "SELEC 1")
	read(conn.Query(ctx, "SELECT * FROM nothing"))
	_, err := conn.Prepare(ctx, "x", "SELECT * FROM nothing")
	say("prepare", err)
	_, err = conn.CopyFrom(ctx, pgx.Identifier{"orders"}, []string{"id", "name"}, pgx.CopyFromRows([][]any{{1, "secret"}}))
	say("copy", err)
	late, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	_, err = conn.Exec(late, "SELECT pg_sleep(10)")
	say("late", err)
	_, err = conn.Exec(ctx, "SELECT 1")
	say("closed", err)
	config := conn.Config()
	config.Port = 1
	_, err = pgx.ConnectConfig(ctx, config)
	say("connect", err)
}

func standard(conn *pgx.Conn) {
	name := stdlib.RegisterConnConfig(conn.Config())
	db := must(sql.Open("pgx", name))
	defer db.Close()
	db.SetMaxOpenConns(1)
	must(db.Exec("CREATE TEMPORARY TABLE orders (id integer, name text)"))
	must(db.Exec("INSERT INTO orders VALUES ($1, 'secret')", 1))
	rows := must(db.Query("SELECT * FROM orders WHERE id = $1", 1))
	for rows.Next() {
	}
	say("rows", rows.Err())
	for _, end := range []func(*sql.Tx) error{(*sql.Tx).Commit, (*sql.Tx).Rollback} {
		tx := must(db.Begin())
		must(tx.Exec("DELETE FROM orders"))
		say("end", end(tx))
	}
	stmt := must(db.Prepare("SELECT name FROM orders WHERE id = $1"))
	rows = must(stmt.Query(1))
	rows.Close()
	stmt.Close()
	say("ping", db.Ping())
	_, err := db.Exec("INSERT INTO nothing VALUES ('secret')")
	say("exec", err)
}

func pools(conn *pgx.Conn) {
	config := must(pgxpool.ParseConfig(os.Getenv("DATABASE")))
	config.MaxConns = 1
	pool := must(pgxpool.NewWithConfig(ctx, config))
	exec(pool, "CREATE TEMPORARY TABLE orders (id integer PRIMARY KEY, name text)")
	read(pool.Query(ctx, "SELECT * FROM orders"))
	tx := must(pool.Begin(ctx))
	exec(tx, "DELETE FROM orders")
	late, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	_, err := pool.Exec(late, "SELECT 1")
	say("no connection", err)
	say("commit", tx.Commit(ctx))
	closed := must(pgxpool.NewWithConfig(ctx, must(pgxpool.ParseConfig(os.Getenv("DATABASE")))))
	closed.Close()
	_, err = closed.Exec(ctx, "SELECT 1")
	say("closed", err)
	// The pool stays open, so that it is there when the metrics are sent.
}

func parents(conn *pgx.Conn) {
	create(conn)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/background" {
			read(conn.Query(context.Background(), "SELECT * FROM orders"))
		} else {
			read(conn.Query(r.Context(), "SELECT * FROM orders"))
		}
	}))
	defer server.Close()
	for _, path := range []string{"/", "/background"} {
		must(http.Get(server.URL + path)).Body.Close()
	}
}

func many(conn *pgx.Conn) {
	create(conn)
	for i := range 1000 {
		if _, err := conn.Exec(ctx, fmt.Sprintf("INSERT INTO orders VALUES (%d, 'secret %d')", i, i)); err != nil {
			log.Fatal(err)
		}
	}
}
