// Command fasthttp answers requests by fasthttp, and sends some by it, in all ways that there are.
package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/valyala/fasthttp"
	"github.com/valyala/fasthttp/fasthttpadaptor"
	"go.opentelemetry.io/otel"
)

var address string

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /adapted/{id}", func(w http.ResponseWriter, r *http.Request) {
		work(r.Context())
		fmt.Fprint(w, stack())
	})
	adapted := fasthttpadaptor.NewFastHTTPHandler(mux)
	waiting := make(chan bool)
	slow := fasthttp.TimeoutHandler(func(ctx *fasthttp.RequestCtx) {
		<-waiting
		work(ctx)
		waiting <- true
	}, time.Millisecond, "too late")
	handler := func(ctx *fasthttp.RequestCtx) {
		switch path := string(ctx.Path()); path {
		case "/", "/users/7":
			fmt.Fprint(ctx, path, ctx.Value("nothing"), stack())
		case "/work":
			ctx.SetUserValue("key", "value")
			work(ctx)
			fmt.Fprint(ctx, ctx.Value("key"))
		case "/goroutine":
			done := make(chan bool)
			go func() {
				work(context.Background())
				close(done)
			}()
			<-done
		case "/further":
			status, body, err := fasthttp.Get(nil, "http://"+address+"/users/7?token=secret")
			fmt.Fprint(ctx, status, string(body), err)
		case "/uri":
			ctx.Write(ctx.RequestURI())
		case "/broken":
			ctx.Error("broken", fasthttp.StatusInternalServerError)
		case "/stream":
			ctx.SetBodyStreamWriter(func(w *bufio.Writer) { fmt.Fprint(w, "0;1;2;") })
		case "/slow":
			slow(ctx)
		case "/adapted/1":
			adapted(ctx)
		default:
			ctx.Error("nothing", fasthttp.StatusNotFound)
		}
	}
	server := &fasthttp.Server{Handler: handler, Name: "test"}
	if os.Args[1] == "many" {
		listen(server.Serve, many)
		return
	}
	listen(func(l net.Listener) error {
		return server.Serve(l)
	}, func(ask func(method, path string)) {
		ask("GET", "/")
		ask("GET", "/%75sers/7?api_key=secret&q=1")
		ask("HEAD", "/users/7")
		ask("GET", "/nothing")
		ask("MADE-UP", "/nothing")
		ask("GET", "/broken")
		ask("GET", "/work")
		ask("GET", "/goroutine")
		ask("GET", "/stream")
		ask("GET", "/slow")
		waiting <- true
		<-waiting
		ask("GET", "/adapted/1")
	})
	clients(server)
}

// clients has clients send requests.
func clients(server *fasthttp.Server) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	address = l.Addr().String()
	go server.Serve(l)
	get := func(path string) {
		req, resp := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
		req.SetRequestURI("http://user:secret@" + address + path)
		req.Header.Set("Tracestate", "mine=1")
		check(fasthttp.Do(req, resp))
		fmt.Println(path, resp.StatusCode(), string(resp.Body()), string(req.Header.Peek("Traceparent")), string(req.Header.Peek("Tracestate")))
	}
	get("/users/7")
	get("/nothing")
	get("/further")
	pipeline := &fasthttp.PipelineClient{Addr: address}
	for _, send := range []func(*fasthttp.Request, *fasthttp.Response) error{pipeline.Do, func(req *fasthttp.Request, resp *fasthttp.Response) error {
		return pipeline.DoTimeout(req, resp, time.Minute)
	}} {
		req, resp := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
		req.Header.SetHost(address)
		req.Header.SetRequestURI("/a/../%75ri") // which is sent as it is
		check(send(req, resp))
		fmt.Println(resp.StatusCode(), string(resp.Body()), string(req.Header.Peek("Traceparent")))
	}
	// Nobody waits for the answer.
	if req := fasthttp.AcquireRequest(); true {
		req.SetRequestURI("http://" + address + "/nothing")
		check(pipeline.Do(req, nil))
	}
	req, resp := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	req.SetRequestURI("http://127.0.0.1:1/")
	fmt.Println(fasthttp.DoTimeout(req, resp, time.Minute) != nil)
}

// work is what handlers do, in a span of their own.
func work(ctx context.Context) {
	_, span := otel.Tracer("by hand").Start(ctx, "work")
	span.End()
}
