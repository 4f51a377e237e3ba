// Cgo is a woven program whose main package uses cgo.
package main

/*
static int twice(int n) { return 2 * n; }
*/
import "C"

import (
	"fmt"

	"example.com/zoo/web"
)

func main() {
	url, err := web.Serve()
	if err != nil {
		panic(err)
	}
	body, err := web.Get(fmt.Sprintf("%s/hello/%d", url, C.twice(21)))
	fmt.Println(body, err)
}
