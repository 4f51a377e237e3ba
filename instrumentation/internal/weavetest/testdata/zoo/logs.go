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
)

func init() {
	programs["slog"], programs["slog-loggers"], programs["log"], programs["scrape"] = logs, loggers, logLines, scrape
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
