// Command gqlgen executes operations by gqlgen, of a schema whose code is written by hand.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
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

// execute is what generated code is for.
func execute(ctx context.Context) graphql.ResponseHandler {
	op := graphql.GetOperationContext(ctx)
	n := 0
	return func(ctx context.Context) *graphql.Response {
		if n++; n > 1 && op.Operation.Operation != ast.Subscription || n > 3 {
			return nil
		}
		switch op.Operation.SelectionSet[0].(*ast.Field).Name {
		case "asks", "counts":
			ask()
		case "fails":
			graphql.AddErrorf(ctx, "nothing at https://user:secret@example.com/")
			return &graphql.Response{Data: []byte("null")}
		case "panics":
			panic("as asked")
		}
		return &graphql.Response{Data: []byte(fmt.Sprintf(`{"n":%d}`, n))}
	}
}

func main() {
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: `
		type Query { hello(password: String): String! asks: String! fails: String! panics: String! }
		type Mutation { change: String! }
		type Subscription { counts: Int! }`})
	srv := handler.New(&graphql.ExecutableSchemaMock{ExecFunc: execute, SchemaFunc: func() *ast.Schema { return schema }})
	srv.AddTransport(transport.SSE{})
	srv.AddTransport(transport.POST{})
	srv.SetRecoverFunc(func(_ context.Context, value any) error { return fmt.Errorf("recovered: %v", value) })
	seen := 0
	srv.AroundOperations(func(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
		seen++
		return next(ctx)
	})
	server := httptest.NewServer(srv)
	for _, query := range []string{`query Greets { hello(password: \"secret\") }`, "{ asks }", "{ fails }", "{ panics }", "mutation Changes { change }",
		"{ nothing }", "subscription Counts { counts }"} {
		req, err := http.NewRequest("POST", server.URL, strings.NewReader(`{"query": "`+query+`"}`))
		if err != nil {
			log.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		if strings.HasPrefix(query, "subscription") {
			req.Header.Set("Accept", "text/event-stream")
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			log.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		fmt.Println(strings.TrimSpace(string(body)), err)
	}
	server.Close()
	fmt.Println("seen", seen)
}
