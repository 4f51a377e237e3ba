// Package database_sql has the hooks for database/sql: a span for every statement that a program runs or prepares, for the
// beginning and the end of transactions, and for pings, on a DB, Conn, Tx or Stmt.
//
// The span of a query ends when its rows are closed, since that is when the database is done with it. Statements are shown
// without their values. What the program holds is what database/sql made: no driver, connection or row is wrapped.
//
// No double spans: nothing is recorded for a database whose driver makes spans itself (packages called otelsql).
package database_sql

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"io"
	"sync"
	"sync/atomic"
	_ "unsafe" // for linkname

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
	"github.com/rules-go-weave/rules_go_weave/runtime/sqldriver"
	"github.com/rules-go-weave/rules_go_weave/runtime/sqlmask"
)

var instrumentation = hook.New("database/sql")

// operations are those on databases.
var operations = hook.NewDB(instrumentation, func(query string, dialect uint8) hook.DBText {
	return hook.DBText(sqlmask.Mask(query, sqlmask.Dialect(dialect)))
})

// gate is before every hook.
var gate hook.Gate

func init() {
	sqldriver.Safe(sql.ErrNoRows, sql.ErrConnDone, sql.ErrTxDone, driver.ErrBadConn)
	gate.Open("database/sql")
}

// on reports whether hooks are to do anything.
func on() bool { return !gate.Closed() && instrumentation.On() }

// onRowsClosed replaces what rows call when they are closed; false if they are closed already. The woven database/sql
// defines it.
//
//go:linkname onRowsClosed database/sql.weaveOnRowsClosed
var onRowsClosed func(rows *sql.Rows, wrap func(release func(error)) func(error)) bool

// rowsError is the error that ended rows, to be asked while they are being closed.
//
//go:linkname rowsError database/sql.weaveRowsError
var rowsError func(rows *sql.Rows) error

// Open is woven into sql.Open. It remembers where the database is.
func Open(driverName, dataSourceName string) func(*sql.DB, error) {
	if !on() {
		return nil
	}
	return func(db *sql.DB, err error) {
		if err == nil && db != nil {
			defer instrumentation.Recover()
			remember(db, driverName, dataSourceName, true)
		}
	}
}

// OpenDB is woven into sql.OpenDB, which sql.Open calls, too.
func OpenDB() func(*sql.DB) {
	if !on() {
		return nil
	}
	return func(db *sql.DB) {
		if db != nil {
			defer instrumentation.Recover()
			remember(db, "", "", false)
		}
	}
}

// Close is woven into (*sql.DB).Close. What is known of the database is forgotten when it is closed, also by a driver that panics.
func Close(db *sql.DB) func(error) {
	if gate.Closed() || db == nil {
		return nil
	}
	return func(error) { forget(db) }
}

// call is a call of database/sql that a span describes. It ends once: as the exit of a hook, when rows are closed that have not been
// before, or where a panic leaves the function. It is used again for other calls when it has ended and its function is left. What the
// hooks return are its functions, made once.
type call struct {
	op      hook.DBOp
	ctx     context.Context // with the span
	rows    *sql.Rows       // of a query whose rows are open
	release func(error)     // what the rows called when they were closed

	returned bool         // whether the woven function has, whose goroutine alone looks at this
	waiting  atomic.Int32 // for the operation to end, and for the function to be left

	executed func(sql.Result, error)
	queried  func(*sql.Rows, error)
	prepared func(*sql.Stmt, error)
	begun    func(*sql.Tx, error)
	finished func(error)
	pinged   func(error)
	wrapped  func(release func(error)) func(error)
	released func(error)
	left     func()
}

// calls are those that have ended. One whose end never comes, as its rows are never closed, is garbage.
var calls sync.Pool

func newCall() *call {
	if c, ok := calls.Get().(*call); ok {
		return c
	}
	c := new(call)
	c.executed = func(_ sql.Result, err error) { c.end(err) }
	c.queried = c.query
	c.prepared = func(_ *sql.Stmt, err error) { c.end(err) }
	c.begun = func(_ *sql.Tx, err error) { c.end(err) }
	c.finished = c.finish
	c.pinged = c.end
	c.wrapped = func(release func(error)) func(error) {
		c.release = release
		return c.released
	}
	c.released = c.close
	c.left = c.leave
	return c
}

// begin starts the span of a statement.
func begin(ctx context.Context, s *hook.DBStatement) (context.Context, *call) {
	ctx, op := operations.Begin(ctx, s)
	if op.None() {
		return ctx, nil
	}
	c := newCall()
	c.op, c.ctx, c.returned = op, ctx, false
	c.waiting.Store(2)
	return ctx, c
}

// below returns the context for what is below a call that a driver describes: what the driver stands on does not describe it again.
func below(ctx context.Context) context.Context { return hook.LayerDB.Mark(ctx, instrumentation) }

// start starts the span of query on db, if one is wanted.
func start(db *sql.DB, ctx context.Context, query string) (with context.Context, c *call) {
	with = ctx
	if !on() || db == nil || ctx == nil {
		return
	}
	defer instrumentation.Recover()
	if d := databaseOf(db); d.byHand {
		with = below(ctx)
	} else {
		with, c = begin(ctx, d.Statement(query))
	}
	return
}

// startOperation starts the span of an operation without a text, if one is wanted.
func startOperation(db *sql.DB, ctx context.Context, name string) (with context.Context, c *call) {
	with = ctx
	if !on() || db == nil || ctx == nil {
		return
	}
	defer instrumentation.Recover()
	if d := databaseOf(db); d.byHand {
		with = below(ctx)
	} else {
		with, c = begin(ctx, d.Operation(name, ""))
	}
	return
}

// end ends the span.
func (c *call) end(err error) {
	c.returned = true
	c.record(err)
	c.done()
}

// leave is what the woven function defers, where it returns too.
func (c *call) leave() {
	if !c.returned {
		c.abort()
		c.done()
	}
	c.done()
}

// abort ends the span of an operation that a panic leaves.
func (c *call) abort() {
	defer instrumentation.Recover()
	c.op.EndLeft(c.ctx)
}

// done lets the call be used again once its operation has ended and its function is left.
func (c *call) done() {
	if c.waiting.Add(-1) == 0 {
		c.op, c.ctx, c.rows, c.release = hook.DBOp{}, nil, nil, nil
		calls.Put(c)
	}
}

// record ends the span. What the driver says of an error is not shown: it repeats values that the statement hides.
func (c *call) record(err error) {
	defer instrumentation.Recover()
	f := sqldriver.Examine(err)
	c.op.End(c.ctx, err, f.Code, f.Text)
}

// query ends the span of a query with an error, or else has its rows end it.
func (c *call) query(rows *sql.Rows, err error) {
	if err != nil || rows == nil || onRowsClosed == nil {
		c.end(err)
		return
	}
	c.rows, c.returned = rows, true
	if !onRowsClosed(rows, c.wrapped) {
		c.closed(rowsError(rows))
	}
}

// close is what rows call when they are closed.
func (c *call) close(err error) {
	c.release(err)
	if lasterr := rowsError(c.rows); lasterr != nil {
		err = lasterr
	}
	c.closed(err)
}

// closed ends the span of a query whose rows are closed, in any goroutine.
func (c *call) closed(err error) {
	if err == io.EOF {
		err = nil
	}
	c.record(err)
	c.done()
}

// finish ends the span of a commit or a rollback; one that came too late did nothing and has no span.
func (c *call) finish(err error) {
	switch err {
	case sql.ErrTxDone:
		c.returned = true
	case driver.ErrBadConn:
		// What database/sql itself makes of the rollback of a transaction whose context ended, to drop the connection.
		c.end(nil)
	default:
		c.end(err)
	}
}

// Exec is woven into ExecContext of DB, Conn and Tx.
func Exec(db *sql.DB, ctx context.Context, query string) (context.Context, func(sql.Result, error), func()) {
	ctx, c := start(db, ctx, query)
	if c == nil {
		return ctx, nil, nil
	}
	return ctx, c.executed, c.left
}

// Query is woven into QueryContext of DB, Conn and Tx.
func Query(db *sql.DB, ctx context.Context, query string) (context.Context, func(*sql.Rows, error), func()) {
	ctx, c := start(db, ctx, query)
	if c == nil {
		return ctx, nil, nil
	}
	return ctx, c.queried, c.left
}

// Prepare is woven into PrepareContext of DB, Conn and Tx.
func Prepare(db *sql.DB, ctx context.Context, query string) (with context.Context, exit func(*sql.Stmt, error), end func()) {
	with = ctx
	if !on() || db == nil || ctx == nil {
		return
	}
	defer instrumentation.Recover()
	d := databaseOf(db)
	if d.byHand {
		with = below(ctx)
		return
	}
	var c *call
	if with, c = begin(ctx, d.Statement(query).Prepare()); c != nil {
		exit, end = c.prepared, c.left
	}
	return
}

// Begin is woven into BeginTx of DB and Conn. The context does not have its span: the transaction keeps it, and its commit is no part
// of its beginning. What the driver does with it is described here.
func Begin(db *sql.DB, ctx context.Context) (context.Context, func(*sql.Tx, error), func()) {
	_, c := startOperation(db, ctx, "BEGIN")
	if on() && ctx != nil {
		ctx = below(ctx)
	}
	if c == nil {
		return ctx, nil, nil
	}
	return ctx, c.begun, c.left
}

// Commit is woven into (*sql.Tx).Commit, with the context that the transaction was begun with.
func Commit(db *sql.DB, ctx context.Context) (func(error), func()) { return finish(db, ctx, "COMMIT") }

// Rollback is woven into (*sql.Tx).rollback.
func Rollback(db *sql.DB, ctx context.Context) (func(error), func()) {
	return finish(db, ctx, "ROLLBACK")
}

func finish(db *sql.DB, ctx context.Context, name string) (func(error), func()) {
	_, c := startOperation(db, ctx, name)
	if c == nil {
		return nil, nil
	}
	return c.finished, c.left
}

// Ping is woven into PingContext of DB and Conn.
func Ping(db *sql.DB, ctx context.Context) (context.Context, func(error), func()) {
	ctx, c := startOperation(db, ctx, "PING")
	if c == nil {
		return ctx, nil, nil
	}
	return ctx, c.pinged, c.left
}
