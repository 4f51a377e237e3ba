// Command pgx_byhand uses a PostgreSQL on a connection and a pool that otelpgx instruments.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/exaring/otelpgx"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/multitracer"
	"github.com/jackc/pgx/v5/pgxpool"
)

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}

func main() {
	// Its tracer makes spans only where it finds one.
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { use(r.Context()) }))
	defer server.Close()
	must(http.Get(server.URL)).Body.Close()
}

func use(ctx context.Context) {
	config := must(pgxpool.ParseConfig(os.Getenv("DATABASE")))
	config.ConnConfig.Tracer = otelpgx.NewTracer()
	pool := must(pgxpool.NewWithConfig(ctx, config))
	defer pool.Close()
	fmt.Println(pool.Exec(ctx, "SELECT 1"))
	b := new(pgx.Batch)
	b.Queue("SELECT 2")
	b.Queue("SELECT 3")
	fmt.Println(pool.SendBatch(ctx, b).Close())

	several := must(pgx.ParseConfig(os.Getenv("DATABASE")))
	several.Tracer = multitracer.New(otelpgx.NewTracer())
	conn := must(pgx.ConnectConfig(ctx, several))
	defer conn.Close(ctx)
	fmt.Println(conn.Exec(ctx, "SELECT 4"))
}
