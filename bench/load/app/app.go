// Package app is the service of the load benchmark: /hello, /order (two statements of PostgreSQL), /cache (two commands of Redis) and
// /rpc (a unary call of gRPC over loopback).
package app

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver pgx
	"github.com/redis/go-redis/v9"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// Instruments are what a program that is instrumented by hand puts around things. The zero value is the plain program's.
type Instruments struct {
	Route  func(pattern string, h http.Handler) http.Handler
	Open   func(driver, dsn string) (*sql.DB, error)
	Redis  func(*redis.Client) error
	Server []grpc.ServerOption
	Client []grpc.DialOption
	Finish func()
}

// Main serves until SIGTERM. DATABASE_URL and REDIS_ADDRESS name the servers. It prints two addresses on one line: of the service, and of
// a listener that answers each connection with the number of objects that the process has allocated.
func Main(by Instruments) {
	open := sql.Open
	if by.Open != nil {
		open = by.Open
	}
	db, err := open("pgx", os.Getenv("DATABASE_URL"))
	check(err)
	db.SetMaxOpenConns(40)
	db.SetMaxIdleConns(40)
	_, err = db.Exec("CREATE TABLE IF NOT EXISTS orders (id bigserial PRIMARY KEY, item text NOT NULL)")
	check(err)
	cache := redis.NewClient(&redis.Options{Addr: os.Getenv("REDIS_ADDRESS"), PoolSize: 40})
	if by.Redis != nil {
		check(by.Redis(cache))
	}
	ask := calls(by)

	mux := http.NewServeMux()
	handle := func(pattern string, answer func(ctx context.Context) (string, error)) {
		var h http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			text, err := answer(r.Context())
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			fmt.Fprintln(w, text)
		})
		if by.Route != nil {
			h = by.Route(pattern, h)
		}
		mux.Handle(pattern, h)
	}
	handle("GET /hello", func(context.Context) (string, error) { return "hello", nil })
	handle("GET /order", func(ctx context.Context) (item string, err error) {
		if _, err = db.ExecContext(ctx, "INSERT INTO orders (item) VALUES ($1)", "book"); err != nil {
			return "", err
		}
		return item, db.QueryRowContext(ctx, "SELECT item FROM orders WHERE id = $1", 1).Scan(&item)
	})
	handle("GET /cache", func(ctx context.Context) (string, error) {
		if err := cache.Set(ctx, "item", "book", 0).Err(); err != nil {
			return "", err
		}
		return cache.Get(ctx, "item").Result()
	})
	handle("GET /rpc", ask)

	listener, counter := listen(), listen()
	go count(counter)
	server := &http.Server{Handler: mux}
	fmt.Println(listener.Addr(), counter.Addr())
	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer cancel()
	go func() {
		<-stop.Done()
		server.Shutdown(context.Background())
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
	if by.Finish != nil {
		by.Finish()
	}
}

// calls starts a server of gRPC, and returns what calls it.
func calls(by Instruments) func(context.Context) (string, error) {
	s := grpc.NewServer(by.Server...)
	s.RegisterService(&grpc.ServiceDesc{
		ServiceName: "bench.Talk", HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{{MethodName: "Say", Handler: func(srv any, ctx context.Context, decode func(any) error, intercept grpc.UnaryServerInterceptor) (any, error) {
			asked := new(wrapperspb.StringValue)
			if err := decode(asked); err != nil {
				return nil, err
			}
			say := func(context.Context, any) (any, error) { return asked, nil }
			if intercept == nil {
				return say(ctx, asked)
			}
			return intercept(ctx, asked, &grpc.UnaryServerInfo{Server: srv, FullMethod: "/bench.Talk/Say"}, say)
		}}},
	}, struct{}{})
	listener := listen()
	go s.Serve(listener)
	conn, err := grpc.NewClient(listener.Addr().String(), append(by.Client, grpc.WithTransportCredentials(insecure.NewCredentials()))...)
	check(err)
	return func(ctx context.Context) (string, error) {
		said := new(wrapperspb.StringValue)
		err := conn.Invoke(ctx, "/bench.Talk/Say", wrapperspb.String("hello"), said)
		return said.GetValue(), err
	}
}

// count answers each connection with the number of objects allocated so far.
func count(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		fmt.Fprintln(conn, m.Mallocs)
		conn.Close()
	}
}

func listen() net.Listener {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	return l
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
