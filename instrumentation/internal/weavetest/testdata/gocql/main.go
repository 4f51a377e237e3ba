// Command gocql uses a Cassandra in all ways that there are.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/apache/cassandra-gocql-driver/v2"
)

var ctx = context.Background()

func say(what string, err error) {
	var request gocql.RequestError
	switch {
	case err == nil:
		fmt.Println(what)
	case errors.As(err, &request):
		fmt.Println(what, "fails", request.Code())
	default:
		fmt.Println(what, "fails", errors.Is(err, context.DeadlineExceeded), errors.Is(err, gocql.ErrNotFound))
	}
}

func main() {
	host, port, _ := strings.Cut(os.Getenv("CASSANDRA"), ":")
	cluster := gocql.NewCluster(host)
	cluster.Port, _ = strconv.Atoi(port)
	cluster.ProtoVersion = 4
	cluster.Keyspace = "shop"
	cluster.NumConns = 1
	cluster.Timeout, cluster.ConnectTimeout = time.Minute, time.Minute
	session, err := cluster.CreateSession()
	if err != nil {
		log.Fatal(err)
	}
	defer session.Close()
	map[string]func(*gocql.Session){"all": all, "fail": fail, "http": parents, "many": many}[os.Args[1]](session)
}

func all(s *gocql.Session) {
	say("insert", query(s, ctx, "INSERT INTO orders (id, name) VALUES (?, ?)", "1", "secret").Exec())
	say("literal", query(s, ctx, "INSERT INTO orders (id, name) VALUES (1, 'secret')").Exec())
	var name string
	say("select", query(s, ctx, "SELECT name FROM orders WHERE id = ?", "1").Scan(&name))
	iter, n := query(s, ctx, "SELECT name FROM pages").Iter(), 0
	for iter.Scan(&name) {
		n++
	}
	say(fmt.Sprint("pages ", n), iter.Close())
	say("batch", batch(s, ctx, "INSERT INTO orders (id, name) VALUES (?, ?)", "INSERT INTO orders (id, name) VALUES (?, ?)"))
	say("mixed", batch(s, ctx, "INSERT INTO orders (id, name) VALUES (?, ?)", "UPDATE users SET name = ? WHERE id = ?"))
}

func fail(s *gocql.Session) {
	say("unknown", query(s, ctx, "SELECT name FROM nosuch WHERE id = 'secret'").Exec())
	say("batch", batch(s, ctx, "INSERT INTO nosuch (id, name) VALUES (?, ?)", "INSERT INTO nosuch (id, name) VALUES (?, ?)"))
	given, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	say("slow", query(s, given, "SELECT name FROM slow").Exec())
}

func parents(s *gocql.Session) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		given := r.Context()
		if r.URL.Path == "/background" {
			given = ctx
		}
		say("insert", query(s, given, "INSERT INTO orders (id, name) VALUES (?, ?)", "1", "secret").Exec())
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

func many(s *gocql.Session) {
	for i := range 1000 {
		if err := query(s, ctx, fmt.Sprintf("INSERT INTO orders (id, name) VALUES (%d, 'secret %d')", i, i)).Exec(); err != nil {
			log.Fatal(err)
		}
	}
}
