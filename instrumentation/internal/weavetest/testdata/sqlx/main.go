// Command sqlx uses a PostgreSQL by sqlx, which runs its statements by database/sql.
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/jmoiron/sqlx"
	_ "github.com/lib/pq"
)

// Order is a row.
type Order struct {
	ID   int    `db:"id"`
	Name string `db:"name"`
}

func say(what string, err error) { fmt.Println(what, err != nil) }

func main() {
	ctx := context.Background()
	db, err := sqlx.Open("postgres", os.Getenv("DATABASE"))
	if err != nil {
		log.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	db.MustExec("CREATE TEMPORARY TABLE orders (id integer PRIMARY KEY, name text)")
	if os.Args[1] == "many" {
		for i := range 1000 {
			db.MustExec(fmt.Sprintf("INSERT INTO orders VALUES (%d, 'secret %d')", i, i))
		}
		return
	}
	_, err = db.NamedExecContext(ctx, "INSERT INTO orders VALUES (:id, :name)", Order{1, "secret"})
	say("named", err)
	var one Order
	say("get", db.GetContext(ctx, &one, "SELECT * FROM orders WHERE id = $1", 1))
	var all []Order
	say("select", db.SelectContext(ctx, &all, "SELECT * FROM orders WHERE name = $1", "secret"))
	rows, err := db.Queryx("SELECT * FROM orders")
	for err == nil && rows.Next() {
		err = rows.StructScan(&one)
	}
	say("rows", err)
	stmt, err := db.PrepareNamed("SELECT * FROM orders WHERE id = :id")
	say("prepare", err)
	say("prepared", stmt.Get(&one, Order{ID: 1}))
	stmt.Close()
	tx, err := db.Beginx()
	say("begin", err)
	tx.MustExec("DELETE FROM orders")
	say("commit", tx.Commit())
	say("nothing", db.Get(&one, "SELECT * FROM nothing WHERE name = 'secret'"))
}
