// Command sql_drivers uses drivers of database/sql, and what stands on it, each for a table that is called as what it was used by. Of MySQL,
// SQL Server and ClickHouse there is no server: what is known of them is what they were opened by.
package main

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"time"

	entsql "entgo.io/ent/dialect/sql"
	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/go-sql-driver/mysql"
	mssql "github.com/microsoft/go-mssqldb"
	"github.com/microsoft/go-mssqldb/msdsn"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	_ "modernc.org/sqlite"
	"xorm.io/xorm"
)

var bg = context.Background()

// must returns a value that there is.
func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

// refused asks a database for a table; nobody listens.
func refused(db *sql.DB, table string) {
	defer db.Close()
	db.SetMaxOpenConns(1)
	ctx, cancel := context.WithTimeout(bg, time.Minute)
	defer cancel()
	_, err := db.ExecContext(ctx, "DELETE FROM "+table+" WHERE name = 'secret'")
	fmt.Println(table, err != nil)
}

type BunOrder struct {
	ID   int64 `bun:",pk,autoincrement"`
	Name string
}

type XormOrder struct {
	Id   int64
	Name string
}

func main() {
	// The port of nobody.
	refused(must(sql.Open("mysql", "bob:secret@tcp(127.0.0.1:1)/shop")), "mysql_dsn")
	config := mysql.NewConfig()
	config.User, config.Passwd, config.Net, config.Addr, config.DBName = "bob", "secret", "tcp", "127.0.0.1:1", "shop"
	refused(sql.OpenDB(must(mysql.NewConnector(config))), "mysql_config")
	refused(must(sql.Open("sqlserver", "sqlserver://bob:secret@127.0.0.1:1?database=shop&encrypt=disable")), "mssql_dsn")
	refused(sql.OpenDB(must(mssql.NewConnector("sqlserver://bob:secret@127.0.0.1:1?database=shop&encrypt=disable"))), "mssql_connector")
	refused(sql.OpenDB(mssql.NewConnectorConfig(must(msdsn.Parse("server=127.0.0.1;port=1;database=shop;user id=bob;password=secret;encrypt=disable")))), "mssql_config")
	refused(must(sql.Open("clickhouse", "clickhouse://bob:secret@127.0.0.1:1/shop")), "clickhouse_dsn")
	refused(clickhouse.OpenDB(&clickhouse.Options{Addr: []string{"127.0.0.1:1"}, Auth: clickhouse.Auth{Database: "shop", Username: "bob", Password: "secret"}}), "clickhouse_options")

	open := func() *sql.DB {
		db := must(sql.Open("sqlite", "file::memory:"))
		db.SetMaxOpenConns(1)
		return db
	}
	db := open()
	must(db.ExecContext(bg, "CREATE TABLE plain_order (name TEXT)"))
	must(db.ExecContext(bg, "INSERT INTO plain_order VALUES (?)", "secret"))
	_, err := db.ExecContext(bg, "INSERT INTO plain_order VALUES (?, ?)", "secret", 2)
	fmt.Println(err)
	db.Close()

	client := bun.NewDB(open(), sqlitedialect.New())
	must(client.NewCreateTable().Model((*BunOrder)(nil)).Exec(bg))
	must(client.NewInsert().Model(&BunOrder{Name: "secret"}).Exec(bg))
	var orders []BunOrder
	if err := client.NewSelect().Model(&orders).Where("name = ?", "secret").Scan(bg); err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(orders), client.Close())

	engine := must(xorm.NewEngine("sqlite", "file::memory:"))
	engine.SetMaxOpenConns(1)
	must(engine.Exec("CREATE TABLE xorm_order (id INTEGER PRIMARY KEY, name TEXT)"))
	must(engine.Insert(&XormOrder{Name: "secret"}))
	found := must(engine.Where("name = ?", "secret").Count(&XormOrder{}))
	fmt.Println(found, engine.Close())

	driver := entsql.OpenDB("sqlite3", open())
	for _, statement := range []string{"CREATE TABLE ent_order (name TEXT)", "INSERT INTO ent_order VALUES ('secret')"} {
		if err := driver.Exec(bg, statement, []any{}, nil); err != nil {
			log.Fatal(err)
		}
	}
	query, args := entsql.Dialect("sqlite3").Select("name").From(entsql.Table("ent_order")).Where(entsql.EQ("name", "secret")).Query()
	rows := &entsql.Rows{}
	if err := driver.Query(bg, query, args, rows); err != nil {
		log.Fatal(err)
	}
	n := 0
	for rows.Next() {
		n++
	}
	fmt.Println(n, rows.Close(), driver.Close())
}
