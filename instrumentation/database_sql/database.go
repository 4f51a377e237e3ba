package database_sql

import (
	"database/sql"
	"database/sql/driver"
	"sync"
	_ "unsafe" // for linkname

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
	"github.com/rules-go-weave/rules_go_weave/runtime/sqldriver"
)

// inspect tells what a sql.DB was opened with: the driver's connector, or a data source name; and whether it is closed. The woven
// database/sql defines it.
//
//go:linkname inspect database/sql.weaveInspect
var inspect func(*sql.DB) (connector any, dsn string, closed bool)

// database is what is known of a sql.DB.
type database struct {
	*hook.DBServer
	byHand bool // the driver itself makes spans
}

// databases has the open ones. A sql.DB that is not closed never goes away by itself either: a goroutine waits for its connections.
var databases sync.Map // *sql.DB to *database

// databaseOf returns what is known of db. Of a closed one nothing is kept, however late it is used.
func databaseOf(db *sql.DB) *database {
	if d, ok := databases.Load(db); ok {
		return d.(*database)
	}
	return remember(db, "", "", false)
}

// remember finds out about db and keeps it while db is open; name and dsn are what sql.Open was called with, if it was.
func remember(db *sql.DB, name, dsn string, anew bool) *database {
	var connector any
	closed := true
	if inspect != nil {
		var opened string
		if connector, opened, closed = inspect(db); dsn == "" {
			dsn = opened
		}
	}
	d := newDatabase(db, connector, name, dsn)
	if closed || connector == nil {
		return d
	}
	if anew {
		databases.Store(db, d)
	} else if known, loaded := databases.LoadOrStore(db, d); loaded {
		return known.(*database)
	}
	operations.Observe(db, d.Pool(), stats)
	// Close marks db as closed and then forgets it. If that was before db was kept, it shows now.
	if _, _, closed = inspect(db); closed {
		forget(db)
	}
	return d
}

// stats is the state of a database's connections.
func stats(db any) hook.DBPool {
	s := db.(*sql.DB).Stats()
	return hook.DBPool{Idle: s.Idle, Used: s.InUse, Max: s.MaxOpenConnections}
}

// forget drops what is known of a closed database.
func forget(db *sql.DB) {
	databases.Delete(db)
	operations.Forget(db)
}

// newDatabase finds out about db, of its driver and connector by their types and fields.
func newDatabase(db *sql.DB, connector any, name, dsn string) *database {
	d := new(database)
	var found location
	hook.Try(func() {
		if connector != nil {
			found = locate(connector, driverOf(db))
		}
	})
	d.byHand = found.byHand
	system, dialect := sqldriver.System(append(found.packages, name, found.name)...)
	if dsn != "" {
		if told := parse(system, dsn); told != (place{}) {
			found.place = told
		}
	}
	if found.dsn != "" && found.place == (place{}) {
		found.place = parse(system, found.dsn)
	}
	if system == "sqlite" || system == "duckdb" {
		found.place = place{}
	}
	d.DBServer = operations.Server(found.place.at(system, dialect))
	return d
}

// driverOf asks a connector for its driver, which is code of the program's.
func driverOf(db *sql.DB) (d driver.Driver) {
	defer func() { recover() }()
	return db.Driver()
}
