// Linkage is a program without cgo and without package net, both of which hooks of database/sql may bring. It waits for nothing at its end.
package main

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
)

type nothing struct{}

func (nothing) Open(string) (driver.Conn, error) { return nil, errors.New("nothing is there") }

func main() {
	sql.Register("nothing", nothing{})
	db, err := sql.Open("nothing", "")
	if err != nil {
		panic(err)
	}
	_, err = db.Exec("DELETE FROM greetings")
	fmt.Println(err)
	if len(os.Args) > 1 {
		select {}
	}
}
