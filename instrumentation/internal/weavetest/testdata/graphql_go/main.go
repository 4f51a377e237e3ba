// Command graphql_go executes operations by graphql-go/graphql.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/graphql-go/graphql"
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

func text(resolve func(graphql.ResolveParams) (any, error)) *graphql.Field {
	return &graphql.Field{Type: graphql.String, Resolve: resolve, Args: graphql.FieldConfigArgument{"password": {Type: graphql.String}}}
}

func main() {
	fields := graphql.Fields{
		"hello": text(func(graphql.ResolveParams) (any, error) { return "world", nil }),
		"asks":  text(func(graphql.ResolveParams) (any, error) { ask(); return "asked", nil }),
		"fails": text(func(graphql.ResolveParams) (any, error) {
			return nil, errors.New("nothing at https://user:secret@example.com/")
		}),
		"panics": text(func(graphql.ResolveParams) (any, error) { panic(errors.New("as asked")) }),
		"slow": text(func(p graphql.ResolveParams) (any, error) {
			<-p.Context.Done()
			return "late", nil
		}),
	}
	schema, err := graphql.NewSchema(graphql.SchemaConfig{
		Query:    graphql.NewObject(graphql.ObjectConfig{Name: "Query", Fields: fields}),
		Mutation: graphql.NewObject(graphql.ObjectConfig{Name: "Mutation", Fields: graphql.Fields{"change": text(func(graphql.ResolveParams) (any, error) { return "changed", nil })}}),
	})
	if err != nil {
		log.Fatal(err)
	}
	do := func(ctx context.Context, request, name string) {
		r := graphql.Do(graphql.Params{Schema: schema, RequestString: request, OperationName: name, Context: ctx})
		fmt.Println(r.Data, r.Errors)
	}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		do(r.Context(), "query Greets { hello }", "")
		do(context.Background(), "{ asks }", "")
	}))
	resp, err := http.Get(server.URL)
	if err != nil {
		log.Fatal(err)
	}
	resp.Body.Close()
	server.Close()
	ctx := context.Background()
	do(ctx, `{ hello(password: "secret") }`, "")
	do(ctx, "{ fails }", "")
	do(ctx, "{ panics }", "")
	do(ctx, "mutation Changes { change }", "")
	do(ctx, "query One { hello } query Two { hello }", "Two")
	do(ctx, "query One { hello } query Two { hello }", "Three")
	do(ctx, "{ nothing }", "")
	late, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	do(late, "{ slow }", "")
	cancel()
	do(nil, "{ hello }", "")
}
