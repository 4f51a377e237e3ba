// Command gomemcache uses two memcached in all ways that there are.
package main

import (
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	"github.com/bradfitz/gomemcache/memcache"
)

func say(what string, err error) {
	switch {
	case err == nil:
		fmt.Println(what)
	case strings.HasPrefix(err.Error(), "memcache:"), strings.HasPrefix(err.Error(), "malformed"):
		fmt.Println(what, err)
	default:
		fmt.Println(what, "fails")
	}
}

func main() {
	servers := strings.Split(os.Getenv("MEMCACHED"), ",")
	client := memcache.New(servers[0])
	client.Timeout = time.Minute
	if err := client.FlushAll(); err != nil {
		log.Fatal(err)
	}
	map[string]func(*memcache.Client, []string){"all": all, "fail": fail, "http": parents, "many": many}[os.Args[1]](client, servers)
}

func all(client *memcache.Client, servers []string) {
	say("ping", client.Ping())
	say("set", client.Set(&memcache.Item{Key: "a", Value: []byte("secret")}))
	item, err := client.Get("a")
	say("get", err)
	item.Value = []byte("secret again")
	say("cas", client.CompareAndSwap(item))
	say("replace", client.Replace(item))
	say("add", client.Add(&memcache.Item{Key: "n", Value: []byte("1")}))
	n, err := client.Increment("n", 2)
	say(fmt.Sprint(n), err)
	n, err = client.Decrement("n", 1)
	say(fmt.Sprint(n), err)
	say("touch", client.Touch("a", 100))
	_, err = client.Get("nothing")
	say("get", err)
	say("delete", client.Delete("a"))
	say("delete", client.Delete("nothing"))
	say("delete all", client.DeleteAll())
	both := memcache.New(servers...)
	both.Timeout = time.Minute
	var keys []string
	for i := range 20 {
		keys = append(keys, fmt.Sprint("key", i))
	}
	items, err := both.GetMulti(keys)
	say(fmt.Sprint(len(items)), err)
}

func fail(client *memcache.Client, _ []string) {
	say("set", client.Set(&memcache.Item{Key: "a", Value: []byte("secret")}))
	say("add", client.Add(&memcache.Item{Key: "a", Value: []byte("secret")}))
	item, err := client.Get("a")
	say("get", err)
	say("set", client.Set(&memcache.Item{Key: "a", Value: []byte("secret again")}))
	say("cas", client.CompareAndSwap(item))
	_, err = client.Increment("a", 1)
	fmt.Println(err)
	say("key", client.Set(&memcache.Item{Key: "no key", Value: []byte("secret")}))
	say("large", client.Set(&memcache.Item{Key: "a", Value: make([]byte, 2<<20)}))
	_, err = memcache.New("127.0.0.1:1").Get("a")
	say("nobody", err)
	var timeout *net.OpError
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	defer silent.Close()
	waiting := memcache.New(silent.Addr().String())
	waiting.Timeout = 50 * time.Millisecond
	_, err = waiting.Get("a")
	fmt.Println(errors.As(err, &timeout) && timeout.Timeout())
}

func parents(client *memcache.Client, _ []string) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { client.Get("a") }))
	defer server.Close()
	resp, err := http.Get(server.URL)
	if err != nil {
		log.Fatal(err)
	}
	resp.Body.Close()
}

func many(client *memcache.Client, _ []string) {
	for i := range 1000 {
		client.Set(&memcache.Item{Key: fmt.Sprint("key", i), Value: []byte("secret")})
		client.Get(fmt.Sprint("key", i))
	}
}
