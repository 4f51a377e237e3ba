// Drivers opens a PostgreSQL in every way that two drivers have, and does what they do beyond plain statements, with no word of telemetry.
package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/lib/pq"
)

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	url := os.Getenv("DATABASE")
	ctx := context.Background()
	config, err := pgx.ParseConfig(url)
	check(err)
	pool, err := pgxpool.New(ctx, url)
	check(err)
	connector, err := pq.NewConnector(url)
	check(err)
	opened := func(db *sql.DB, err error) *sql.DB { check(err); return db }
	for _, one := range []struct {
		name string
		db   *sql.DB
	}{
		{"pgx", opened(sql.Open("pgx", url))},
		{"pgx_config", stdlib.OpenDB(*config)},
		{"pgx_pool", stdlib.OpenDBFromPool(pool)},
		{"pq", opened(sql.Open("postgres", url))},
		{"pq_connector", sql.OpenDB(connector)},
	} {
		_, err := one.db.Exec("DROP TABLE IF EXISTS " + one.name)
		check(err)
		_, err = one.db.Exec("CREATE TABLE " + one.name + " (id int PRIMARY KEY, name text)")
		check(err)
		_, err = one.db.Exec("INSERT INTO " + one.name + " VALUES (1, 'secret')")
		check(err)
		// PostgreSQL repeats these values in what it says.
		for _, q := range []string{"INSERT INTO %s VALUES (1, 'secret')", "UPDATE %s SET id = 'secret'::int", "DELETE FROM %s WHERE name = 'secret"} {
			_, err = one.db.Exec(fmt.Sprintf(q, one.name))
			fmt.Println(one.name, err)
		}
		_, err = one.db.Exec("SELECT $1::text::int FROM "+one.name, "secret")
		fmt.Println(one.name, err)
	}
	db := sql.OpenDB(connector)
	tx, err := db.Begin()
	check(err)
	copying, err := tx.Prepare(pq.CopyIn("pq", "id", "name"))
	check(err)
	_, err = copying.Exec(2, "secret")
	check(err)
	_, err = copying.Exec()
	check(err)
	check(copying.Close())
	check(tx.Commit())
	_, err = db.Exec("NOTIFY c, 'secret'")
	check(err)
}
