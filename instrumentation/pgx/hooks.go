// Package pgx has the hooks for github.com/jackc/pgx/v5: a span for each statement that a connection runs or prepares, by itself, in a
// transaction or from a pool; for each batch and for each COPY; and db.client.operation.duration. A query's span ends when its rows are
// closed, a batch's when its results are. Pools tell of their connections, and of the time that one is waited for; an attempt to get
// one that fails has a span, as otherwise nothing would tell of it.
//
// Statements are shown without their values, and errors by their class and code. What database/sql runs through pgx is described there,
// and not again here. Nothing is done where the program instruments by itself: on connections whose tracer is otelpgx's. Other tracers
// stay as they are, and find the span in their contexts.
package pgx

import (
	"context"
	"net"
	"reflect"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
	"github.com/rules-go-weave/rules_go_weave/runtime/sqldriver"
	"github.com/rules-go-weave/rules_go_weave/runtime/sqlmask"
)

// gate is before every hook.
var gate hook.Gate

var (
	lib   = hook.NewAt("pgx", "1.43.0")
	calls = hook.NewDB(lib, func(query string, dialect uint8) hook.DBText {
		return hook.DBText(sqlmask.Mask(query, sqlmask.Dialect(dialect)))
	}).ByCode()
)

func init() { gate.Open("pgx") }

// What adapters tell: of a connection what spans show, and of a pool where its database is.
type (
	about = func(conn any, sql string) (text, host string, port uint16, database, address string, tracer any, known bool)
	place = func(pool any) (host string, port uint16, database string, tracer any, known bool)
)

// What the results of a call are.
const (
	one  = iota
	rows // closed by the program
	batch
)

// server is where a database is.
func server(host string, port uint16, database string) *hook.DBServer {
	if strings.HasPrefix(host, "/") {
		port = 0 // the directory of a socket
	}
	return calls.Server(hook.DBPlace{System: "postgresql", Host: host, Port: int(port), Namespace: database, Dialect: uint8(sqlmask.PostgreSQL)})
}

// end ends a call.
func end(call *hook.DBCall, err error) {
	defer lib.Recover()
	f := sqldriver.Examine(err)
	call.End(err, f.Code, f.Text)
}

// off reports whether a hook is to do nothing.
func off(ctx context.Context) bool { return gate.Closed() || ctx == nil || !lib.On() }

// of returns the server of a connection, and the text of a statement on it; nil if there is nothing to be described.
func of(conn any, sql string, tell about) (to *hook.DBServer, text string) {
	text, host, port, database, address, tracer, known := tell(conn, sql)
	if !known || tracer != nil && byHand(reflect.ValueOf(tracer), 3) {
		return nil, text
	}
	if h, p, err := net.SplitHostPort(address); err == nil {
		if n, err := strconv.ParseUint(p, 10, 16); err == nil {
			host, port = h, uint16(n)
		}
	}
	return server(host, port, database), text
}

// byHand reports whether a tracer is one that makes spans, or has one among those that it consists of.
func byHand(v reflect.Value, depth int) (yes bool) {
	for v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if !v.IsValid() {
		return false
	}
	path := v.Type().PkgPath()
	if strings.HasSuffix(path, "/otelpgx") || strings.Contains(path, "/dd-trace-go") {
		return true
	}
	if depth == 0 || v.Kind() != reflect.Struct || !strings.HasSuffix(path, "/multitracer") {
		return false
	}
	all := v.FieldByName("QueryTracers")
	for i := 0; all.Kind() == reflect.Slice && i < all.Len(); i++ {
		if byHand(all.Index(i), depth-1) {
			return true
		}
	}
	return false
}

// start begins the call of a statement.
func start(ctx context.Context, conn any, sql string, tell about) (with context.Context, call *hook.DBCall) {
	to, text := of(conn, sql, tell)
	if to == nil || text == ";" {
		return ctx, nil // the latter is how some versions ping; pools do that often, and others have no statement for it
	}
	return calls.Start(ctx, to.Statement(text))
}

// Exec is woven into (*Conn).Exec.
func Exec(ctx context.Context, conn any, sql string, tell about) (with context.Context, exit func(error)) {
	with = ctx
	if off(ctx) {
		return
	}
	defer lib.Recover()
	with, call := start(ctx, conn, sql, tell)
	if call == nil {
		return with, nil
	}
	return with, func(err error) { end(call, err) }
}

// Query is woven into (*Conn).Query. The rows have its context, and end its call.
func Query(ctx context.Context, conn any, sql string, tell about) (with context.Context, exit func(error)) {
	with = ctx
	if off(ctx) {
		return
	}
	defer lib.Recover()
	with, call := start(ctx, conn, sql, tell)
	if call == nil {
		if calls.Current(ctx) != nil {
			with = calls.Apart(with) // rows of a query within a call are none of that call's
		}
		return with, nil
	}
	call.Kind = rows
	return with, func(err error) {
		if err != nil {
			end(call, err)
		}
	}
}

// Rows is woven into (*baseRows).Close, which may be called several times, with the context that the rows were asked for with.
func Rows(ctx context.Context, closed bool, err *error, count int) (exit func()) {
	if closed || off(ctx) {
		return nil
	}
	defer lib.Recover()
	call := calls.Current(ctx)
	if call == nil || call.Kind != rows {
		return nil
	}
	return func() {
		if call.Recording() {
			call.Set(attribute.Int("db.response.returned_rows", count))
		}
		end(call, *err)
	}
}

// Prepare is woven into (*Conn).Prepare.
func Prepare(ctx context.Context, conn any, name, sql string, tell about, prepared func(conn any, name, sql string) bool) (with context.Context, exit func(error)) {
	with = ctx
	if off(ctx) {
		return
	}
	defer lib.Recover()
	if prepared(conn, name, sql) {
		return
	}
	to, _ := of(conn, "", tell)
	if to == nil {
		return
	}
	with, call := calls.Start(ctx, to.Statement(sql).Prepare())
	if call == nil {
		return with, nil
	}
	return with, func(err error) { end(call, err) }
}

// Copy is woven into (*Conn).CopyFrom.
func Copy(ctx context.Context, conn any, table []string, tell about) (with context.Context, exit func(error)) {
	with = ctx
	if off(ctx) {
		return
	}
	defer lib.Recover()
	to, _ := of(conn, "", tell)
	if to == nil {
		return
	}
	with, call := calls.Start(ctx, to.Operation("COPY", strings.Join(table, ".")))
	if call == nil {
		return with, nil
	}
	return with, func(err error) { end(call, err) }
}

// Batch is woven into what sends batches. The results have its context, and end its call.
func Batch(ctx context.Context, conn, queued any, n int, tell about) (with context.Context) {
	with = ctx
	if n == 0 || off(ctx) {
		return
	}
	defer lib.Recover()
	to, _ := of(conn, "", tell)
	if to == nil {
		return
	}
	queries := queriesOf(queued)
	with, call := calls.Start(ctx, to.Batch(min(n, queries.Len()), func(i int) string {
		query := queries.Index(i).Elem()
		sql := query.FieldByName("SQL")
		if !sql.IsValid() {
			sql = query.FieldByName("query")
		}
		_, text := of(conn, sql.String(), tell)
		return text
	}))
	if call != nil {
		call.Kind = batch
	}
	return with
}

// queriesOf returns the queries of a batch, which older versions have under another name.
func queriesOf(batch any) reflect.Value {
	b := reflect.ValueOf(batch).Elem()
	if queries := b.FieldByName("QueuedQueries"); queries.IsValid() {
		return queries
	}
	return b.FieldByName("queuedQueries")
}

// BatchResults is woven into the methods by which results of batches are closed.
func BatchResults(ctx context.Context) (exit func(error)) {
	if off(ctx) {
		return nil
	}
	defer lib.Recover()
	call := calls.Current(ctx)
	if call == nil || call.Kind != batch {
		return nil
	}
	return func(err error) { end(call, err) }
}

// NewPool is woven into pgxpool.NewWithConfig.
func NewPool(stat func(pool any) (idle, used, max int32), where place) (exit func(pool any, err error)) {
	if gate.Closed() || !lib.On() {
		return nil
	}
	return func(pool any, err error) {
		defer lib.Recover()
		if host, port, database, _, known := where(pool); known && err == nil {
			calls.Observe(pool, server(host, port, database).Pool(), func(pool any) hook.DBPool {
				idle, used, max := stat(pool)
				return hook.DBPool{Idle: int(idle), Used: int(used), Max: int(max)}
			})
		}
	}
}

// ClosePool is woven into (*Pool).Close.
func ClosePool(pool any) {
	if gate.Closed() {
		return
	}
	calls.Forget(pool)
}

// Acquire is woven into (*Pool).Acquire.
func Acquire(ctx context.Context, pool any, where place) (exit func(error)) {
	if off(ctx) {
		return nil
	}
	began := time.Now()
	return func(err error) {
		defer lib.Recover()
		host, port, database, tracer, known := where(pool)
		if !known {
			return
		}
		to := server(host, port, database)
		calls.Waited(ctx, began, to.Pool())
		if err == nil || tracer != nil && byHand(reflect.ValueOf(tracer), 3) {
			return
		}
		if _, within := hook.LayerDB.Above(ctx, lib); !within {
			f := sqldriver.Examine(err)
			calls.Past(ctx, began, to.Operation("ACQUIRE", ""), err, f.Code, f.Text)
		}
	}
}
