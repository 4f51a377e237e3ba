package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
)

// serve has a server answer by a handler while f asks it.
func serve(h http.Handler, f func(ask func(method, path string))) {
	s := httptest.NewServer(h)
	defer s.Close()
	f(func(method, path string) { ask(s.Listener.Addr().String(), method, path) })
}

// ask shows what a server answers. It has no client of net/http, which would have a span.
func ask(address, method, path string) {
	conn, err := net.Dial("tcp", address)
	check(err)
	defer conn.Close()
	fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n", method, path)
	resp, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		fmt.Println(method, path, "no response")
		return
	}
	body, err := io.ReadAll(resp.Body)
	check(err)
	fmt.Println(method, path, resp.StatusCode, resp.Header.Get("Location"), resp.Header.Get("Allow"), strings.TrimSpace(string(body)))
}

// many asks for a thousand things.
func many(ask func(method, path string)) {
	for i := range 1000 {
		ask("GET", fmt.Sprintf("/users/%d", i))
	}
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
