// Command elasticsearch_v7 calls a cluster by the transport of go-elasticsearch 7, as all of its API does.
package main

import (
	"fmt"
	"log"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/elastic/go-elasticsearch/v7/estransport"
)

func main() {
	u, err := url.Parse(os.Getenv("ELASTICSEARCH"))
	if err != nil {
		log.Fatal(err)
	}
	transport, err := estransport.New(estransport.Config{URLs: []*url.URL{u}})
	if err != nil {
		log.Fatal(err)
	}
	for _, call := range []string{"PUT /orders/_doc/1", "GET /orders/_doc/1", "POST /orders/_search", "POST /flaky/_search", "GET /orders/_doc/missing"} {
		method, path, _ := strings.Cut(call, " ")
		req, err := http.NewRequest(method, path, strings.NewReader(`{"name":"secret"}`))
		if err != nil {
			log.Fatal(err)
		}
		res, err := transport.Perform(req)
		if err != nil {
			log.Fatal(err)
		}
		res.Body.Close()
		fmt.Println(call, res.StatusCode)
	}
}
