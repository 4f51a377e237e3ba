package hook

import (
	"fmt"
	"runtime"
	"unsafe"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/rules-go-weave/rules_go_weave/runtime/internal/wire"
)

// panicking tells about the panic that the calling goroutine is unwinding for: which one, and its value; of a runtime.Goexit the
// value alone, which is true. Package runtime defines it where it is woven; elsewhere it is nil.
//
//go:linkname panicking runtime.weavePanicking
var panicking func() (unsafe.Pointer, any)

// Panic is a mark that reports later whether a deferred function runs because of a panic. It recovers nothing, because a recovered and
// repeated panic prints another stack trace.
type Panic struct {
	before  unsafe.Pointer
	exiting bool
}

// PanicMark records the state at the start of an operation.
func PanicMark() (p Panic) {
	if panicking != nil {
		var value any
		p.before, value = panicking()
		p.exiting = p.before == nil && value == true
	}
	return p
}

// Value returns the value of the panic that runs the calling deferred function, and whether there is one.
func (p Panic) Value() (any, bool) {
	if panicking == nil {
		return nil, false
	}
	now, value := panicking()
	return value, now != nil && now != p.before
}

// Goexit reports whether the calling deferred function runs because of runtime.Goexit: the operation has not finished.
func (p Panic) Goexit() bool {
	if panicking == nil || p.exiting {
		return false
	}
	now, value := panicking()
	return now == nil && value == true
}

// PanicType returns the value of the attribute error.type for a panic.
func PanicType(value any) string {
	if err, ok := value.(error); ok {
		return ErrorType(err)
	}
	return Cut(fmt.Sprintf("%T", value), maxText)
}

// panicText is the text of a panic without an error.
type panicText string

func (t panicText) Error() string { return string(t) }

// Panicked marks the operation as failed with a panic, and records the panic as an exception with its stack.
func (o Op) Panicked(value any) {
	if o.span == nil {
		return
	}
	defer foreign.Recover()
	kind, text := PanicType(value), ""
	if err, ok := value.(error); ok {
		text = shownError(err)
	} else {
		text = Text(value)
		if shown := shownError(panicText(text)); shown != ErrorText(panicText(text)) {
			text = kind // The text is that of an error whose text is hidden.
		}
	}
	stack := make([]byte, 8<<10)
	stack = stack[:runtime.Stack(stack, false)]
	o.span.SetStatus(codes.Error, wire.Text("panic: "+text, wire.MaxText))
	o.span.SetAttributes(attribute.String("error.type", kind))
	o.span.AddEvent("exception", trace.WithAttributes(clean(o.span, []attribute.KeyValue{
		attribute.String("exception.type", kind),
		attribute.String("exception.message", text),
		attribute.String("exception.stacktrace", string(stack)),
	})...))
}
