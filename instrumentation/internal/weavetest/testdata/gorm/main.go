// Command gorm uses a PostgreSQL by gorm, which runs its statements by database/sql, and that by pgx.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"

	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// Order is a table.
type Order struct {
	ID   int `gorm:"primaryKey"`
	Name string
}

func say(what string, err error) { fmt.Println(what, err != nil) }

func main() {
	db, err := gorm.Open(postgres.Open(os.Getenv("DATABASE")), &gorm.Config{Logger: logger.Discard})
	if err != nil {
		log.Fatal(err)
	}
	pool, err := db.DB()
	if err != nil {
		log.Fatal(err)
	}
	pool.SetMaxOpenConns(1)
	db = db.WithContext(context.Background())
	say("create", db.Exec("CREATE TEMPORARY TABLE orders (id integer PRIMARY KEY, name text)").Error)
	if os.Args[1] == "many" {
		for i := range 1000 {
			db.Find(&[]Order{}, "name = ?", fmt.Sprint("secret ", i))
			db.Exec(fmt.Sprintf("DELETE FROM orders WHERE id = %d", i))
		}
		return
	}
	say("insert", db.Create(&Order{1, "secret"}).Error)
	var all []Order
	say("find", db.Where("name = ?", "secret").Find(&all).Error)
	fmt.Println(len(all))
	say("first", db.First(&Order{}, 7).Error)
	say("update", db.Model(&Order{ID: 1}).Update("name", "secret").Error)
	say("transaction", db.Transaction(func(tx *gorm.DB) error {
		if err := tx.Delete(&Order{ID: 1}).Error; err != nil {
			return err
		}
		return errors.New("changed my mind")
	}))
	say("again", db.Create(&Order{1, "secret"}).Error)
}
