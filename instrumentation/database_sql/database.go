package database_sql

import (
	"database/sql"
	"database/sql/driver"
	"hash/maphash"
	"strings"
	"sync"
	"sync/atomic"
	_ "unsafe" // for linkname

	"go.opentelemetry.io/otel/attribute"

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
	"github.com/rules-go-weave/rules_go_weave/runtime/sqlmask"
)

// inspect tells what a sql.DB was opened with: the driver's connector, or a data source name; and whether it is closed. The woven
// database/sql defines it.
//
//go:linkname inspect database/sql.weaveInspect
var inspect func(*sql.DB) (connector any, dsn string, closed bool)

// database is what is known of a sql.DB.
type database struct {
	*server
	*statements
	byHand bool // the driver itself makes spans
}

// server is where databases are. None of it changes, and it holds nothing of a sql.DB.
type server struct {
	dialect sqlmask.Dialect
	system  string
	attrs   []attribute.KeyValue // what every span has
	pool    string               // the name of its connections
}

// statement is a masked statement with its attributes. None of it changes.
type statement struct {
	name                           string
	attrs                          []attribute.KeyValue
	server                         *server
	summary, operation, collection string
}

// Limits on what is kept of servers and statements: programs that build their statements from values never give one twice.
const (
	maxServers    = 64
	maxStatements = 1000
	maxKeptQuery  = 8 << 10
	maxKept       = 1 << 20 // bytes of the statements of one server
)

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
	// Close marks db as closed and then forgets it. If that was before db was kept, it shows now.
	if _, _, closed = inspect(db); closed {
		databases.Delete(db)
	}
	return d
}

// forget drops what is known of a closed database.
func forget(db *sql.DB) { databases.Delete(db) }

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
	system, dialect := systemOf(append(found.packages, name, found.name)...)
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
	d.server, d.statements = shared(system, dialect, found.place)
	connections.Begin()
	maxConnections.Begin()
	return d
}

// driverOf asks a connector for its driver, which is code of the program's.
func driverOf(db *sql.DB) (d driver.Driver) {
	defer func() { recover() }()
	return db.Driver()
}

// servers are the known ones, so that a program that opens a database for each piece of work has one for all.
var servers struct {
	sync.Mutex
	known map[serverKey]*database
}

type serverKey struct {
	place
	system  string
	dialect sqlmask.Dialect
}

// shared returns the server with its statements. Of more than a program may have they are new ones each time.
func shared(system string, dialect sqlmask.Dialect, p place) (*server, *statements) {
	key := serverKey{p, system, dialect}
	servers.Lock()
	defer servers.Unlock()
	if known := servers.known[key]; known != nil {
		return known.server, known.statements
	}
	attrs := append([]attribute.KeyValue{attribute.String("db.system.name", system)}, p.attributes()...)
	d := &database{server: &server{dialect: dialect, system: system, attrs: attrs[:len(attrs):len(attrs)], pool: p.pool(system)},
		statements: &statements{seed: maphash.MakeSeed()}}
	if len(servers.known) < maxServers {
		if servers.known == nil {
			servers.known = map[serverKey]*database{}
		}
		servers.known[key] = d
	}
	return d.server, d.statements
}

// systems tells the database by a part of the driver's package path, or of the name that it is registered by.
var systems = []struct {
	part, system string
	dialect      sqlmask.Dialect
}{
	{"cockroach", "cockroachdb", sqlmask.PostgreSQL},
	{"pgx", "postgresql", sqlmask.PostgreSQL},
	{"lib/pq", "postgresql", sqlmask.PostgreSQL},
	{"postgres", "postgresql", sqlmask.PostgreSQL},
	{"mariadb", "mariadb", sqlmask.MySQL},
	{"mysql", "mysql", sqlmask.MySQL},
	{"sqlite", "sqlite", sqlmask.SQLite},
	{"mssql", "microsoft.sql_server", sqlmask.SQLServer},
	{"sqlserver", "microsoft.sql_server", sqlmask.SQLServer},
	{"godror", "oracle.db", sqlmask.Oracle},
	{"go-ora", "oracle.db", sqlmask.Oracle},
	{"oci8", "oracle.db", sqlmask.Oracle},
	{"oracle", "oracle.db", sqlmask.Oracle},
	{"clickhouse", "clickhouse", sqlmask.ClickHouse},
	{"snowflake", "snowflake", sqlmask.Generic},
	{"spanner", "gcp.spanner", sqlmask.Generic},
	{"trino", "trino", sqlmask.Generic},
	{"presto", "presto", sqlmask.Generic},
	{"duckdb", "duckdb", sqlmask.PostgreSQL},
	{"ibm_db", "ibm.db2", sqlmask.Generic},
}

// systemOf names the database as the semantic conventions do, by the first of these words that tells. One that tells two may be either: its
// statements are read as those of a database that is not known.
func systemOf(words ...string) (system string, dialect sqlmask.Dialect) {
	for _, s := range words {
		s = strings.ToLower(s)
		for _, known := range systems {
			if !strings.Contains(s, known.part) {
				continue
			}
			if system == "" {
				system, dialect = known.system, known.dialect
			} else if dialect != known.dialect {
				dialect = sqlmask.Generic // Which one it is cannot be told.
			}
		}
		if system != "" {
			return system, dialect
		}
	}
	return "other_sql", sqlmask.Generic
}

// statement masks a query, or finds it among those masked before.
func (d *database) statement(query string) *statement {
	if s := d.find(query); s != nil {
		return s
	}
	masked := sqlmask.Mask(query, d.dialect)
	s := &statement{name: masked.Summary, attrs: d.attrs, server: d.server, summary: masked.Summary, operation: masked.Operation, collection: masked.Collection}
	if masked.Text != "" {
		s.attrs = append(s.attrs, attribute.String("db.query.text", masked.Text))
	}
	if masked.Summary != "" {
		s.attrs = append(s.attrs, attribute.String("db.query.summary", masked.Summary))
	} else {
		s.name = d.system
	}
	if masked.Operation != "" {
		s.attrs = append(s.attrs, attribute.String("db.operation.name", masked.Operation))
	}
	if masked.Collection != "" {
		s.attrs = append(s.attrs, attribute.String("db.collection.name", masked.Collection))
	}
	d.keep(query, s, len(masked.Text)+len(masked.Summary)+len(masked.Collection))
	return s
}

// operation is a statement that has no text: BEGIN and the like.
func (d *database) operation(name string) *statement {
	key := "\x00" + name
	if s := d.find(key); s != nil {
		return s
	}
	s := &statement{name: name, attrs: append(d.attrs, attribute.String("db.operation.name", name)), server: d.server, operation: name}
	d.keep(key, s, 0)
	return s
}

// statements are those given to a server by their queries. They are found without a lock and without an allocation, which a sync.Map
// needs for a key that is a string; none is ever taken away.
type statements struct {
	seed    maphash.Seed
	buckets [256]atomic.Pointer[kept]
	number  atomic.Int32
	bytes   atomic.Int64
}

// kept is a statement in the list of those whose queries have one hash.
type kept struct {
	query string
	*statement
	next *kept
}

func (s *statements) bucket(query string) *atomic.Pointer[kept] {
	return &s.buckets[maphash.String(s.seed, query)%uint64(len(s.buckets))]
}

// find returns nil if there is none.
func (s *statements) find(query string) *statement {
	if len(query) > maxKeptQuery {
		return nil
	}
	for k := s.bucket(query).Load(); k != nil; k = k.next {
		if k.query == query {
			return k.statement
		}
	}
	return nil
}

// keep adds a statement with a text of so many bytes, within the limits. Two goroutines may add the same one: the later is found.
func (s *statements) keep(query string, one *statement, bytes int) {
	if len(query) > maxKeptQuery || s.number.Load() >= maxStatements || s.bytes.Load() >= maxKept {
		return
	}
	s.number.Add(1)
	s.bytes.Add(int64(len(query) + bytes))
	bucket := s.bucket(query)
	// The key is a copy: the query may be a piece of something large.
	k := &kept{query: strings.Clone(query), statement: one, next: bucket.Load()}
	for !bucket.CompareAndSwap(k.next, k) {
		k.next = bucket.Load()
	}
}
