package database_sql

import (
	"database/sql"
	"hash/maphash"
	"net"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"

	"github.com/rules-go-weave/rules_go_weave/runtime/sqlmask"
)

// database is what is known of a sql.DB, and the statements that it was given.
type database struct {
	dialect sqlmask.Dialect
	system  string
	attrs   []attribute.KeyValue // what every span has
	byHand  bool                 // the driver itself makes spans
	pool    string               // the name of its connections

	statements statements
}

// statement is a masked statement with its attributes. None of it changes.
type statement struct {
	name                           string
	attrs                          []attribute.KeyValue
	db                             *database
	summary, operation, collection string
}

// Limits on the statements that are kept: programs that build their statements from values never give one twice.
const (
	maxStatements = 1000
	maxKeptQuery  = 8 << 10
)

// databases has the known ones until they are closed. A sql.DB that is not closed never goes away by itself either.
var databases sync.Map // *sql.DB to *database

func databaseOf(db *sql.DB) *database {
	if d, ok := databases.Load(db); ok {
		return d.(*database)
	}
	d, _ := databases.LoadOrStore(db, newDatabase(db, "", ""))
	return d.(*database)
}

// newDatabase finds out about db; driver and dsn are what sql.Open was called with, if it was.
func newDatabase(db *sql.DB, driver, dsn string) *database {
	pkg, name := driverType(db)
	d := &database{byHand: strings.Contains(pkg, "otelsql") || strings.Contains(pkg, "/dd-trace-go"), statements: statements{seed: maphash.MakeSeed()}}
	d.system, d.dialect = system(pkg, name, driver)
	d.attrs = append(d.attrs, attribute.String("db.system.name", d.system))
	d.attrs = append(d.attrs, location(d.system, dsn)...)
	d.attrs = d.attrs[:len(d.attrs):len(d.attrs)]
	d.pool = poolName(d.attrs)
	connections.Begin()
	maxConnections.Begin()
	return d
}

// poolName is "server:port/database" of what is known, as the semantic conventions have it, or else the name of the system.
func poolName(attrs []attribute.KeyValue) string {
	known := map[attribute.Key]string{}
	for _, kv := range attrs {
		known[kv.Key] = kv.Value.Emit()
	}
	name := known["server.address"]
	if port := known["server.port"]; port != "" {
		name += ":" + port
	}
	if database := known["db.namespace"]; database != "" {
		name += "/" + database
	}
	if name == "" {
		return known["db.system.name"]
	}
	return name
}

// driverType returns the package and the name of the type of db's driver.
func driverType(db *sql.DB) (pkg, name string) {
	t := reflect.TypeOf(db.Driver())
	if t == nil {
		return "", ""
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.PkgPath(), t.Name()
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

// system names the database as the semantic conventions do.
func system(pkg, name, driver string) (string, sqlmask.Dialect) {
	for _, s := range []string{pkg, driver, name} {
		s = strings.ToLower(s)
		for _, known := range systems {
			if strings.Contains(s, known.part) {
				return known.system, known.dialect
			}
		}
	}
	return "other_sql", sqlmask.Generic
}

// location reads server and name of the database from a data source name, and nothing else: the rest holds credentials.
func location(system, dsn string) (attrs []attribute.KeyValue) {
	var host, port, name string
	switch {
	case dsn == "" || system == "sqlite" || system == "duckdb":
		return nil
	case strings.Contains(dsn, "://"):
		u, err := url.Parse(dsn)
		if err != nil {
			return nil
		}
		host, port, name = u.Hostname(), u.Port(), strings.Trim(u.Path, "/")
		if database := u.Query().Get("database"); database != "" {
			name = database
		}
	case system == "mysql" || system == "mariadb":
		host, port, name = mysqlLocation(dsn)
	case strings.Contains(dsn, "="):
		host, port, name = pairsLocation(dsn)
	}
	if name != "" {
		attrs = append(attrs, attribute.String("db.namespace", name))
	}
	if host != "" {
		attrs = append(attrs, attribute.String("server.address", host))
		if n, err := strconv.Atoi(port); err == nil && n > 0 && n < 1<<16 {
			attrs = append(attrs, attribute.Int("server.port", n))
		}
	}
	return attrs
}

// mysqlLocation reads "[user[:password]@][net[(addr)]]/name[?param=value]".
func mysqlLocation(dsn string) (host, port, name string) {
	slash := strings.LastIndexByte(dsn, '/')
	if slash < 0 {
		return "", "", ""
	}
	name, _, _ = strings.Cut(dsn[slash+1:], "?")
	address := dsn[:slash]
	address = address[strings.LastIndexByte(address, '@')+1:]
	network, address, ok := strings.Cut(strings.TrimSuffix(address, ")"), "(")
	if !ok || strings.HasPrefix(network, "unix") {
		return address, "", name
	}
	if h, p, err := net.SplitHostPort(address); err == nil {
		return h, p, name
	}
	return address, "", name
}

// pairsLocation reads "key=value key=value", or with semicolons between.
func pairsLocation(dsn string) (host, port, name string) {
	separator := func(r rune) bool { return r == ' ' || r == ';' }
	for _, pair := range strings.FieldsFunc(dsn, separator) {
		key, value, _ := strings.Cut(pair, "=")
		value = strings.Trim(value, "'")
		switch strings.ToLower(strings.TrimSpace(key)) {
		case "host", "server", "data source":
			host = value
		case "port":
			port = value
		case "dbname", "database", "initial catalog":
			name = value
		}
	}
	return host, port, name
}

// statement masks a query, or finds it among those masked before.
func (d *database) statement(query string) *statement {
	if s := d.statements.find(query); s != nil {
		return s
	}
	masked := sqlmask.Mask(query, d.dialect)
	s := &statement{name: masked.Summary, attrs: d.attrs, db: d, summary: masked.Summary, operation: masked.Operation, collection: masked.Collection}
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
	if len(query) <= maxKeptQuery && d.statements.number.Load() < maxStatements {
		// The key is a copy: the query may be a piece of something large.
		d.statements.keep(strings.Clone(query), s)
	}
	return s
}

// operation is a statement that has no text: BEGIN and the like.
func (d *database) operation(name string) *statement {
	key := "\x00" + name
	if s := d.statements.find(key); s != nil {
		return s
	}
	s := &statement{name: name, attrs: append(d.attrs, attribute.String("db.operation.name", name)), db: d, operation: name}
	d.statements.keep(key, s)
	return s
}

// statements are those of a database by their queries. They are found without a lock and without an allocation, which a sync.Map
// needs for a key that is a string; none is ever taken away.
type statements struct {
	seed    maphash.Seed
	buckets [256]atomic.Pointer[kept]
	number  atomic.Int32
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
	for k := s.bucket(query).Load(); k != nil; k = k.next {
		if k.query == query {
			return k.statement
		}
	}
	return nil
}

// keep adds a statement. Two goroutines may add the same one: the later is found.
func (s *statements) keep(query string, one *statement) {
	s.number.Add(1)
	bucket := s.bucket(query)
	k := &kept{query: query, statement: one, next: bucket.Load()}
	for !bucket.CompareAndSwap(k.next, k) {
		k.next = bucket.Load()
	}
}
