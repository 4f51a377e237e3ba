// Command opensearch calls a cluster by opensearch-go in all ways that there are.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/opensearch-project/opensearch-go/v4"
	"github.com/opensearch-project/opensearch-go/v4/opensearchapi"
)

var ctx = context.Background()

func say(what string, err error) {
	if err != nil {
		fmt.Println(what, "fails", errors.Is(err, context.Canceled))
		return
	}
	fmt.Println(what)
}

func client(address string) *opensearchapi.Client {
	c, err := opensearchapi.NewClient(opensearchapi.Config{Client: opensearch.Config{Addresses: []string{address}, DisableRetry: strings.Contains(address, "@")}})
	if err != nil {
		log.Fatal(err)
	}
	return c
}

func main() {
	map[string]func(*opensearchapi.Client){"all": all, "fail": fail, "http": parents, "many": many}[os.Args[1]](client(os.Getenv("OPENSEARCH")))
}

func all(c *opensearchapi.Client) {
	_, err := c.Info(ctx, nil)
	say("info", err)
	_, err = c.Index(ctx, opensearchapi.IndexReq{Index: "orders", DocumentID: "1", Body: strings.NewReader(`{"name":"secret"}`)})
	say("index", err)
	_, err = c.Document.Get(ctx, opensearchapi.DocumentGetReq{Index: "orders", DocumentID: "1"})
	say("get", err)
	_, err = c.Search(ctx, &opensearchapi.SearchReq{Indices: []string{"orders"}, Body: strings.NewReader(`{"query":{"match":{"name":"secret"}}}`)})
	say("search", err)
	_, err = c.Search(ctx, &opensearchapi.SearchReq{Indices: []string{"flaky"}})
	say("flaky", err)
	_, err = c.Document.Delete(ctx, opensearchapi.DocumentDeleteReq{Index: "orders", DocumentID: "1"})
	say("delete", err)
}

func fail(c *opensearchapi.Client) {
	_, err := c.Document.Get(ctx, opensearchapi.DocumentGetReq{Index: "orders", DocumentID: "missing"})
	say("missing", err)
	_, err = c.Search(ctx, &opensearchapi.SearchReq{Indices: []string{"bad"}, Body: strings.NewReader(`{"secret"}`)})
	say("bad", err)
	nobody := client("http://user:secret@127.0.0.1:1")
	_, err = nobody.Search(ctx, &opensearchapi.SearchReq{Indices: []string{"orders"}})
	say("nobody", err)
}

func parents(c *opensearchapi.Client) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		given := r.Context()
		if r.URL.Path == "/background" {
			given = ctx
		}
		c.Document.Get(given, opensearchapi.DocumentGetReq{Index: "orders", DocumentID: "1"})
	}))
	defer server.Close()
	for _, path := range []string{"/", "/background"} {
		res, err := http.Get(server.URL + path)
		if err != nil {
			log.Fatal(err)
		}
		res.Body.Close()
	}
}

func many(c *opensearchapi.Client) {
	for i := range 1000 {
		if _, err := c.Document.Get(ctx, opensearchapi.DocumentGetReq{Index: fmt.Sprint("orders", i), DocumentID: fmt.Sprint("id", i)}); err != nil {
			log.Fatal(err)
		}
	}
}
