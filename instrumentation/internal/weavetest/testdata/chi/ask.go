package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path"
	"runtime"
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

// stack is where what answers is called from, to be the same woven as plain.
func stack() string {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	var b strings.Builder
	for more := true; more; {
		var f runtime.Frame
		f, more = frames.Next()
		fmt.Fprintf(&b, " %s %s:%d", f.Function, path.Base(f.File), f.Line)
	}
	return b.String()
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
