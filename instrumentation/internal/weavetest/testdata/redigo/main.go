// Command redigo uses a Redis in all ways that there are.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	"github.com/gomodule/redigo/redis"
)

var ctx = context.Background()

func say(what string, err error) {
	if err == nil {
		fmt.Println(what)
		return
	}
	word, _, _ := strings.Cut(err.Error(), " ")
	fmt.Println(what, "fails", errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), word)
}

func main() {
	pool := &redis.Pool{MaxIdle: 2, MaxActive: 5, DialContext: func(ctx context.Context) (redis.Conn, error) {
		return redis.DialContext(ctx, "tcp", os.Getenv("REDIS"), redis.DialDatabase(4), redis.DialClientName("woven"))
	}}
	c := pool.Get()
	defer c.Close()
	if _, err := c.Do("FLUSHDB"); err != nil {
		log.Fatal(err)
	}
	map[string]func(*redis.Pool, redis.Conn){"all": all, "pipes": pipes, "fail": fail, "http": parents, "many": many, "made-up": madeUp}[os.Args[1]](pool, c)
}

func all(pool *redis.Pool, c redis.Conn) {
	_, err := c.Do("SET", "a", "secret", "EX", 3600)
	say("set", err)
	text, err := redis.String(redis.DoContext(c, ctx, "get", "a"))
	say("get "+text[:3], err)
	nothing, err := redis.DoWithTimeout(c, time.Minute, "GET", "nothing")
	say(fmt.Sprint("get ", nothing), err)
	_, err = c.Do("HSET", redis.Args{}.Add("h").AddFlat(map[string]string{"field": "secret"})...)
	say("hset", err)
	_, err = c.Do("EVAL", "return ARGV[1]", 1, "a", "secret")
	say("script", err)
	_, err = c.Do("CONFIG", "SET", "requirepass", "")
	say("config", err)
	_, err = c.Do("SELECT", 5)
	say("select", err)
	_, err = c.Do("GET", []byte("a"))
	say("get", err)
	_, err = c.Do("SELECT", 4)
	say("select", err)

	own, err := net.Dial("tcp", os.Getenv("REDIS"))
	if err != nil {
		log.Fatal(err)
	}
	sub := redis.PubSubConn{Conn: redis.NewConn(own, time.Minute, time.Minute)}
	say("subscribe", sub.Subscribe("news"))
	fmt.Printf("%T\n", sub.Receive())
	_, err = c.Do("PUBLISH", "news", "secret")
	say("publish", err)
	fmt.Printf("%T\n", sub.Receive())
	say("unsubscribe", sub.Unsubscribe("news"))
	fmt.Printf("%T\n", sub.Receive())
	sub.Close()
}

func pipes(_ *redis.Pool, c redis.Conn) {
	say("send", c.Send("SET", "a", "secret"))
	say("send", c.Send("SET", "b", "secret"))
	say("flush", c.Flush())
	for range 2 {
		_, err := c.Receive()
		say("receive", err)
	}
	c.Send("GET", "nothing")
	replies, err := redis.Values(c.Do("INCR", "n"))
	say(fmt.Sprint(len(replies)), err)
	c.Send("MULTI")
	c.Send("INCR", "n")
	c.Send("INCR", "n")
	_, err = c.Do("EXEC")
	say("transaction", err)
	c.Send("INCR", "a")
	c.Send("GET", "a")
	_, err = c.Do("")
	say("failing", err)
	c.Send("INCR", "a")
	c.Send("INCR", "n")
	c.Flush()
	for range 2 {
		_, err = redis.ReceiveContext(c, ctx)
		say("receive", err)
	}
	c.Send("MULTI")
	c.Send("INCR", "a")
	_, err = c.Do("EXEC")
	say("failing transaction", err)
}

func fail(pool *redis.Pool, c redis.Conn) {
	_, err := c.Do("SET", "a", "secret")
	say("set", err)
	_, err = c.Do("HGET", "a", "field")
	say("wrong type", err)
	_, err = c.Do("AUTH", "nobody", "secret")
	say("auth", err)
	_, err = redis.DoContext(c, ctx, "NOSUCH", "a", "secret")
	say("unknown", err)
	_, err = redis.Dial("tcp", os.Getenv("REDIS"), redis.DialPassword("secret"))
	say("password", err)
	_, err = redis.Dial("tcp", "127.0.0.1:1")
	fmt.Println(err != nil)
	given, cancel := context.WithCancel(ctx)
	cancelled := pool.Get()
	time.AfterFunc(100*time.Millisecond, cancel)
	_, err = redis.DoContext(cancelled, given, "BLPOP", "nobody", 0)
	say("cancelled", err)
	late, cancel := context.WithDeadline(ctx, time.Now().Add(-time.Hour))
	defer cancel()
	_, err = redis.DoContext(c, late, "GET", "a")
	say("late", err)
	_, err = c.Do("GET", "a")
	say("afterwards", err)
}

func parents(pool *redis.Pool, _ redis.Conn) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := pool.GetContext(r.Context())
		if err != nil {
			log.Fatal(err)
		}
		defer c.Close()
		if r.URL.Path == "/background" {
			c.Do("GET", "a")
		} else {
			redis.DoContext(c, r.Context(), "GET", "a")
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

func many(_ *redis.Pool, c redis.Conn) {
	for i := range 1000 {
		c.Do("SET", fmt.Sprint("key", i), "secret")
		c.Send("GET", fmt.Sprint("key", i))
		c.Flush()
		c.Receive()
	}
}

func madeUp(_ *redis.Pool, c redis.Conn) {
	for i := range 1000 {
		c.Do(fmt.Sprint("NOSUCH", i))
		c.Do(fmt.Sprint("no such ", i, "\xff'"))
		c.Send(fmt.Sprint("no such ", i, "\xff'"), i)
		c.Do("")
	}
}
