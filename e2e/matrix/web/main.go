// Cmd asks its own server for a page.
package main

import (
	"fmt"
	"os"

	"example.com/matrix/web"
)

func main() {
	url, err := web.Serve()
	if err != nil {
		panic(err)
	}
	body, err := web.Get(url + os.Args[1])
	if err != nil {
		panic(err)
	}
	fmt.Println(body)
}
