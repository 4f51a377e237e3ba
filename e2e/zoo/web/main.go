// Cmd serves, asks its own server for each path of its arguments, and prints the answers.
package main

import (
	"fmt"
	"os"

	"example.com/zoo/web"
)

func main() {
	url, err := web.Serve()
	if err != nil {
		panic(err)
	}
	for _, path := range os.Args[1:] {
		body, err := web.Get(url + path)
		if err != nil {
			fmt.Println("error")
			continue
		}
		fmt.Println(body)
	}
}
