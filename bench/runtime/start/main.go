// Start ends as soon as it has begun, unless it is given an address: then it is a server. What it takes is its start, and its size.
package main

import (
	"io"
	"net/http"
	"os"
)

func main() {
	http.HandleFunc("GET /hello", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") })
	if len(os.Args) > 1 {
		panic(http.ListenAndServe(os.Args[1], nil))
	}
}
