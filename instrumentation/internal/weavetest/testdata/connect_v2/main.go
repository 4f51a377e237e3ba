// Command connect_v2 calls itself by connect's second version.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"

	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"
	"connectrpc.com/connect/v2/connectinprocess"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

type text = wrapperspb.StringValue

const service = "/example.Talk/"

var (
	client *connect.Client
	sayIt  = connect.Spec{StreamType: connect.StreamTypeUnary, Procedure: service + "Say"}
	talkIt = connect.Spec{StreamType: connect.StreamTypeBidi, Procedure: service + "Talk"}
)

func answer(said string) (*text, error) {
	switch said {
	case "nothing":
		return nil, connect.NewError(connect.CodeNotFound, "there is no such thing at https://user:secret@example.com/")
	case "broken":
		return nil, errors.New("broken")
	case "further":
		if err := client.CallUnary(context.Background(), sayIt, wrapperspb.String("nested"), new(text)); err != nil {
			return nil, err
		}
	case "panic":
		panic("as asked")
	}
	return wrapperspb.String("you said " + said), nil
}

func main() {
	server := connect.NewServer(func(next connect.ServerFunc) connect.ServerFunc {
		return func(ctx context.Context, spec connect.Spec, stream connect.ServerStream) (err error) {
			defer func() {
				if value := recover(); value != nil {
					err = connect.Errorf(connect.CodeInternal, "recovered: %v", value)
				}
			}()
			return next(ctx, spec, stream)
		}
	})
	method := func(spec connect.Spec) connect.Method {
		return connect.Method{Spec: spec, Handler: func(_ context.Context, _ connect.Spec, stream connect.ServerStream) error {
			for {
				var in text
				if err := stream.Receive(&in); errors.Is(err, io.EOF) {
					return nil
				} else if err != nil {
					return err
				}
				out, err := answer(in.Value)
				if err == nil {
					err = stream.Send(out)
				}
				if err != nil || spec.StreamType == connect.StreamTypeUnary {
					return err
				}
			}
		}}
	}
	server.Register(method(sayIt), method(talkIt))
	mux := http.NewServeMux()
	connecthttp.Mount(mux, server)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	serves := &http.Server{Handler: mux, Protocols: new(http.Protocols)}
	serves.Protocols.SetUnencryptedHTTP2(true)
	go serves.Serve(listener)
	transport := &http.Transport{Protocols: new(http.Protocols)}
	transport.Protocols.SetUnencryptedHTTP2(true)
	client = connect.NewClient(connecthttp.NewTransport(&http.Client{Transport: transport}, "http://"+listener.Addr().String()))
	ctx := context.Background()
	unary := func(ctx context.Context, by *connect.Client, spec connect.Spec, said string) {
		var out text
		err := by.CallUnary(ctx, spec, wrapperspb.String(said), &out)
		fmt.Println(said, out.Value, err != nil && connect.CodeOf(err) != 0, err == nil || connect.CodeOf(err) != 0)
	}
	for _, said := range []string{"hello", "nothing", "broken", "panic", "further"} {
		unary(ctx, client, sayIt, said)
	}
	unary(ctx, client, connect.Spec{Procedure: service + "Shout"}, "hello")
	given, cancel := context.WithCancel(ctx)
	cancel()
	unary(given, client, sayIt, "too late")
	unary(ctx, connect.NewClient(connectinprocess.New(server)), sayIt, "in process")

	talk, err := client.CallClientStream(ctx, talkIt)
	if err != nil {
		log.Fatal(err)
	}
	for _, said := range []string{"one", "two"} {
		var in text
		if err := errors.Join(talk.Send(wrapperspb.String(said)), talk.Receive(&in)); err != nil {
			log.Fatal(err)
		}
		fmt.Println(in.Value)
	}
	if err := talk.CloseSend(); err != nil {
		log.Fatal(err)
	}
	fmt.Println("talked", errors.Is(talk.Receive(new(text)), io.EOF))
	given, cancel = context.WithCancel(ctx)
	up, err := client.CallClientStream(given, talkIt)
	if err == nil {
		err = errors.Join(up.Send(wrapperspb.String("one")), up.Receive(new(text)))
	}
	if err != nil {
		log.Fatal(err)
	}
	cancel()
	fmt.Println("given up", connect.CodeOf(up.Receive(new(text))))
	serves.Shutdown(ctx)
}
