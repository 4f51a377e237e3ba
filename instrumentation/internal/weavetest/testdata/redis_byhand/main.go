// Command redis_byhand uses a Redis by a client that redisotel instruments.
package main

import (
	"context"
	"log"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/redis/go-redis/extra/redisotel/v9"
	"github.com/redis/go-redis/v9"
)

func main() {
	client := redis.NewClient(&redis.Options{Addr: os.Getenv("REDIS")})
	if err := redisotel.InstrumentTracing(client); err != nil {
		log.Fatal(err)
	}
	use := func(ctx context.Context) {
		client.Set(ctx, "a", "b", 0)
		client.Pipelined(ctx, func(p redis.Pipeliner) error {
			p.Get(ctx, "a")
			p.Get(ctx, "b")
			return nil
		})
	}
	use(context.Background())
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { use(r.Context()) }))
	defer server.Close()
	resp, err := http.Get(server.URL)
	if err != nil {
		log.Fatal(err)
	}
	resp.Body.Close()
}
