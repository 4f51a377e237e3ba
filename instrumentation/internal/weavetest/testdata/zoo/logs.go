package main

import (
	"context"
	"errors"
	"io"
	"log"
	"log/slog"
	"net/http"
	"os"
	"runtime"
	"time"
	"unsafe"
)

func init() {
	programs["slog"], programs["slog-loggers"], programs["slog-stack"], programs["log"], programs["scrape"] = logs, loggers, stack, logLines, scrape
}

// logs prints records as JSON, without their times.
func logs() {
	log := slog.New(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	log.Info("outside")
	serve(func(w http.ResponseWriter, r *http.Request) {
		log.InfoContext(r.Context(), "with context", "key", "value")
		log.Warn("without context")
		log.LogAttrs(context.Background(), slog.LevelError, "attributes", slog.Int("n", 7))
		log.Debug("not logged")
		log.WithGroup("group").Info("in a group", "key", "value")
	}, "/x")
	log.Info("outside again")
}

// loggers logs by loggers that were made of others.
func loggers() {
	base := slog.New(slog.NewTextHandler(io.Discard, nil))
	service := base.With("service", "shop", slog.Group("build", "n", 7))
	base.Debug("not logged")
	base.Info("plain")
	serve(func(w http.ResponseWriter, r *http.Request) {
		order := service.WithGroup("order").With("id", 12, "price", 1.5)
		order.Warn("in a group", "error", errors.New("sold out"), "took", time.Second, "ok", false)
		service.ErrorContext(r.Context(), "beside it", "key", secret("hidden"))
	}, "/x")
	for range 1000 {
		service.With("n", 1)
	}
	runtime.GC()
	base.Log(context.Background(), slog.LevelWarn+2, "at last")
}

// stack logs by loggers, and makes loggers of loggers and of arguments, that never leave the stack, which grows and moves meanwhile.
func stack() {
	for depth := range 200 {
		h := mover{slog.NewTextHandler(io.Discard, nil), depth}
		logger := slog.New(h)
		n := [4]int{depth, 1, 2, 3}
		logger.Info("one")
		logger.With("n", n[0], "m", n[1], "p", len(n)).Info("two")
		logger.WithGroup("g").LogAttrs(context.Background(), slog.LevelInfo, "three", slog.Int("n", n[2]))
		if !onStack(unsafe.Pointer(logger)) || !onStack(unsafe.Pointer(&n)) {
			panic("not on the stack")
		}
	}
	for range 1000 { // where one was, another one will be
		logger := slog.New(slog.NewTextHandler(io.Discard, nil)).With("n", 1)
		runtime.KeepAlive(logger)
	}
	runtime.GC()
	for range 1000 {
		slog.New(slog.NewTextHandler(io.Discard, nil)).WithGroup("bare").Debug("not logged")
	}
}

// onStack tells whether p is near to where functions have their variables.
func onStack(p unsafe.Pointer) bool {
	var here byte
	return uintptr(p)-uintptr(unsafe.Pointer(&here)) < 64<<10
}

// mover is a handler that uses much of the stack.
type mover struct {
	slog.Handler
	depth int
}

func (m mover) Handle(ctx context.Context, r slog.Record) error {
	var fall func(n int) int
	fall = func(n int) int {
		var room [256]byte
		if n == 0 {
			return int(room[0])
		}
		return fall(n-1) + int(room[n%256])
	}
	fall(m.depth)
	if m.depth%50 == 0 {
		runtime.GC()
	}
	return m.Handler.Handle(ctx, r)
}

func (m mover) WithAttrs(attrs []slog.Attr) slog.Handler {
	return mover{m.Handler.WithAttrs(attrs), m.depth}
}
func (m mover) WithGroup(name string) slog.Handler { return mover{m.Handler.WithGroup(name), m.depth} }

// secret has another text for logs.
type secret string

func (secret) LogValue() slog.Value { return slog.StringValue("***") }

// logLines logs by package log.
func logLines() {
	log.SetFlags(log.Lmsgprefix)
	log.SetOutput(os.Stdout)
	log.Print("outside")
	serve(func(w http.ResponseWriter, r *http.Request) {
		log.Println("inside")
		log.Printf("%s", "two\nlines")
		slog.Info("by slog")
		done := make(chan bool)
		go func() { log.New(os.Stdout, "own ", 0).Print("in a goroutine"); close(done) }()
		<-done
	}, "/x")
	log.Print("outside again")
}

// scrape asks for its own metrics, by a connection that is not instrumented.
func scrape() {
	serve(func(w http.ResponseWriter, r *http.Request) { do("t") }, "/x")
	settled()
	os.Stdout.WriteString(rawGet(os.Getenv("SCRAPE"), "/metrics"))
}
