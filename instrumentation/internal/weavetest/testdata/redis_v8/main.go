// Command redis_v8 uses a Redis, and three that are a cluster, in all ways that there are.
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
	"time"

	"github.com/go-redis/redis/v8"
)

var ctx = context.Background()

func say(what string, err error) {
	switch {
	case err == nil:
		fmt.Println(what)
	case errors.Is(err, redis.Nil):
		fmt.Println(what, "is not there")
	default:
		word, _, _ := strings.Cut(err.Error(), " ")
		fmt.Println(what, "fails", errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), word)
	}
}

func main() {
	client := redis.NewClient(&redis.Options{Addr: os.Getenv("REDIS"), DB: 3, MaxRetries: -1})
	if err := client.FlushDB(ctx).Err(); err != nil {
		log.Fatal(err)
	}
	map[string]func(*redis.Client){"all": all, "pipes": pipes, "fail": fail, "cluster": cluster, "http": parents, "many": many, "made-up": madeUp}[os.Args[1]](client)
}

func all(client *redis.Client) {
	say("set", client.Set(ctx, "a", "secret", time.Hour).Err())
	say("get", client.Get(ctx, "a").Err())
	say("get", client.Get(ctx, "nothing").Err())
	say("hset", client.HSet(ctx, "h", "field", "secret").Err())
	say("mset", client.MSet(ctx, "a", "secret", "b", "secret").Err())
	say("eval", client.Eval(ctx, "return 'secret'", []string{"a"}, "secret").Err())
	say("config", client.ConfigSet(ctx, "requirepass", "").Err())
	say("do", client.Do(ctx, "OBJECT", "ENCODING", []byte("a")).Err())
	say("info", client.ClusterInfo(ctx).Err())
	messages := client.Subscribe(ctx, "news", "sports")
	if _, err := messages.Receive(ctx); err != nil {
		log.Fatal(err)
	}
	say("publish", client.Publish(ctx, "news", "secret").Err())
	say("unsubscribe", messages.Unsubscribe(ctx, "sports"))
	messages.Close()
}

func pipes(client *redis.Client) {
	_, err := client.Pipelined(ctx, func(p redis.Pipeliner) error {
		p.Set(ctx, "a", "secret", 0)
		p.Set(ctx, "b", "secret", 0)
		return nil
	})
	say("alike", err)
	_, err = client.Pipelined(ctx, func(p redis.Pipeliner) error {
		p.Get(ctx, "nothing")
		p.Incr(ctx, "n")
		return nil
	})
	say("different", err)
	_, err = client.Pipelined(ctx, func(p redis.Pipeliner) error {
		p.Get(ctx, "a")
		return nil
	})
	say("one", err)
	_, err = client.Pipelined(ctx, func(p redis.Pipeliner) error {
		p.Get(ctx, "nothing")
		p.Incr(ctx, "a")
		return nil
	})
	say("failing", err)
	_, err = client.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.Incr(ctx, "n")
		p.Incr(ctx, "n")
		return nil
	})
	say("transaction", err)
	say("watch", client.Watch(ctx, func(tx *redis.Tx) error {
		return tx.Get(ctx, "n").Err()
	}, "n"))
}

// quiet is a logger of what the library says itself, which differs from run to run.
type quiet struct{}

func (quiet) Printf(context.Context, string, ...interface{}) {}

func fail(client *redis.Client) {
	redis.SetLogger(quiet{})
	say("set", client.Set(ctx, "a", "secret", 0).Err())
	say("wrong type", client.HGet(ctx, "a", "field").Err())
	say("auth", client.Do(ctx, "AUTH", "nobody", "secret").Err())
	say("unknown", client.Do(ctx, "NOSUCH", "a", "secret").Err())
	given, cancel := context.WithCancel(ctx)
	cancel()
	say("cancelled", client.Ping(given).Err())
	nobody := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1", MaxRetries: -1})
	if nobody.Ping(ctx).Err() == nil {
		fmt.Println("somebody is there")
	}
	client.Close()
	say("closed", client.Ping(ctx).Err())
}

func cluster(*redis.Client) {
	client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: strings.Split(os.Getenv("REDIS_CLUSTER"), ",")})
	say("set", client.Set(ctx, "a", "secret", 0).Err())
	say("get", client.Get(ctx, "b").Err())
	_, err := client.Pipelined(ctx, func(p redis.Pipeliner) error {
		p.Set(ctx, "{a}1", "secret", 0)
		p.Set(ctx, "{a}2", "secret", 0)
		return nil
	})
	say("pipeline", err)
	_, err = client.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.Set(ctx, "{a}1", "secret", 0)
		p.Set(ctx, "{a}2", "secret", 0)
		return nil
	})
	say("transaction", err)
}

func parents(client *redis.Client) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/background" {
			client.Get(context.Background(), "a")
		} else {
			client.Get(r.Context(), "a")
		}
	}))
	defer server.Close()
	for _, path := range []string{"/", "/background"} {
		resp, err := http.Get(server.URL + path)
		if err != nil {
			log.Fatal(err)
		}
		resp.Body.Close()
	}
}

func many(client *redis.Client) {
	for i := range 1000 {
		client.Set(ctx, fmt.Sprint("key", i), "secret", 0)
	}
}

func madeUp(client *redis.Client) {
	for i := range 1000 {
		client.Do(ctx, fmt.Sprint("NOSUCH", i))
		client.Do(ctx, fmt.Sprint("no such ", i, "\xff'"))
	}
}
