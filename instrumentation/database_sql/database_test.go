package database_sql

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"strings"
	"sync"
	"testing"
)

// nowhere is a connector of a database that does nothing.
type nowhere struct{ host string }

func (n nowhere) Connect(context.Context) (driver.Conn, error) { return nothing{}, nil }
func (n nowhere) Driver() driver.Driver                        { return nil }

type nothing struct{}

func (nothing) Prepare(string) (driver.Stmt, error) { return nil, driver.ErrSkip }
func (nothing) Close() error                        { return nil }
func (nothing) Begin() (driver.Tx, error)           { return nil, driver.ErrSkip }

// TestForget checks that nothing of a closed database is kept, when it is used at any time before, while and after it is closed.
func TestForget(t *testing.T) {
	before := inspect
	defer func() { inspect = before }()
	inspect = func(db *sql.DB) (any, string, bool) { return nowhere{"db"}, "", db.Ping() != nil }
	open := sql.OpenDB(nowhere{})
	databaseOf(open)
	for range 200 {
		db := sql.OpenDB(nowhere{})
		var users sync.WaitGroup
		for range 4 {
			users.Add(1)
			go func() {
				defer users.Done()
				for range 3 {
					databaseOf(db)
				}
			}()
		}
		db.Close()
		forget(db)
		users.Wait()
		databaseOf(db)
	}
	// One that is closed just after it was seen open.
	late := sql.OpenDB(nowhere{})
	inspect = func(db *sql.DB) (any, string, bool) {
		closed := db.Ping() != nil
		if db == late && !closed {
			db.Close()
			forget(db)
		}
		return nowhere{"db"}, "", closed
	}
	databaseOf(late)
	var kept []any
	databases.Range(func(db, _ any) bool { kept = append(kept, db); return true })
	if len(kept) != 1 || kept[0] != any(open) {
		t.Errorf("%d databases are kept", len(kept))
	}
	forget(open)
}

// TestKeptStatements checks that what is kept of statements has a bound in bytes and in number, and that one server has one of each.
func TestKeptStatements(t *testing.T) {
	for _, query := range []func(i int) string{
		func(i int) string { return fmt.Sprint("SELECT a FROM t", i) },
		func(i int) string { return fmt.Sprint("SELECT a FROM t", i, strings.Repeat(", b", maxKeptQuery/4)) },
		func(i int) string { return fmt.Sprint("SELECT a FROM t", i, strings.Repeat(", b", maxKeptQuery)) },
	} {
		d := new(database)
		d.server, d.statements = shared("other_sql", 0, place{name: query(0)[:16]})
		for i := range maxStatements + 100 {
			d.statement(query(i))
		}
		number, bytes := 0, 0
		for i := range d.buckets {
			for k := d.buckets[i].Load(); k != nil; k = k.next {
				number++
				bytes += len(k.query)
				for _, kv := range k.attrs {
					bytes += len(kv.Value.AsString())
				}
			}
		}
		if number > maxStatements || bytes > maxKept+3*maxKeptQuery+number*128 {
			t.Errorf("%d statements of %d bytes", number, bytes)
		}
	}
	one, _ := shared("other_sql", 0, place{host: "h"})
	if two, _ := shared("other_sql", 0, place{host: "h"}); one != two {
		t.Error("a server is not known again")
	}
	for i := range 10 * maxServers {
		shared("other_sql", 0, place{host: fmt.Sprint(i)})
	}
	if n := len(servers.known); n > maxServers {
		t.Errorf("%d servers are kept", n)
	}
}

// TestSteady checks that a statement that is known costs no allocation.
func TestSteady(t *testing.T) {
	d := new(database)
	d.server, d.statements = shared("other_sql", 0, place{})
	d.statement("SELECT a FROM t WHERE b = 1")
	if n := testing.AllocsPerRun(100, func() { d.statement("SELECT a FROM t WHERE b = 1") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
