// Command graphql_byhand executes operations by two libraries, which it has instrumented by otelgqlgen and by graph-gophers' own tracer.
package main

import (
	"context"
	"log"
	"net/http/httptest"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	gophers "github.com/graph-gophers/graphql-go"
	"github.com/graph-gophers/graphql-go/trace/otel"
	"github.com/ravilushqa/otelgqlgen"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

type resolver struct{}

func (resolver) Hello() string { return "world" }

func main() {
	const text = "type Query { hello: String! }"
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: text})
	srv := handler.New(&graphql.ExecutableSchemaMock{
		ExecFunc: func(context.Context) graphql.ResponseHandler {
			return graphql.OneShot(&graphql.Response{Data: []byte(`{"hello":"world"}`)})
		},
		SchemaFunc: func() *ast.Schema { return schema },
	})
	srv.AddTransport(transport.POST{})
	srv.Use(otelgqlgen.Middleware())
	req := httptest.NewRequest("POST", "/", strings.NewReader(`{"query": "query Greets { hello }"}`))
	req.Header.Set("Content-Type", "application/json")
	rec := httptest.NewRecorder()
	srv.ServeHTTP(rec, req)
	if rec.Code != 200 {
		log.Fatal(rec.Body)
	}
	r := gophers.MustParseSchema("schema { query: Query } "+text, &resolver{}, gophers.Tracer(otel.DefaultTracer())).Exec(context.Background(), "{ hello }", "", nil)
	if len(r.Errors) > 0 {
		log.Fatal(r.Errors)
	}
}
