// Package work is what is measured: calls by gRPC, requests that gin and fasthttp answer, and records of zap, over connections in memory.
package work

import (
	"bufio"
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/valyala/fasthttp"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// Instruments are what a program that is instrumented by hand puts around things; none in the other programs.
type Instruments struct {
	Server  []grpc.ServerOption
	Client  []grpc.DialOption
	Gin     []gin.HandlerFunc
	Open    func(name, dsn string) (*sql.DB, error)
	Request func(fasthttp.RequestHandler) fasthttp.RequestHandler
	Fields  func(context.Context) []zap.Field
	Span    func() context.Context
	Finish  func()
}

// Result is the cost of one operation of a workload.
type Result struct {
	Name   string
	CPU    float64 // nanoseconds, of all threads
	Allocs float64
}

// Messages is how many messages go to and fro in a stream that is measured.
const Messages = 10

// Main measures each workload once, as often as the first argument says times a thousand operations, and prints the results as JSON.
func Main(by Instruments) {
	thousands, err := strconv.Atoi(os.Args[1])
	check(err)
	var all []Result
	measure := func(name string, n int, op func()) {
		for range n/10 + 1 {
			op()
		}
		runtime.GC()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		cpu := cpuTime()
		for range n {
			op()
		}
		used := cpuTime() - cpu
		runtime.ReadMemStats(&after)
		all = append(all, Result{name, float64(used) / float64(n), float64(after.Mallocs-before.Mallocs) / float64(n)})
	}
	unary, stream := calls(by)
	measure("gRPC unary", 1000*thousands, unary)
	measure("gRPC stream", 300*thousands, stream)
	measure("gin and SQL", 1000*thousands, site(by))
	measure("fasthttp", 1000*thousands, fast(by))
	measure("zap", 10000*thousands, logged(by))
	if by.Finish != nil {
		by.Finish()
	}
	check(json.NewEncoder(os.Stdout).Encode(all))
}

// calls starts a server and returns what makes a unary call, and a stream of messages to and fro.
func calls(by Instruments) (unary, stream func()) {
	text := wrapperspb.String("hello")
	desc := grpc.ServiceDesc{
		ServiceName: "bench.Talk", HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{{MethodName: "Say", Handler: func(_ any, _ context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
			return text, decode(new(wrapperspb.StringValue))
		}}},
		Streams: []grpc.StreamDesc{{StreamName: "Talk", ClientStreams: true, ServerStreams: true, Handler: func(_ any, s grpc.ServerStream) error {
			for {
				if err := s.RecvMsg(new(wrapperspb.StringValue)); err == io.EOF {
					return nil
				} else if err != nil {
					return err
				}
				if err := s.SendMsg(text); err != nil {
					return err
				}
			}
		}}},
	}
	s := grpc.NewServer(by.Server...)
	s.RegisterService(&desc, struct{}{})
	listener := bufconn.Listen(1 << 16)
	go s.Serve(listener)
	conn, err := grpc.NewClient("passthrough:///bench", append(by.Client, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(context.Context, string) (net.Conn, error) { return listener.Dial() }))...)
	check(err)
	return func() {
			check(conn.Invoke(context.Background(), "/bench.Talk/Say", text, new(wrapperspb.StringValue)))
		}, func() {
			s, err := conn.NewStream(context.Background(), &desc.Streams[0], "/bench.Talk/Talk")
			check(err)
			for range Messages {
				check(s.SendMsg(text))
				check(s.RecvMsg(new(wrapperspb.StringValue)))
			}
			check(s.CloseSend())
			if err := s.RecvMsg(new(wrapperspb.StringValue)); err != io.EOF {
				check(err)
			}
		}
}

// site returns what makes gin answer a request by a statement.
func site(by Instruments) func() {
	open := sql.Open
	if by.Open != nil {
		open = by.Open
	}
	db, err := open("fake", "")
	check(err)
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.Use(by.Gin...)
	engine.GET("/items/:id", func(c *gin.Context) {
		_, err := db.ExecContext(c.Request.Context(), "UPDATE orders SET n = 1 WHERE id = 7")
		check(err)
		c.String(http.StatusOK, "here you are")
	})
	here, there := net.Pipe()
	go (&http.Server{Handler: engine}).Serve(&listener{conn: there})
	return asks(here)
}

// fast returns what makes fasthttp answer a request.
func fast(by Instruments) func() {
	handler := func(ctx *fasthttp.RequestCtx) { ctx.WriteString("here you are") }
	if by.Request != nil {
		handler = by.Request(handler)
	}
	here, there := net.Pipe()
	go (&fasthttp.Server{Handler: handler}).Serve(&listener{conn: there})
	return asks(here)
}

// asks returns what sends a request and reads the answer.
func asks(conn net.Conn) func() {
	answers := bufio.NewReader(conn)
	return func() {
		_, err := io.WriteString(conn, "GET /items/7 HTTP/1.1\r\nHost: shop\r\nUser-Agent: bench\r\n\r\n")
		check(err)
		for {
			line, err := answers.ReadSlice('\n')
			check(err)
			if len(line) == 2 {
				break
			}
		}
		_, err = answers.Discard(len("here you are"))
		check(err)
	}
}

// logged returns what writes a record about a span. The woven program has one in a request, of which the context says nothing to zap.
func logged(by Instruments) func() {
	logger := zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), zapcore.AddSync(io.Discard), zap.InfoLevel))
	if by.Fields != nil {
		ctx := by.Span()
		return func() { logger.Info("stored", append(by.Fields(ctx), zap.Int("n", 1))...) }
	}
	write, wrote := make(chan int), make(chan bool)
	here, there := net.Pipe()
	go (&http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		for n := range write {
			for range n {
				logger.Info("stored", zap.Int("n", 1))
			}
			wrote <- true
		}
	})}).Serve(&listener{conn: there})
	_, err := io.WriteString(here, "GET / HTTP/1.1\r\nHost: shop\r\n\r\n")
	check(err)
	// A hundred records for each handing over, so that it is not what is measured.
	left := 0
	return func() {
		if left--; left < 0 {
			left = 99
			write <- 100
			<-wrote
		}
	}
}

// listener has one connection.
type listener struct{ conn net.Conn }

func (l *listener) Accept() (net.Conn, error) {
	if c := l.conn; c != nil {
		l.conn = nil
		return c, nil
	}
	select {}
}
func (l *listener) Close() error   { return nil }
func (l *listener) Addr() net.Addr { return &net.TCPAddr{} }

func cpuTime() time.Duration {
	var u syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func init() { sql.Register("fake", fake{}) }

// fake is a database that has done everything already.
type fake struct{}

func (fake) Open(string) (driver.Conn, error)         { return fake{}, nil }
func (fake) Prepare(string) (driver.Stmt, error)      { return nil, errors.New("not prepared") }
func (fake) Close() error                             { return nil }
func (fake) Begin() (driver.Tx, error)                { return nil, errors.New("no transactions") }
func (fake) CheckNamedValue(*driver.NamedValue) error { return nil }
func (fake) ExecContext(context.Context, string, []driver.NamedValue) (driver.Result, error) {
	return driver.ResultNoRows, nil
}
