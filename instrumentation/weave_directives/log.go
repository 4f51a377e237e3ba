package weave_directives

import (
	"context"
	"log/slog"
	"runtime"
	"time"

	"github.com/rules-go-weave/rules_go_weave/runtime/active"
	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
)

// logged is a call of a function whose beginning and end are logged.
type logged struct {
	ctx       context.Context
	operation string
	level     slog.Level
	attrs     []slog.Attr
	pc        uintptr
	began     time.Time
	panic     hook.Panic
	err       error
}

// LogContextError is woven into functions with a context and an error.
func LogContextError(ctx context.Context, operation string, attributes []any) (func(error), func()) {
	l := enter(ctx, operation, attributes)
	if l == nil {
		return nil, nil
	}
	return l.exit, l.leave
}

// LogContext is woven into functions with a context and without an error.
func LogContext(ctx context.Context, operation string, attributes []any) func() {
	l := enter(ctx, operation, attributes)
	if l == nil {
		return nil
	}
	return l.leave
}

// LogError is woven into functions with an error and without a context.
func LogError(operation string, attributes []any) (func(error), func()) {
	l := enter(context.Background(), operation, attributes)
	if l == nil {
		return nil, nil
	}
	return l.exit, l.leave
}

// Log is woven into all other functions.
func Log(operation string, attributes []any) func() {
	l := enter(context.Background(), operation, attributes)
	if l == nil {
		return nil
	}
	return l.leave
}

// enter logs the beginning; nil where neither the end of the call nor its failure would be logged.
func enter(ctx context.Context, operation string, attributes []any) *logged {
	if gate.Closed() || !instrumentation.On() {
		return nil
	}
	defer instrumentation.Recover() // the handler is the program's
	if ctx == nil {
		ctx = context.Background()
	}
	l := &logged{ctx: ctx, operation: operation, level: slog.LevelInfo, began: time.Now(), panic: hook.PanicMark()}
	for i := 0; i+1 < len(attributes); i += 2 {
		key, _ := attributes[i].(string)
		if text, ok := attributes[i+1].(string); ok && key == "level" && l.level.UnmarshalText([]byte(text)) == nil {
			continue
		}
		l.attrs = append(l.attrs, slog.Any(key, attributes[i+1]))
	}
	enabled := false
	hook.Try(func() { enabled = slog.Default().Enabled(ctx, max(l.level, slog.LevelError)) })
	if !enabled {
		return nil
	}
	// The place that a handler may show is that of the function: Callers, this, the hook, the function.
	var pcs [1]uintptr
	runtime.Callers(3, pcs[:])
	l.pc = pcs[0]
	l.log(l.level, "enter "+operation)
	return l
}

func (l *logged) exit(err error) { l.err = err }

func (l *logged) leave() {
	defer instrumentation.Recover()
	took := slog.Duration("duration", time.Since(l.began))
	switch value, panicking := l.panic.Value(); {
	case panicking:
		l.log(slog.LevelError, "panic in "+l.operation, took, slog.Any("panic", value))
	case l.err != nil:
		l.log(slog.LevelError, "leave "+l.operation, took, slog.Any("error", l.err))
	default:
		l.log(l.level, "leave "+l.operation, took)
	}
}

// log logs a record, which the program does not: what panics in its handler, or in its context, does not reach it.
func (l *logged) log(level slog.Level, message string, more ...slog.Attr) {
	hook.Try(func() {
		handler := slog.Default().Handler()
		if !handler.Enabled(l.ctx, level) {
			return
		}
		record := slog.NewRecord(time.Now(), level, message, l.pc)
		record.AddAttrs(l.attrs...)
		record.AddAttrs(more...)
		// A record that no Logger makes is about the active span, too.
		if hook.Enabled("log/slog") && active.BeginRecord(l.ctx) {
			defer active.EndRecord()
		}
		_ = handler.Handle(l.ctx, record)
	})
}
