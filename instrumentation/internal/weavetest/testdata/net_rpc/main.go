// Command net_rpc calls itself by package net/rpc.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/rpc"
	"net/rpc/jsonrpc"
	"os"
)

// Arith has methods that are called.
type Arith struct{ client *rpc.Client }

// Double doubles a number.
func (a *Arith) Double(n int, out *int) error {
	switch n {
	case 0:
		return errors.New("nothing to double at https://user:secret@example.com/")
	case 1:
		// What a method calls is below it.
		return a.client.Call("Arith.Double", 2, out)
	case 13:
		panic("as asked")
	}
	*out = 2 * n
	return nil
}

func listen() net.Listener {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	return l
}

func dial(to func(network, address string) (*rpc.Client, error), l net.Listener) *rpc.Client {
	c, err := to("tcp", l.Addr().String())
	if err != nil {
		log.Fatal(err)
	}
	return c
}

func main() {
	arith := new(Arith)
	server := rpc.NewServer()
	server.Register(arith)
	gob, json, web := listen(), listen(), httptest.NewServer(server)
	go server.Accept(gob)
	go func() {
		for {
			conn, err := json.Accept()
			if err != nil {
				return
			}
			go server.ServeCodec(jsonrpc.NewServerCodec(conn))
		}
	}()
	client := dial(rpc.Dial, gob)
	arith.client = client
	call := func(c *rpc.Client, method string, n int) {
		var out int
		err := c.Call(method, n, &out)
		fmt.Println(method, out, err)
	}
	if len(os.Args) > 1 && os.Args[1] == "panic" {
		call(client, "Arith.Double", 13)
		return
	}
	call(client, "Arith.Double", 21)
	call(client, "Arith.Double", 0)
	call(client, "Arith.Double", 1)
	call(client, "Arith.Halve", 2)
	call(client, "Nobody.Knows", 2)
	call(dial(jsonrpc.Dial, json), "Arith.Double", 4)
	call(dial(func(network, _ string) (*rpc.Client, error) {
		return rpc.DialHTTPPath(network, web.Listener.Addr().String(), "/")
	}, gob), "Arith.Double", 5)
	// Many at a time.
	done := make(chan *rpc.Call, 3)
	for n := range 3 {
		client.Go("Arith.Double", n+2, new(int), done)
	}
	sum := 0
	for range 3 {
		sum += *(<-done).Reply.(*int)
	}
	fmt.Println("sum", sum)
	// In a request's handler, which has no context for it.
	handler := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { call(client, "Arith.Double", 6) }))
	resp, err := handler.Client().Get(handler.URL)
	if err != nil {
		log.Fatal(err)
	}
	resp.Body.Close()
	handler.Config.Shutdown(context.Background())
	client.Close()
	call(client, "Arith.Double", 7)
}
