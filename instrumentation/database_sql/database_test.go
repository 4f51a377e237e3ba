package database_sql

import (
	"context"
	"database/sql"
	"database/sql/driver"
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
