package sqldriver

import (
	"strings"

	"github.com/rules-go-weave/rules_go_weave/runtime/sqlmask"
)

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

// System names the database as the semantic conventions do, by the first of these words that tells. One that tells two may be either: its
// statements are read as those of a database that is not known.
func System(words ...string) (system string, dialect sqlmask.Dialect) {
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
