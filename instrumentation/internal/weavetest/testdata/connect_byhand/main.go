// Command connect_byhand calls itself by both versions of connect, which it has instrumented by otelconnect.
package main

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"strings"

	"connectrpc.com/connect"
	connectv2 "connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"
	"connectrpc.com/otelconnect"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

type text = wrapperspb.StringValue

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	byHand, err := otelconnect.NewInterceptor(otelconnect.WithTrustRemote(), otelconnect.WithFilter(func(_ context.Context, spec connect.Spec) bool {
		return !strings.HasSuffix(spec.Procedure, "/Filtered")
	}))
	check(err)
	mux := http.NewServeMux()
	for _, method := range []string{"/example.Talk/Say", "/example.Talk/Filtered"} {
		mux.Handle(method, connect.NewUnaryHandler(method, func(_ context.Context, req *connect.Request[text]) (*connect.Response[text], error) {
			return connect.NewResponse(req.Msg), nil
		}, connect.WithInterceptors(byHand)))
	}
	mux.Handle("/example.Talk/Talk", connect.NewBidiStreamHandler("/example.Talk/Talk", func(_ context.Context, s *connect.BidiStream[text, text]) error {
		in, err := s.Receive()
		if err != nil {
			return err
		}
		return s.Send(in)
	}, connect.WithInterceptors(byHand)))

	serverByHand, err := otelconnect.NewServerInterceptor(otelconnect.WithTrustRemote())
	check(err)
	clientByHand, err := otelconnect.NewClientInterceptor()
	check(err)
	spec := connectv2.Spec{StreamType: connectv2.StreamTypeUnary, Procedure: "/example.Second/Say"}
	server := connectv2.NewServer(serverByHand)
	server.Register(connectv2.Method{Spec: spec, Handler: func(_ context.Context, _ connectv2.Spec, stream connectv2.ServerStream) error {
		var in text
		if err := stream.Receive(&in); err != nil {
			return err
		}
		return stream.Send(&in)
	}})
	connecthttp.Mount(mux, server)

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	serves := &http.Server{Handler: mux, Protocols: new(http.Protocols)}
	serves.Protocols.SetUnencryptedHTTP2(true)
	go serves.Serve(listener)
	transport := &http.Transport{Protocols: new(http.Protocols)}
	transport.Protocols.SetUnencryptedHTTP2(true)
	web, url := &http.Client{Transport: transport}, "http://"+listener.Addr().String()

	ctx, said := context.Background(), wrapperspb.String("hello")
	for _, method := range []string{"/example.Talk/Say", "/example.Talk/Filtered"} {
		_, err = connect.NewClient[text, text](web, url+method, connect.WithInterceptors(byHand)).CallUnary(ctx, connect.NewRequest(said))
		check(err)
	}
	talk := connect.NewClient[text, text](web, url+"/example.Talk/Talk", connect.WithInterceptors(byHand)).CallBidiStream(ctx)
	check(talk.Send(said))
	_, err = talk.Receive()
	check(err)
	check(talk.CloseRequest())
	if _, err = talk.Receive(); !errors.Is(err, io.EOF) {
		log.Fatal(err)
	}
	check(talk.CloseResponse())
	check(connectv2.NewClient(connecthttp.NewTransport(web, url), clientByHand).CallUnary(ctx, spec, said, new(text)))
	check(serves.Shutdown(ctx))
}
