// Command grpc calls itself by gRPC in all ways that there are.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/reflection"
	"google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

const service = "/example.Talk/"

var (
	conn  *grpc.ClientConn
	tries atomic.Int32
	over  = make(chan struct{}, 1) // a call that was given up has returned
)

// text is a message.
func text(s string) *wrapperspb.StringValue { return wrapperspb.String(s) }

// answer is what every method makes of a message.
func answer(ctx context.Context, said string) (*wrapperspb.StringValue, error) {
	switch said {
	case "nothing":
		return nil, status.Error(codes.NotFound, "there is no such thing at https://user:secret@example.com/")
	case "broken":
		return nil, errors.New("broken")
	case "slow":
		<-ctx.Done()
		<-over
		return nil, status.Error(codes.Aborted, "too late")
	case "flaky":
		if tries.Add(1) < 3 {
			return nil, status.Error(codes.Unavailable, "not yet")
		}
	case "further":
		var reply wrapperspb.StringValue
		if err := conn.Invoke(context.Background(), service+"Say", text("nested"), &reply); err != nil {
			return nil, err
		}
	case "forward":
		// As proxies do, with what the caller's span wrote into it.
		md, _ := metadata.FromIncomingContext(ctx)
		var reply wrapperspb.StringValue
		if err := conn.Invoke(metadata.NewOutgoingContext(ctx, md), service+"Say", text("forwarded"), &reply); err != nil {
			return nil, err
		}
	case "panic":
		panic("as asked")
	}
	return text("you said " + said), nil
}

var desc = grpc.ServiceDesc{
	ServiceName: "example.Talk", HandlerType: (*any)(nil),
	Methods: []grpc.MethodDesc{{MethodName: "Say", Handler: func(srv any, ctx context.Context, decode func(any) error, interceptor grpc.UnaryServerInterceptor) (any, error) {
		var in wrapperspb.StringValue
		if err := decode(&in); err != nil {
			return nil, err
		}
		return interceptor(ctx, &in, &grpc.UnaryServerInfo{Server: srv, FullMethod: service + "Say"}, func(ctx context.Context, _ any) (any, error) {
			return answer(ctx, in.Value)
		})
	}}},
	Streams: []grpc.StreamDesc{
		{StreamName: "Listen", ServerStreams: true, Handler: func(_ any, s grpc.ServerStream) error {
			var in wrapperspb.StringValue
			if err := s.RecvMsg(&in); err != nil {
				return err
			}
			for range 3 {
				out, err := answer(s.Context(), in.Value)
				if err != nil {
					return err
				}
				if err := s.SendMsg(out); err != nil {
					return err
				}
			}
			return nil
		}},
		{StreamName: "Tell", ClientStreams: true, Handler: func(_ any, s grpc.ServerStream) error {
			for n := 0; ; n++ {
				var in wrapperspb.StringValue
				if err := s.RecvMsg(&in); err == io.EOF {
					return s.SendMsg(text(fmt.Sprint(n)))
				} else if err != nil {
					return err
				}
			}
		}},
		{StreamName: "Talk", ClientStreams: true, ServerStreams: true, Handler: func(_ any, s grpc.ServerStream) error {
			for {
				var in wrapperspb.StringValue
				if err := s.RecvMsg(&in); err == io.EOF {
					return nil
				} else if err != nil {
					return err
				}
				out, err := answer(s.Context(), in.Value)
				if err != nil {
					return err
				}
				if err := s.SendMsg(out); err != nil {
					return err
				}
			}
		}},
	},
}

// counter is a stats handler of the program's own.
type counter struct{ begun, ended atomic.Int32 }

func (c *counter) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context   { return ctx }
func (c *counter) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }
func (c *counter) HandleConn(context.Context, stats.ConnStats)                       {}
func (c *counter) HandleRPC(_ context.Context, s stats.RPCStats) {
	switch s.(type) {
	case *stats.Begin:
		c.begun.Add(1)
	case *stats.End:
		c.ended.Add(1)
	}
}

func say(ctx context.Context, method, said string) {
	var reply wrapperspb.StringValue
	err := conn.Invoke(ctx, service+method, text(said), &reply)
	fmt.Println(method, said, reply.Value, status.Code(err))
}

func stream(ctx context.Context, method string, says ...string) {
	var of *grpc.StreamDesc
	for i := range desc.Streams {
		if desc.Streams[i].StreamName == method {
			of = &desc.Streams[i]
		}
	}
	s, err := conn.NewStream(ctx, of, service+method)
	if err != nil {
		log.Fatal(err)
	}
	for _, said := range says {
		if err := s.SendMsg(text(said)); err != nil {
			log.Fatal(err)
		}
	}
	if err := s.CloseSend(); err != nil {
		log.Fatal(err)
	}
	for {
		var reply wrapperspb.StringValue
		err := s.RecvMsg(&reply)
		if err != nil {
			fmt.Println(method, err == io.EOF, status.Code(err))
			return
		}
		fmt.Println(method, reply.Value)
		if !of.ServerStreams {
			return
		}
	}
}

func main() {
	server, client := new(counter), new(counter)
	intercepted := 0
	s := grpc.NewServer(grpc.StatsHandler(server), grpc.ChainUnaryInterceptor(
		func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (reply any, err error) {
			defer func() {
				if value := recover(); value != nil {
					err = status.Error(codes.Internal, fmt.Sprint(value))
				}
			}()
			if md, _ := metadata.FromIncomingContext(ctx); len(md["mine"]) > 0 {
				fmt.Println("metadata", md["mine"])
			}
			return handler(ctx, req)
		}))
	s.RegisterService(&desc, struct{}{})
	grpc_health_v1.RegisterHealthServer(s, health.NewServer())
	reflection.RegisterV1(s)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	byHTTP := len(os.Args) > 1 && os.Args[1] == "http"
	handler := &http.Server{Handler: s, Protocols: new(http.Protocols)}
	if byHTTP {
		handler.Protocols.SetUnencryptedHTTP2(true)
		go handler.Serve(listener)
	} else {
		go s.Serve(listener)
	}
	// Deprecated, and there in all versions.
	conn, err = grpc.Dial(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithStatsHandler(client),
		grpc.WithDefaultServiceConfig(`{"methodConfig": [{"name": [{"service": "example.Talk"}], "retryPolicy": {"maxAttempts": 4,
			"initialBackoff": "0.01s", "maxBackoff": "0.02s", "backoffMultiplier": 1, "retryableStatusCodes": ["UNAVAILABLE"]}}]}`),
		grpc.WithChainUnaryInterceptor(func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoker grpc.UnaryInvoker, opts ...grpc.CallOption) error {
			intercepted++
			return invoker(metadata.AppendToOutgoingContext(ctx, "mine", "kept"), method, req, reply, cc, opts...)
		}))
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	if byHTTP {
		say(ctx, "Say", "hello")
		say(ctx, "Say", "nothing")
		stream(ctx, "Talk", "one", "two")
		conn.Close()
		handler.Shutdown(ctx)
		return
	}
	if len(os.Args) > 1 && os.Args[1] == "quiet" {
		// What is asked all day, and metadata of a megabyte, in which somebody writes that he is the parent.
		_, err := grpc_health_v1.NewHealthClient(conn).Check(ctx, new(grpc_health_v1.HealthCheckRequest))
		watched, cancel := context.WithCancel(ctx)
		watch, failed := grpc_health_v1.NewHealthClient(conn).Watch(watched, new(grpc_health_v1.HealthCheckRequest))
		if err = errors.Join(err, failed); err == nil {
			_, err = watch.Recv()
		}
		reflected, failed := grpc_reflection_v1.NewServerReflectionClient(conn).ServerReflectionInfo(ctx)
		if err = errors.Join(err, failed); err == nil {
			err = reflected.Send(&grpc_reflection_v1.ServerReflectionRequest{MessageRequest: &grpc_reflection_v1.ServerReflectionRequest_ListServices{}})
		}
		if err == nil {
			reply, failed := reflected.Recv()
			fmt.Println(len(reply.GetListServicesResponse().GetService()), failed)
			err = reflected.CloseSend()
		}
		if err != nil {
			log.Fatal(err)
		}
		md := metadata.MD{"traceparent": {strings.Repeat("0", 1<<16)}, "tracestate": {strings.Repeat("a=b,", 1<<14)}}
		for i := range 100 {
			md.Set(fmt.Sprint("key", i), strings.Repeat("v", 1<<13))
		}
		say(metadata.NewOutgoingContext(ctx, md), "Say", "hello")
		// The client has its reply before the server's handler is done: wait for that.
		cancel()
		s.GracefulStop()
		conn.Close()
		return
	}
	say(ctx, "Say", "hello")
	say(ctx, "Say", "nothing")
	say(ctx, "Say", "broken")
	say(ctx, "Say", "panic")
	say(ctx, "Say", "flaky")
	say(ctx, "Say", "further")
	say(ctx, "Say", "forward")
	say(ctx, "Shout", "hello")
	late, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	say(late, "Say", "slow")
	over <- struct{}{}
	cancel()
	stopped, cancel := context.WithCancel(ctx)
	time.AfterFunc(50*time.Millisecond, cancel)
	say(stopped, "Say", "slow")
	over <- struct{}{}
	stream(ctx, "Listen", "again")
	stream(ctx, "Listen", "nothing")
	stream(ctx, "Tell", "one", "two")
	stream(ctx, "Talk", "one", "two")
	// A stream that is given up.
	given, cancel := context.WithCancel(ctx)
	up, err := conn.NewStream(given, &desc.Streams[2], service+"Talk")
	if err == nil {
		err = errors.Join(up.SendMsg(text("one")), up.RecvMsg(text("")))
	}
	if err != nil {
		log.Fatal(err)
	}
	cancel()
	reply, err := grpc_health_v1.NewHealthClient(conn).Check(ctx, new(grpc_health_v1.HealthCheckRequest))
	fmt.Println(reply.GetStatus(), err)
	s.GracefulStop()
	conn.Close()
	say(ctx, "Say", "too late")
	fmt.Println("intercepted", intercepted, "server", server.begun.Load() == server.ended.Load(), "client", client.begun.Load() == client.ended.Load())
}
