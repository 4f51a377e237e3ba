// Command rueidis uses a Redis, and three that are a cluster, in all ways that there are.
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

	"github.com/redis/rueidis"
)

var ctx = context.Background()

func say(what string, err error) {
	switch {
	case err == nil:
		fmt.Println(what)
	case rueidis.IsRedisNil(err):
		fmt.Println(what, "is not there")
	default:
		word, _, _ := strings.Cut(err.Error(), " ")
		fmt.Println(what, "fails", errors.Is(err, context.Canceled), word)
	}
}

func connect(db int, addresses ...string) rueidis.Client {
	c, err := rueidis.NewClient(rueidis.ClientOption{InitAddress: addresses, SelectDB: db, DisableRetry: true})
	if err != nil {
		log.Fatal(err)
	}
	return c
}

func main() {
	c := connect(6, os.Getenv("REDIS"))
	defer c.Close()
	if err := c.Do(ctx, c.B().Flushdb().Build()).Error(); err != nil {
		log.Fatal(err)
	}
	map[string]func(rueidis.Client){"all": all, "fail": fail, "cluster": cluster, "http": parents, "many": many, "made-up": madeUp}[os.Args[1]](c)
}

func all(c rueidis.Client) {
	say("set", c.Do(ctx, c.B().Set().Key("a").Value("secret").ExSeconds(3600).Build()).Error())
	say("get", c.Do(ctx, c.B().Get().Key("a").Build()).Error())
	say("get", c.Do(ctx, c.B().Get().Key("nothing").Build()).Error())
	say("hset", c.Do(ctx, c.B().Hset().Key("h").FieldValue().FieldValue("field", "secret").Build()).Error())
	for range 2 { // the second time it is in the cache
		say("cached", c.DoCache(ctx, c.B().Get().Key("a").Cache(), time.Minute).Error())
	}
	for _, r := range c.DoMulti(ctx, c.B().Set().Key("a").Value("secret").Build(), c.B().Set().Key("b").Value("secret").Build()) {
		say("multi", r.Error())
	}
	for _, r := range c.DoMulti(ctx, c.B().Incr().Key("n").Build(), c.B().Get().Key("nothing").Build()) {
		say("multi", r.Error())
	}
	say("transaction", c.Dedicated(func(d rueidis.DedicatedClient) error {
		d.Do(ctx, d.B().Watch().Key("n").Build())
		for _, r := range d.DoMulti(ctx, d.B().Multi().Build(), d.B().Incr().Key("n").Build(), d.B().Incr().Key("n").Build(), d.B().Exec().Build()) {
			if err := r.Error(); err != nil {
				return err
			}
		}
		return nil
	}))
	say("blocking", c.Do(ctx, c.B().Blpop().Key("list").Timeout(0.01).Build()).Error())
	say("eval", c.Do(ctx, c.B().Eval().Script("return 'secret'").Numkeys(0).Build()).Error())
	say("config", c.Do(ctx, c.B().Arbitrary("CONFIG", "SET", "requirepass", "").Build()).Error())
}

func fail(c rueidis.Client) {
	say("set", c.Do(ctx, c.B().Set().Key("a").Value("secret").Build()).Error())
	say("wrong type", c.Do(ctx, c.B().Hget().Key("a").Field("field").Build()).Error())
	say("auth", c.Do(ctx, c.B().Auth().Username("nobody").Password("secret").Build()).Error())
	say("unknown", c.Do(ctx, c.B().Arbitrary("NOSUCH", "a", "secret").Build()).Error())
	say("cached", c.DoCache(ctx, c.B().Hget().Key("a").Field("field").Cache(), time.Minute).Error())
	for _, r := range c.DoMulti(ctx, c.B().Incr().Key("a").Build(), c.B().Incr().Key("n").Build()) {
		say("multi", r.Error())
	}
	say("transaction", c.Dedicated(func(d rueidis.DedicatedClient) error {
		return d.DoMulti(ctx, d.B().Multi().Build(), d.B().Incr().Key("a").Build(), d.B().Exec().Build())[2].Error()
	}))
	given, cancel := context.WithCancel(ctx)
	cancel()
	say("cancelled", c.Do(given, c.B().Ping().Build()).Error())
	_, err := rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{os.Getenv("REDIS")}, Password: "secret"})
	say("password", err)
	c.Close()
	say("closed", c.Do(ctx, c.B().Ping().Build()).Error())
}

func cluster(rueidis.Client) {
	c := connect(0, strings.Split(os.Getenv("REDIS_CLUSTER"), ",")...)
	defer c.Close()
	say("set", c.Do(ctx, c.B().Set().Key("a").Value("secret").Build()).Error())
	say("get", c.Do(ctx, c.B().Get().Key("b").Build()).Error())
	for _, r := range c.DoMulti(ctx, c.B().Set().Key("{a}1").Value("secret").Build(), c.B().Set().Key("{a}2").Value("secret").Build()) {
		say("multi", r.Error())
	}
}

func parents(c rueidis.Client) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		given := r.Context()
		if r.URL.Path == "/background" {
			given = ctx
		}
		c.Do(given, c.B().Get().Key("a").Build())
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

func many(c rueidis.Client) {
	for i := range 1000 {
		c.Do(ctx, c.B().Set().Key(fmt.Sprint("key", i)).Value("secret").Build())
	}
}

func madeUp(c rueidis.Client) {
	for i := range 1000 {
		c.Do(ctx, c.B().Arbitrary(fmt.Sprint("NOSUCH", i)).Build())
		c.Do(ctx, c.B().Arbitrary(fmt.Sprint("no such ", i, "\xff'")).Build())
	}
}
