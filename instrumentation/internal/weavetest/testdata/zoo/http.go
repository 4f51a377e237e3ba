package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/cgi"
	"net/http/fcgi"
	"net/http/httptest"
	"net/url"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

func init() {
	for name, f := range map[string]func(){
		"routes": routes, "unread": unread, "unread-exit": unreadAtExit, "kept-contexts": func() { keptHTTP(false) }, "kept-requests": func() { keptHTTP(true) },
		"unknown-writer": unknownWriter, "recorder": recorder, "no-body": noBody, "file": file, "handler-goexit": handlerGoexit, "bad-values": badValues, "bad-contexts": badContexts,
		"preface": preface, "cgi": cgiServer, "fcgi": fcgiServer,
	} {
		programs[name] = f
	}
}

func emptyAnswer(http.ResponseWriter, *http.Request) {}

// copied has the request copied, as middleware does.
func copied(h http.Handler) http.Handler {
	type key struct{}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), key{}, 1)))
	})
}

func muxOf(patterns ...any) *http.ServeMux {
	mux := http.NewServeMux()
	for i := 0; i < len(patterns); i += 2 {
		switch h := patterns[i+1].(type) {
		case http.Handler:
			mux.Handle(patterns[i].(string), h)
		case func(http.ResponseWriter, *http.Request):
			mux.HandleFunc(patterns[i].(string), h)
		}
	}
	return mux
}

// stripped takes the first n segments of the path away, whatever they are.
func stripped(n int, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.StripPrefix(strings.Join(strings.SplitN(r.URL.Path, "/", n+2)[:n+1], "/"), h).ServeHTTP(w, r)
	})
}

// routes asks handlers of many shapes for 1,000 paths each. The first segment of a path is the shape.
func routes() {
	items := muxOf("/items/{id}", emptyAnswer)
	self := http.NewServeMux()
	self.Handle("/self/", http.StripPrefix("/self", self))
	self.HandleFunc("/leaf/{id}", emptyAnswer)
	shapes := map[string]http.Handler{
		"plain":    muxOf("GET /plain/{id}", emptyAnswer),
		"host":     muxOf("127.0.0.1/host/{id}", emptyAnswer),
		"copied":   copied(muxOf("/copied/{id}", emptyAnswer)),
		"constant": muxOf("/constant/", http.StripPrefix("/constant", items)),
		"variable": muxOf("/variable/{tenant}/", stripped(2, items)),
		"longer":   muxOf("/longer/", stripped(2, items)),
		"middle":   copied(muxOf("/middle/{tenant}/", copied(stripped(2, copied(items))))),
		"without":  stripped(2, items),
		"three":    muxOf("/three/{a}/", stripped(2, muxOf("/mid/{b}/", stripped(2, items)))),
		"rest":     muxOf("/rest/{rest...}", stripped(2, items)),
		"below":    muxOf("/below/", muxOf("/below/{id}", emptyAnswer)),
		"self":     copied(self),
		"timeout":  http.TimeoutHandler(muxOf("/timeout/{id}", emptyAnswer), time.Minute, ""),
		"escaped": muxOf("/escaped/{tenant}/", func(w http.ResponseWriter, r *http.Request) {
			r2 := r.Clone(r.Context())
			r2.URL.Path, r2.URL.RawPath = r.URL.Path[strings.Index(r.URL.Path, "/items/"):], ""
			items.ServeHTTP(w, r2)
		}),
		"in-place": muxOf("/in-place/{tenant}/", func(w http.ResponseWriter, r *http.Request) {
			r.URL.Path = "/items" + r.URL.Path[strings.LastIndexByte(r.URL.Path, '/'):]
			items.ServeHTTP(w, r)
		}),
		"made-up": copied(muxOf("/made-up/", func(w http.ResponseWriter, r *http.Request) {
			r2 := r.Clone(r.Context())
			r2.URL.Path = "/items/" + r.URL.Path[1:4]
			items.ServeHTTP(w, r2)
		})),
		"missing": muxOf("/other", emptyAnswer),
		"none":    http.HandlerFunc(emptyAnswer),
	}
	for shape, h := range shapes {
		s := httptest.NewServer(h)
		for i := range 1000 {
			path := fmt.Sprintf("/%s/%d", shape, i)
			switch shape {
			case "constant":
				path = fmt.Sprintf("/constant/items/%d", i)
			case "variable", "longer", "middle", "without", "rest":
				path += fmt.Sprintf("/items/%d", i)
			case "three":
				path += fmt.Sprintf("/mid/%d/items/%d", i, i)
			case "self":
				path = strings.Repeat("/self", 1+i%50) + fmt.Sprintf("/leaf/%d", i)
			case "escaped":
				path = fmt.Sprintf("/escaped/a%%2F%d/items/%d", i, i)
			case "in-place":
				path += fmt.Sprintf("/%d", i)
			}
			get(context.Background(), s.URL+path)
		}
		s.Close()
	}
}

// counted is a provider of the program's own, which counts the clients' spans that end.
func counted() (ended *atomic.Int32) {
	c := new(clientEnds)
	otel.SetTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(c)))
	return &c.n
}

type clientEnds struct {
	sdktrace.SpanProcessor
	n atomic.Int32
}

func (*clientEnds) OnStart(context.Context, sdktrace.ReadWriteSpan) {}
func (*clientEnds) ForceFlush(context.Context) error                { return nil }
func (c *clientEnds) OnEnd(s sdktrace.ReadOnlySpan) {
	if s.SpanKind().String() == "client" {
		c.n.Add(1)
	}
}

// big answers with more than anything buffers.
func big(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, 1<<20)) }

// unread makes requests whose responses nobody reads or closes, until all their spans have ended. Some are kept.
func unread() {
	ended := counted()
	s := httptest.NewServer(http.HandlerFunc(big))
	var kept []*http.Response
	for i := range 50 {
		resp, err := http.Get(s.URL)
		check(err)
		if i%10 == 0 {
			kept = append(kept, resp)
		}
	}
	for ended.Load() < 45 {
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
	for range 10 {
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
	fmt.Println(ended.Load(), "without those that are kept")
	for _, resp := range kept {
		resp.Body.Close()
		resp.Body.Close()
	}
	fmt.Println(ended.Load(), "with them")
}

// unreadAtExit ends with a response that nobody has read.
func unreadAtExit() {
	s := httptest.NewServer(http.HandlerFunc(big))
	resp, err := http.Get(s.URL)
	check(err)
	s.CloseClientConnections()
	s.Close()
	fmt.Println(resp.StatusCode)
	runtime.KeepAlive(resp)
}

// keptHTTP keeps the contexts of requests, or the requests, and prints how many bytes each costs: a power of two.
func keptHTTP(requests bool) {
	var contexts []context.Context
	var all []*http.Request
	var mu sync.Mutex
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if contexts = append(contexts, r.Context()); requests {
			all = append(all, r)
		}
	}))
	heap := func() uint64 {
		http.DefaultTransport.(*http.Transport).CloseIdleConnections()
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	const n = 1000
	ask := func() {
		for range n {
			req, _ := http.NewRequest("GET", s.URL, nil)
			req.Header.Set("X", strings.Repeat("x", 16<<10))
			resp, err := http.DefaultClient.Do(req)
			check(err)
			resp.Body.Close()
		}
	}
	ask() // fills queues and pools
	before := heap()
	ask()
	fmt.Println(heap()-before > n*4<<10)
	runtime.KeepAlive(contexts)
	runtime.KeepAlive(all)
}

// unknownWriter has requests of the server answered by a writer that is none of net/http.
func unknownWriter() {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "not now", 503)
	}))
	s.TLS = &tls.Config{NextProtos: []string{"own"}}
	answered := make(chan bool)
	s.Config.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){"own": func(_ *http.Server, c *tls.Conn, h http.Handler) {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", "/unknown", nil))
		fmt.Println(w.Code)
		close(answered)
	}}
	s.StartTLS()
	c, err := tls.Dial("tcp", s.Listener.Addr().String(), &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"own"}})
	check(err)
	<-answered
	c.Close()
	s.Close()
}

// recorder calls handlers without any server, as adapters do and tests.
func recorder() {
	s := httptest.NewServer(http.HandlerFunc(emptyAnswer))
	defer s.Close()
	w := httptest.NewRecorder()
	mux := muxOf("/{id}", func(w http.ResponseWriter, r *http.Request) {
		get(r.Context(), s.URL)
		w.WriteHeader(503)
	})
	copied(mux).ServeHTTP(w, httptest.NewRequest("GET", "/1", nil))
	fmt.Println(w.Code)
}

// noBody asks for responses that have no body, whatever Content-Length says, over both versions of HTTP.
func noBody() {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "4")
		if r.URL.Path == "/304" {
			w.WriteHeader(304)
			return
		}
		io.WriteString(w, "body")
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.EnableHTTP2 = true
	s.StartTLS()
	one := &http.Client{Transport: &http.Transport{TLSClientConfig: s.Client().Transport.(*http.Transport).TLSClientConfig, TLSNextProto: map[string]func(string, *tls.Conn) http.RoundTripper{}}}
	for _, c := range []*http.Client{one, s.Client()} {
		for _, ask := range [][2]string{{"HEAD", "/"}, {"GET", "/304"}, {"GET", "/"}} {
			req, _ := http.NewRequest(ask[0], s.URL+ask[1], nil)
			resp, err := c.Do(req)
			check(err)
			b, err := io.ReadAll(resp.Body)
			fmt.Println(resp.Proto, ask, resp.StatusCode, len(b), err)
			resp.Body.Close()
		}
	}
	s.Close()
}

// file asks for URLs that have no host, or are opaque.
func file() {
	t := &http.Transport{}
	t.RegisterProtocol("file", http.NewFileTransport(http.Dir("/")))
	c := &http.Client{Transport: t}
	resp, err := c.Get("file:///no/such/file")
	check(err)
	resp.Body.Close()
	fmt.Println(resp.StatusCode)
	s := httptest.NewServer(http.HandlerFunc(emptyAnswer))
	defer s.Close()
	host := s.Listener.Addr().String()
	req := &http.Request{Method: "GET", Header: http.Header{}, URL: &url.URL{Scheme: "http", Host: host, Opaque: "//bob:secret@" + host + "/x?sig=secret&a=b"}}
	resp, err = c.Do(req)
	check(err)
	resp.Body.Close()
	fmt.Println(resp.StatusCode)
}

// handlerGoexit has a handler that does not return: the connection is dropped.
func handlerGoexit() {
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { runtime.Goexit() }))
	defer s.Close()
	c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	_, err := c.Post(s.URL, "", nil)
	fmt.Println(errors.Is(err, io.EOF))
}

// Values of the program whose methods panic.
type (
	badError   struct{}
	badContext struct{ context.Context }
	badTripper struct{}
)

func (badError) Error() string                                     { panic("Error") }
func (badError) Unwrap() error                                     { panic("Unwrap") }
func (badError) Is(error) bool                                     { panic("Is") }
func (badTripper) RoundTrip(*http.Request) (*http.Response, error) { return nil, badError{} }

type badBody struct{}

func (badBody) Read([]byte) (int, error) { return 0, badError{} }
func (badBody) Close() error             { return badError{} }

type badBodies struct{}

func (badBodies) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Body: badBody{}, ContentLength: -1}, nil
}

// Value panics for whoever else asks than net/http itself does in the plain program.
func (c badContext) Value(key any) any {
	if key == http.ServerContextKey || key == http.LocalAddrContextKey || strings.Contains(fmt.Sprintf("%T", key), "httptrace") || strings.HasPrefix(fmt.Sprintf("%T", key), "*") {
		return c.Context.Value(key)
	}
	panic("Value")
}

// badValues gives net/http values whose methods panic, which the plain program never calls.
func badValues() {
	t := &http.Transport{}
	t.RegisterProtocol("bad", badTripper{})
	t.RegisterProtocol("body", badBodies{})
	for range 20 {
		req, _ := http.NewRequest("GET", "bad://host/", nil)
		_, err := t.RoundTrip(req)
		_, bad := err.(badError)
		req, _ = http.NewRequest("GET", "body://host/", nil)
		resp, err2 := t.RoundTrip(req)
		check(err2)
		_, err = resp.Body.Read(nil)
		_, bad2 := err.(badError)
		_, bad3 := resp.Body.Close().(badError)
		if !bad || !bad2 || !bad3 {
			fmt.Println(bad, bad2, bad3)
		}
	}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { panic(badError{}) }))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.Start()
	_, err := http.Get(s.URL)
	fmt.Println(err != nil)
	s.Close()
	func() {
		defer func() { fmt.Println(recover()) }()
		http.NewServeMux().ServeHTTP(httptest.NewRecorder(), nil)
	}()
}

// badContexts has contexts that panic when somebody asks them who need not: those of a server, those that handlers put in their place
// and hand to another multiplexer, those of requests and those of statements.
func badContexts() {
	inner := muxOf("/inner/{x}", emptyAnswer)
	s := httptest.NewUnstartedServer(muxOf("/a/{x}", emptyAnswer, "/b/{x}", func(w http.ResponseWriter, r *http.Request) {
		*r = *r.WithContext(badContext{r.Context()})
	}, "/inner/", func(w http.ResponseWriter, r *http.Request) {
		inner.ServeHTTP(w, r.WithContext(badContext{r.Context()}))
	}))
	s.Config.ConnContext = func(ctx context.Context, _ net.Conn) context.Context { return badContext{ctx} }
	s.Start()
	d, bad := db(), badContext{context.Background()}
	for range 5 {
		for _, path := range []string{"/a/1", "/b/1", "/inner/1"} {
			fmt.Print(len(get(context.Background(), s.URL+path)), len(get(bad, s.URL+path)))
		}
		_, err := d.ExecContext(bad, "UPDATE bad SET a = 1")
		fmt.Println(err)
	}
	s.Close()
}

// preface has a handler take over connections that speak HTTP/2.
func preface() {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, _, err := w.(http.Hijacker).Hijack()
		check(err)
		io.WriteString(c, r.Method+" "+r.Proto+"\n")
		c.Close()
	}))
	c, err := net.Dial("tcp", s.Listener.Addr().String())
	check(err)
	io.WriteString(c, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
	line, err := bufio.NewReader(c).ReadString('\n')
	fmt.Println(line, err)
	c.Close()
}

// answers is a handler of the servers that are no HTTP servers.
var answers = muxOf("/answers/{status}", func(w http.ResponseWriter, r *http.Request) {
	if r.PathValue("status") == "503" {
		w.WriteHeader(503)
	}
	io.WriteString(w, "answer")
})

func cgiServer() {
	for k, v := range map[string]string{"REQUEST_METHOD": "GET", "SERVER_PROTOCOL": "HTTP/1.1", "REQUEST_URI": "/answers/503", "HTTP_HOST": "cgi.example"} {
		os.Setenv(k, v)
	}
	check(cgi.Serve(answers))
	os.Setenv("REQUEST_URI", "/answers/200")
	check(cgi.Serve(answers))
	fmt.Println()
}

func fcgiServer() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	go fcgi.Serve(l, answers)
	for _, status := range []string{"503", "200"} {
		c, err := net.Dial("tcp", l.Addr().String())
		check(err)
		record := func(kind byte, content string) {
			c.Write([]byte{1, kind, 0, 1, byte(len(content) >> 8), byte(len(content)), 0, 0})
			io.WriteString(c, content)
		}
		record(1, "\x00\x01\x00\x00\x00\x00\x00\x00")
		var params strings.Builder
		for k, v := range map[string]string{"REQUEST_METHOD": "GET", "SERVER_PROTOCOL": "HTTP/1.1", "REQUEST_URI": "/answers/" + status, "HTTP_HOST": "fcgi.example"} {
			params.Write([]byte{byte(len(k)), byte(len(v))})
			params.WriteString(k + v)
		}
		record(4, params.String())
		record(4, "")
		record(5, "")
		b, err := io.ReadAll(c)
		fmt.Println(strings.Contains(string(b), "Status: "+status), strings.Contains(string(b), "answer"), err)
		c.Close()
	}
	// The last request has been answered, and goes on.
	for stacks := make([]byte, 1<<20); strings.Contains(string(stacks[:runtime.Stack(stacks, true)]), "serveRequest"); {
		time.Sleep(time.Millisecond)
	}
}
