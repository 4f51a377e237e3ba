// Command graph_gophers executes operations by graph-gophers/graphql-go.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"

	"github.com/graph-gophers/graphql-go"
	"github.com/graph-gophers/graphql-go/relay"
)

var other = httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))

// ask makes a request without a context.
func ask() {
	resp, err := http.Get(other.URL)
	if err != nil {
		log.Fatal(err)
	}
	resp.Body.Close()
}

type resolver struct{}

func (resolver) Hello(struct{ Password *string }) string { return "world" }
func (resolver) Asks() string                            { ask(); return "asked" }
func (resolver) Fails() (string, error) {
	return "", errors.New("nothing at https://user:secret@example.com/")
}
func (resolver) Panics() string { panic("as asked") }
func (resolver) Change() string { return "changed" }
func (resolver) Counts(ctx context.Context) <-chan int32 {
	c := make(chan int32)
	go func() {
		defer close(c)
		for n := range int32(3) {
			select {
			case c <- n:
			case <-ctx.Done():
			}
		}
	}()
	return c
}

type silent struct{}

func (silent) LogPanic(context.Context, any) {}

func main() {
	schema := graphql.MustParseSchema(`
		schema { query: Query mutation: Mutation subscription: Subscription }
		type Query { hello(password: String): String! asks: String! fails: String! panics: String! }
		type Mutation { change: String! }
		type Subscription { counts: Int! }`, &resolver{}, graphql.Logger(silent{}))
	ctx := context.Background()
	server := httptest.NewServer(&relay.Handler{Schema: schema})
	for _, query := range []string{"query Greets { hello }", "{ asks }"} {
		resp, err := http.Post(server.URL, "application/json", strings.NewReader(fmt.Sprintf(`{"query": %q}`, query)))
		if err != nil {
			log.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		fmt.Println(string(body), err)
	}
	server.Close()
	// A batch: one request, whose operations are executed at the same time.
	batch := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var all sync.WaitGroup
		for range 3 {
			all.Add(1)
			go func() {
				defer all.Done()
				schema.Exec(r.Context(), "{ hello }", "", nil)
			}()
		}
		all.Wait()
	}))
	if resp, err := http.Post(batch.URL, "application/json", strings.NewReader("[]")); err != nil || resp.StatusCode != 200 {
		log.Fatal(err)
	}
	batch.Close()
	do := func(query, name string) {
		r := schema.Exec(ctx, query, name, nil)
		fmt.Println(string(r.Data), r.Errors)
	}
	do(`{ hello(password: "secret") }`, "")
	do("{ fails }", "")
	do("{ panics }", "")
	do("mutation Changes { change }", "")
	do("query One { hello } query Two { hello }", "Two")
	do("{ nothing }", "")
	for _, query := range []string{"subscription { counts }", "query ByTheOtherWay { asks }", "{ fails }"} {
		events, err := schema.Subscribe(ctx, query, "", nil)
		if err != nil {
			log.Fatal(err)
		}
		for e := range events {
			r := e.(*graphql.Response)
			fmt.Println(string(r.Data), r.Errors)
		}
	}
	given, cancel := context.WithCancel(ctx)
	events, err := schema.Subscribe(given, "subscription GivenUp { counts }", "", nil)
	if err != nil {
		log.Fatal(err)
	}
	<-events
	cancel()
	for range events {
	}
}
