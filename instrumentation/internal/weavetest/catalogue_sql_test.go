package weavetest

import (
	"maps"
	"strings"
	"testing"
)

// What runs its statements by database/sql has no instrumentation of its own, and needs none.
func init() {
	catalogue["gorm"] = library{server: postgres, of: "database_sql", programs: []use{
		{name: "all", tree: clients(`
			PING
			CREATE TABLE orders
			BEGIN
			INSERT orders
			COMMIT
			SELECT orders
			SELECT orders
			BEGIN
			UPDATE orders
			COMMIT
			BEGIN
			DELETE orders
			ROLLBACK
			BEGIN
			INSERT orders error *pgconn.PgError
			ROLLBACK`)},
		{name: "many", names: []string{"CREATE TABLE orders", "DELETE orders", "PING", "SELECT orders"}},
	}}
	catalogue["sqlx"] = library{server: postgres, of: "database_sql", programs: []use{
		{name: "all", tree: clients(`
			CREATE TABLE orders
			INSERT orders
			SELECT orders
			SELECT orders
			SELECT orders
			PREPARE SELECT orders
			SELECT orders
			BEGIN
			DELETE orders
			COMMIT
			SELECT nothing error *pq.Error`)},
		{name: "many", names: []string{"CREATE TABLE orders", "INSERT orders"}},
	}}
}

func init() {
	places := map[string]string{"plain_order": "sqlite :/", "bun_orders": "sqlite :/", "xorm_order": "sqlite :/", "ent_order": "sqlite :/"}
	for _, opened := range []string{"mysql_dsn", "mysql_config", "mssql_dsn", "mssql_connector", "mssql_config", "clickhouse_dsn", "clickhouse_options"} {
		driver, _, _ := strings.Cut(opened, "_")
		places[opened] = map[string]string{"mysql": "mysql", "mssql": "microsoft.sql_server", "clickhouse": "clickhouse"}[driver] + " 127.0.0.1:1/shop"
	}
	// A driver of a real database for each kind of place, and what makes statements by itself.
	catalogue["sql_drivers"] = library{of: "database_sql", heavy: true, programs: []use{{name: "all", bounded: 24, check: func(t *testing.T, spans []Span) {
		got := map[string]string{}
		for _, s := range spans {
			if s.Kind.String() != "SPAN_KIND_CLIENT" || s.Parent != "" {
				t.Errorf("%v is not of one call", s)
			}
			if table := s.Attribute("db.collection.name"); table != "" {
				got[table] = s.Attribute("db.system.name") + " " + s.Attribute("server.address") + ":" + s.Attribute("server.port") + "/" + s.Attribute("db.namespace")
			}
			if refused := s.Attribute("server.port") != ""; refused != (s.Attribute("error.type") != "") && s.Attribute("db.response.status_code") == "" {
				t.Errorf("%v", s)
			}
		}
		if !maps.Equal(got, places) {
			t.Errorf("%v\nis not\n%v", got, places)
		}
	}}}}
}
