package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"os"
	"regexp"
	"runtime"
	"strings"
	"time"
	"unsafe"

	"go.opentelemetry.io/otel/trace"
)

func init() {
	programs["slog"], programs["slog-loggers"], programs["slog-stack"], programs["log"], programs["log-forms"], programs["slog-hostile"], programs["scrape"] = logs, loggers, stack, logLines, logForms, hostile, scrape
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

// logLines logs by package log, without dates.
func logLines() {
	for _, out := range []struct {
		flags int
		w     io.Writer
	}{{log.Lmsgprefix, os.Stdout}, {log.LstdFlags, undated{}}} {
		log.SetFlags(out.flags)
		log.SetOutput(out.w)
		log.Print("outside")
		serve(func(w http.ResponseWriter, r *http.Request) {
			log.Println("inside")
			log.Printf("%s", "two\nlines")
			slog.Info("by slog")
			done := make(chan bool)
			go func() { log.New(out.w, "own ", out.flags).Print("in a goroutine"); close(done) }()
			<-done
		}, "/x")
		log.Print("outside again")
	}
}

// undated writes lines without their dates, which differ from run to run.
type undated struct{}

var date = regexp.MustCompile(`\d{4}/\d\d/\d\d \d\d:\d\d:\d\d`)

func (undated) Write(b []byte) (int, error) {
	os.Stdout.Write(date.ReplaceAll(b, []byte("DATE")))
	return len(b), nil
}

// logForms logs in every form. Each line that is printed begins with what is to be added of the identity of the request's span.
func logForms() {
	var b bytes.Buffer
	show := func(added string) {
		for _, line := range strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n") {
			fmt.Println(added, line)
		}
		b.Reset()
	}
	options := &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		switch {
		case len(groups) == 0 && a.Key == slog.TimeKey:
			return slog.Attr{}
		case a.Key == "own_id":
			a.Key = "trace_id"
		}
		return a
	}}
	serve(func(w http.ResponseWriter, r *http.Request) {
		// Package log: JSON, CSV, protocols, and text.
		plain := log.New(&b, "", 0)
		plain.Println(`{"level":"info","msg":"hello"}`)
		plain.Println("a,b,c")
		plain.Println("cpu,host=a usage=1 1700000000")
		plain.Print("STORED 12\r\n")
		plain.Printf("level=info msg=hello")
		plain.Print("two\nlines\n")
		plain.Print("")
		log.New(&b, "prefix ", log.Lshortfile|log.Lmsgprefix).Print("text")
		show("false")
		for _, handler := range []slog.Handler{slog.NewJSONHandler(&b, options), slog.NewTextHandler(&b, options)} {
			l := slog.New(handler)
			l.Info("text", "k", "v")
			l.Info("")
			l.InfoContext(r.Context(), "context", "k", 1)
			l.With("k", "v").Info("with")
			l.WithGroup("g").Info("no attributes")
			l.WithGroup("g").Info("group", "k", "v", slog.Group("h", "n", 1))
			l.With("a", 1).WithGroup("g").With("k", "v").WithGroup("h").Warn("groups")
			l.WithGroup("g").Info("in a group", "trace_id", "mine")
			l.Info("a trace_id=text", "k", `a "trace_id": text`, "m", "trace_id=x")
			l.Info("a value", "v", map[string]string{"trace_id": "mine"})
			slog.NewLogLogger(handler, slog.LevelWarn).Print("by a logger of package log")
			slog.New(filter{handler}).WithGroup("g").Info("by a handler before it", "k", "v")
			show("true")
			l.Info("own", "trace_id", "mine")
			l.With("trace_id", "mine").Info("own")
			l.With("trace_id", "mine").WithGroup("g").Info("own", "k", "v")
			l.Info("own", slog.Group("", slog.String("trace_id", "mine")))
			l.Info("own by another name", "own_id", "mine")
			slog.New(identifier{handler}).InfoContext(r.Context(), "own by a handler", "k", "v")
			slog.New(byContext{handler}).Info("own and by the context", "trace_id", "mine")
			slog.New(byContext{handler.WithAttrs([]slog.Attr{slog.String("trace_id", "mine")})}).Info("own and by the context")
			slog.NewLogLogger(identifier{handler}, slog.LevelWarn).Print("own by a handler")
			show("false")
			l.Info("own span", "span_id", "mine")
			show("rest")
			done := make(chan bool)
			slog.New(later{handler, done}).Info("written elsewhere")
			<-done
			_ = handler.Handle(r.Context(), slog.NewRecord(time.Time{}, slog.LevelInfo, "by no logger", 0))
			show("false")
			func() {
				defer func() { recover() }()
				slog.New(panicker{handler}).Info("never written")
			}()
			slog.New(panicker{handler}).With("k", "v")
			_ = handler.Handle(r.Context(), slog.NewRecord(time.Time{}, slog.LevelInfo, "after a panic", 0))
			show("false")
			slog.New(again{handler, l}).Info("outer")
			show("true")
		}
		// ReplaceAttr renames, quotes, groups and removes attributes, or panics at those that the program does not log.
		for _, v := range []struct {
			added   string
			replace func(slog.Attr) slog.Attr
		}{
			{"renamed", func(a slog.Attr) slog.Attr { return slog.Attr{Key: "dd." + a.Key, Value: a.Value} }},
			{"quoted", func(a slog.Attr) slog.Attr { return slog.Attr{Key: `"` + a.Key + `"= `, Value: a.Value} }},
			{"grouped", func(a slog.Attr) slog.Attr {
				return slog.Group("otel", slog.String(strings.ToUpper(a.Key), a.Value.String()))
			}},
			{"inlined", func(a slog.Attr) slog.Attr { return slog.Group("", slog.String("in."+a.Key, a.Value.String())) }},
			{"false", func(slog.Attr) slog.Attr { return slog.Attr{} }},
			{"false", func(a slog.Attr) slog.Attr {
				if a.Value.String() != "mine" {
					panic("not mine")
				}
				return a
			}},
		} {
			options := &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
				switch a.Key {
				case slog.TimeKey:
					return slog.Attr{}
				case "trace_id", "span_id", "trace_flags":
					return v.replace(a)
				}
				return a
			}}
			for _, handler := range []slog.Handler{slog.NewJSONHandler(&b, options), slog.NewTextHandler(&b, options)} {
				l := slog.New(handler)
				l.With("k", "v").WithGroup("g").Info("text", "k", "v")
				show(v.added)
				l.Info("own", "trace_id", "mine")
				l.With("trace_id", "mine").WithGroup("g").Info("own", "k", "v")
				show("false")
			}
		}
		// A handler of the program's own sees what the program logs.
		slog.New(ownForm{&b}).InfoContext(r.Context(), "own form", "k", "v")
		show("false")
		// Package log by the default handler, and the default handler by package log.
		before, flags := slog.Default(), log.Flags()
		slog.SetDefault(slog.New(slog.NewJSONHandler(&b, options)))
		log.Print("by the default logger")
		slog.Info("by slog")
		show("true")
		slog.SetDefault(before)
		log.SetOutput(&b)
		log.SetFlags(log.Lmsgprefix)
		slog.Info("text trace_id=x", "k", "v")
		slog.Default().WithGroup("g").Info("group", "k", "v")
		slog.Info("")
		show("true")
		slog.Info("own", "trace_id", "mine")
		slog.Info(`own behind "quotes"`, "trace_id", "mine")
		slog.Info("", "trace_id", "mine")
		log.Print("text")
		show("false")
		log.SetOutput(os.Stderr)
		log.SetFlags(flags)
	}, "/x")
	slog.New(slog.NewJSONHandler(&b, options)).Info("outside")
	show("false")
}

// hostile logs what nobody looks at in the plain program: values whose methods panic, that contain themselves, and a context that is nil.
func hostile() {
	l := slog.New(slog.DiscardHandler)
	l = slog.New(quiet{l.Handler()})
	loop := []any{1, nil}
	loop[1] = loop
	var none *panicking
	values := []any{"value", panicking{}, "pointer", &panicking{}, "nil", none, "error", errors.Join(unsaid{}), "list", []any{unsaid{}}, "loop", loop,
		slog.Group("group", "value", panicking{}), "bytes", "\xff\xfe"}
	l.Info("hostile", values...)
	l.With(values...).Info("made with it")
	l.InfoContext((*nothing)(nil), "in a context that is nil", "k", "v")
	l.InfoContext(nil, "in no context") //nolint
	serve(func(w http.ResponseWriter, r *http.Request) { l.InfoContext((*nothing)(nil), "in a request", "k", "v") }, "/x")
	slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}})).InfoContext((*nothing)(nil), "written")
}

// quiet is a handler that wants all records and does nothing with them.
type quiet struct{ slog.Handler }

func (quiet) Enabled(context.Context, slog.Level) bool  { return true }
func (quiet) Handle(context.Context, slog.Record) error { return nil }
func (q quiet) WithAttrs([]slog.Attr) slog.Handler      { return q }
func (q quiet) WithGroup(string) slog.Handler           { return q }

type panicking struct{ n int }

func (p panicking) LogValue() slog.Value { panic("in LogValue") }
func (p panicking) String() string       { panic("in String") }

type unsaid struct{}

func (unsaid) Error() string { panic("in Error") }

// nothing is a context whose methods panic if it is nil.
type nothing struct{ context.Context }

// filter passes records on.
type filter struct{ slog.Handler }

func (f filter) WithGroup(name string) slog.Handler { return filter{f.Handler.WithGroup(name)} }

// identifier puts the identity of the context's span into records.
type identifier struct{ slog.Handler }

func (h identifier) Handle(ctx context.Context, r slog.Record) error {
	r.AddAttrs(slog.String("trace_id", "mine"))
	return h.Handler.Handle(ctx, r)
}

// byContext is the handler that many programs have.
type byContext struct{ slog.Handler }

func (h byContext) Handle(ctx context.Context, r slog.Record) error {
	if sc := trace.SpanContextFromContext(ctx); sc.IsValid() {
		r.AddAttrs(slog.String("trace_id", sc.TraceID().String()), slog.String("span_id", sc.SpanID().String()))
	}
	return h.Handler.Handle(ctx, r)
}

// later writes records in another goroutine.
type later struct {
	slog.Handler
	done chan bool
}

func (h later) Handle(ctx context.Context, r slog.Record) error {
	go func() { _ = h.Handler.Handle(ctx, r); close(h.done) }()
	return nil
}

type panicker struct{ slog.Handler }

func (h panicker) Handle(context.Context, slog.Record) error { panic("in a handler") }

// again logs while it handles a record.
type again struct {
	slog.Handler
	log *slog.Logger
}

func (h again) Handle(ctx context.Context, r slog.Record) error {
	h.log.Info("inner")
	return h.Handler.Handle(ctx, r)
}

// ownForm is a handler with a form of its own.
type ownForm struct{ w io.Writer }

func (h ownForm) Enabled(context.Context, slog.Level) bool { return true }
func (h ownForm) Handle(_ context.Context, r slog.Record) error {
	fmt.Fprintf(h.w, "%s, %d attributes\n", r.Message, r.NumAttrs())
	return nil
}
func (h ownForm) WithAttrs([]slog.Attr) slog.Handler { return h }
func (h ownForm) WithGroup(string) slog.Handler      { return h }

// scrape asks for its own metrics, by a connection that is not instrumented.
func scrape() {
	serve(func(w http.ResponseWriter, r *http.Request) { do("t") }, "/x")
	settled()
	os.Stdout.WriteString(rawGet(os.Getenv("SCRAPE"), "/metrics"))
}
