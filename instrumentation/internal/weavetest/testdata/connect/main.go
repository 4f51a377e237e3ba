// Command connect calls itself by connect, in all ways that there are.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

type text = wrapperspb.StringValue

const service = "/example.Talk/"

var (
	say   *connect.Client[text, text]
	over  = make(chan struct{}, 1) // a call that was given up has returned
	tries atomic.Int32
)

// answer is what every method makes of a message.
func answer(ctx context.Context, said string) (*text, error) {
	switch said {
	case "nothing":
		return nil, connect.NewError(connect.CodeNotFound, errors.New("there is no such thing at https://user:secret@example.com/"))
	case "broken":
		return nil, errors.New("broken")
	case "made up":
		return nil, connect.NewError(connect.Code(77), errors.New("no such code"))
	case "slow":
		<-ctx.Done()
		<-over
		return nil, connect.NewError(connect.CodeAborted, errors.New("too late"))
	case "further":
		// No context is passed on.
		if _, err := say.CallUnary(context.Background(), connect.NewRequest(wrapperspb.String("nested"))); err != nil {
			return nil, err
		}
	case "panic":
		panic("as asked")
	}
	return wrapperspb.String("you said " + said), nil
}

// repeats is an interceptor of the program's own, which tries a call again.
type repeats struct{}

func (repeats) WrapUnary(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
		res, err := next(ctx, req)
		if connect.CodeOf(err) == connect.CodeAborted && tries.Add(1) == 1 {
			return next(ctx, req)
		}
		return res, err
	}
}

func (repeats) WrapStreamingClient(next connect.StreamingClientFunc) connect.StreamingClientFunc {
	return next
}

func (repeats) WrapStreamingHandler(next connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
	return next
}

func serve() (address string, stop func()) {
	mux := http.NewServeMux()
	recovers := connect.WithRecover(func(_ context.Context, _ connect.Spec, _ http.Header, value any) error {
		return connect.NewError(connect.CodeInternal, fmt.Errorf("recovered: %v", value))
	})
	mux.Handle(service+"Say", connect.NewUnaryHandler(service+"Say", func(ctx context.Context, req *connect.Request[text]) (*connect.Response[text], error) {
		if req.Msg.Value == "again" && tries.Load() == 0 {
			return nil, connect.NewError(connect.CodeAborted, errors.New("once more"))
		}
		out, err := answer(ctx, req.Msg.Value)
		if err != nil {
			return nil, err
		}
		return connect.NewResponse(out), nil
	}, recovers, connect.WithIdempotency(connect.IdempotencyNoSideEffects)))
	mux.Handle(service+"Crash", connect.NewUnaryHandler(service+"Crash", func(context.Context, *connect.Request[text]) (*connect.Response[text], error) {
		panic(http.ErrAbortHandler)
	}))
	mux.Handle(service+"Listen", connect.NewServerStreamHandler(service+"Listen", func(ctx context.Context, req *connect.Request[text], s *connect.ServerStream[text]) error {
		for range 3 {
			out, err := answer(ctx, req.Msg.Value)
			if err == nil {
				err = s.Send(out)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}))
	mux.Handle(service+"Tell", connect.NewClientStreamHandler(service+"Tell", func(ctx context.Context, s *connect.ClientStream[text]) (*connect.Response[text], error) {
		n := 0
		for s.Receive() {
			n++
		}
		if s.Err() != nil {
			return nil, s.Err()
		}
		out, err := answer(ctx, fmt.Sprint(n))
		return connect.NewResponse(out), err
	}))
	mux.Handle(service+"Talk", connect.NewBidiStreamHandler(service+"Talk", func(ctx context.Context, s *connect.BidiStream[text, text]) error {
		for {
			in, err := s.Receive()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			out, err := answer(ctx, in.Value)
			if err == nil {
				err = s.Send(out)
			}
			if err != nil {
				return err
			}
		}
	}))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{Handler: mux, Protocols: new(http.Protocols), ErrorLog: log.New(io.Discard, "", 0)}
	server.Protocols.SetHTTP1(true)
	server.Protocols.SetUnencryptedHTTP2(true)
	go server.Serve(listener)
	return "http://" + listener.Addr().String(), func() { server.Shutdown(context.Background()) }
}

func main() {
	url, stop := serve()
	transport := &http.Transport{Protocols: new(http.Protocols)}
	transport.Protocols.SetUnencryptedHTTP2(true)
	web := &http.Client{Transport: transport}
	ctx := context.Background()
	client := func(method string, options ...connect.ClientOption) *connect.Client[text, text] {
		return connect.NewClient[text, text](web, url+service+method, options...)
	}
	say = client("Say", connect.WithInterceptors(repeats{}))
	unary := func(ctx context.Context, by *connect.Client[text, text], said string) {
		res, err := by.CallUnary(ctx, connect.NewRequest(wrapperspb.String(said)))
		if err != nil {
			fmt.Println(said, connect.CodeOf(err))
			return
		}
		fmt.Println(said, res.Msg.Value)
	}
	unary(ctx, say, "hello")
	unary(ctx, client("Say", connect.WithGRPC()), "by gRPC")
	unary(ctx, client("Say", connect.WithGRPCWeb()), "by gRPC-Web")
	unary(ctx, client("Say", connect.WithIdempotency(connect.IdempotencyNoSideEffects), connect.WithHTTPGet()), "by GET")
	unary(ctx, say, "nothing")
	unary(ctx, say, "broken")
	unary(ctx, say, "made up")
	unary(ctx, say, "panic")
	unary(ctx, client("Crash"), "crash")
	unary(ctx, client("Shout"), "hello")
	unary(ctx, say, "again")
	unary(ctx, say, "further")
	late, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	unary(late, say, "slow")
	over <- struct{}{}
	cancel()
	given, cancel := context.WithCancel(ctx)
	time.AfterFunc(50*time.Millisecond, cancel)
	unary(given, say, "slow")
	over <- struct{}{}

	for _, said := range []string{"again", "nothing"} {
		heard, err := client("Listen").CallServerStream(ctx, connect.NewRequest(wrapperspb.String(said)))
		if err != nil {
			log.Fatal(err)
		}
		n := 0
		for heard.Receive() {
			n++
		}
		fmt.Println("heard", n, heard.Err() != nil)
		heard.Close()
	}
	tell := client("Tell").CallClientStream(ctx)
	for range 2 {
		if err := tell.Send(wrapperspb.String("one")); err != nil {
			log.Fatal(err)
		}
	}
	told, err := tell.CloseAndReceive()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("told", told.Msg.Value)
	talk := client("Talk").CallBidiStream(ctx)
	for _, said := range []string{"one", "two"} {
		if err := talk.Send(wrapperspb.String(said)); err != nil {
			log.Fatal(err)
		}
		in, err := talk.Receive()
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(in.Value)
	}
	talk.CloseRequest()
	_, err = talk.Receive()
	fmt.Println("talked", errors.Is(err, io.EOF))
	talk.CloseResponse()
	// A stream that is given up.
	given, cancel = context.WithCancel(ctx)
	up := client("Talk").CallBidiStream(given)
	if err := up.Send(wrapperspb.String("one")); err != nil {
		log.Fatal(err)
	}
	if _, err := up.Receive(); err != nil {
		log.Fatal(err)
	}
	cancel()
	_, err = up.Receive()
	fmt.Println("given up", connect.CodeOf(err))
	stop()
	unary(ctx, client("Say"), "too late")
}
