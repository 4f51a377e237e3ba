// Command importing has cgo by a package that it imports.
package main

import (
	"database/sql"
	"fmt"

	"example.com/zoo/linkage/made"
)

func main() {
	_, err := sql.Open("nothing", "")
	fmt.Println(made.Two, err)
}
