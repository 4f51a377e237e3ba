// Command elasticsearch calls a cluster by go-elasticsearch in all ways that there are.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"

	"github.com/elastic/elastic-transport-go/v8/elastictransport"
	"github.com/elastic/go-elasticsearch/v8/esapi"
)

var ctx = context.Background()

func say(what string, res *esapi.Response, err error) {
	if err != nil {
		fmt.Println(what, "fails", errors.Is(err, context.Canceled))
		return
	}
	fmt.Println(what, res.StatusCode, len(res.String()) > 0)
	res.Body.Close()
}

func main() {
	map[string]func(*client){"all": all, "fail": fail, "http": parents, "many": many}[os.Args[1]](connect(os.Getenv("ELASTICSEARCH"), false))
}

// client is what elasticsearch.NewClient makes, which has all of the typed API as well: it takes minutes to compile.
type client struct {
	*esapi.API
	*elastictransport.Client
}

func connect(address string, once bool) *client {
	u, err := url.Parse(address)
	if err != nil {
		log.Fatal(err)
	}
	transport, err := elastictransport.New(elastictransport.Config{URLs: []*url.URL{u}, DisableRetry: once})
	if err != nil {
		log.Fatal(err)
	}
	return &client{esapi.New(transport), transport}
}

func all(es *client) {
	res, err := es.Info()
	say("info", res, err)
	res, err = es.Indices.Create("orders")
	say("create", res, err)
	res, err = es.Index("orders", strings.NewReader(`{"name":"secret"}`), es.Index.WithDocumentID("1"), es.Index.WithContext(ctx))
	say("index", res, err)
	res, err = es.Get("orders", "1")
	say("get", res, err)
	res, err = es.Search(es.Search.WithIndex("orders"), es.Search.WithBody(strings.NewReader(`{"query":{"match":{"name":"secret"}}}`)))
	say("search", res, err)
	res, err = es.Bulk(strings.NewReader(`{"index":{"_index":"orders"}}` + "\n" + `{"name":"secret"}` + "\n"))
	say("bulk", res, err)
	res, err = es.Search(es.Search.WithIndex("flaky"))
	say("flaky", res, err)
	res, err = es.Cluster.Health()
	say("health", res, err)
	res, err = es.Delete("orders", "1")
	say("delete", res, err)
	req, err := http.NewRequest("GET", "/_made_up/part", nil)
	if err != nil {
		log.Fatal(err)
	}
	own, err := es.Perform(req)
	if err != nil {
		log.Fatal(err)
	}
	own.Body.Close()
	fmt.Println(own.StatusCode)
}

func fail(es *client) {
	res, err := es.Get("orders", "missing")
	say("missing", res, err)
	res, err = es.Search(es.Search.WithIndex("bad"), es.Search.WithBody(strings.NewReader(`{"secret"}`)))
	say("bad", res, err)
	given, cancel := context.WithCancel(ctx)
	cancel()
	alone := connect(os.Getenv("ELASTICSEARCH"), true)
	res, err = alone.Count(alone.Count.WithContext(given))
	say("cancelled", res, err)
	nobody := connect("http://user:secret@127.0.0.1:1", true)
	res, err = nobody.Count()
	say("nobody", res, err)
}

func parents(es *client) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		given := r.Context()
		if r.URL.Path == "/background" {
			given = ctx
		}
		res, err := es.Get("orders", "1", es.Get.WithContext(given))
		if err == nil {
			res.Body.Close()
		}
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

func many(es *client) {
	for i := range 1000 {
		res, err := es.Get(fmt.Sprint("orders", i), fmt.Sprint("_id", i))
		if err != nil {
			log.Fatal(err)
		}
		res.Body.Close()
		req, err := http.NewRequest("GET", fmt.Sprintf("/made%d/up%d/_%d", i, i, i), nil)
		if err != nil {
			log.Fatal(err)
		}
		own, err := es.Perform(req)
		if err != nil {
			log.Fatal(err)
		}
		own.Body.Close()
	}
}
