package hook

import (
	"fmt"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/rules-go-weave/rules_go_weave/runtime/internal/warn"
	"github.com/rules-go-weave/rules_go_weave/runtime/redact"
)

// maxPanics is how often the hooks of an instrumentation may panic before they are switched off.
const maxPanics = 10

// maxText bounds what is kept of an error's text and its like, in bytes.
const maxText = 4 << 10

// On reports whether the instrumentation exists, is initialised, and has not panicked too often. If not, Start makes no span.
func (i *Instrumentation) On() bool {
	return i != nil && initialised.Load() && i.panics.Load() < maxPanics
}

// Panics returns the number of panics of the instrumentation's hooks, none of which reached the program.
func (i *Instrumentation) Panics() int {
	if i == nil {
		return 0
	}
	return int(i.panics.Load())
}

// Recover, deferred by a hook, keeps a panic of the hook from the program: the panic is counted and reported once, and after ten panics the
// instrumentation is turned off. The hook then returns the values of its named results, which must be set first:
//
//	func Do(req *http.Request) (out *http.Request, end func(error)) {
//		out = req
//		defer lib.Recover()
//
// A hook that calls the program's code for the program, as a wrapper's Read does, must not guard that call: its panics are the
// program's own.
func (i *Instrumentation) Recover() {
	if value := recover(); value != nil {
		i.panicked(value)
	}
}

// panicked counts and tells a panic that was recovered.
func (i *Instrumentation) panicked(value any) {
	name := "?"
	if i != nil {
		i.panics.Add(1)
		name = i.name
	}
	warn.Once("panic in "+name, fmt.Sprintf("a hook of %s panicked: %s, at %s; its telemetry is lost, and the instrumentation is switched off after %d panics (reported once)",
		name, Text(value), panicPlace(), maxPanics))
}

// panicPlace is where the panic came from that the calling deferred function has recovered.
func panicPlace() string {
	var pcs [32]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	for panicking := false; ; {
		f, more := frames.Next()
		inRuntime := strings.HasPrefix(f.Function, "runtime.")
		if panicking && !inRuntime {
			return f.Function + " (" + f.File + ":" + strconv.Itoa(f.Line) + ")"
		}
		panicking = panicking || inRuntime && strings.HasSuffix(f.Function, "panic")
		if !more {
			return "a place that is not known"
		}
	}
}

// foreign stands for the code of the program in what operations do after they have begun.
var foreign = New("an operation")

// Try calls f, which calls methods of the program's values for the hook alone, and reports whether it returned. A panic in f is dropped
// silently, because the plain program does not make these calls.
func Try(f func()) (returned bool) {
	defer func() { _ = recover() }()
	f()
	return true
}

// unreadable stands for the text of a value whose method panicked.
func unreadable(value any) string {
	v := reflect.ValueOf(value)
	if v.Kind() == reflect.Pointer && v.IsNil() {
		return "<nil>" // as fmt has it
	}
	return "(panic in a method of " + v.Type().String() + ")"
}

// ErrorText returns the text of an error. The program's code makes the text, so it may panic, and be of any length.
func ErrorText(err error) (text string) {
	if err == nil {
		return ""
	}
	defer func() {
		if recover() != nil {
			text = unreadable(err)
		}
	}()
	return shown(err.Error())
}

// Text formats a value as a program's end formats that of a panic: errors and Stringers by their methods, numbers and strings as they are,
// anything else by its type. Formatting by fmt might never end.
func Text(value any) (text string) {
	defer func() {
		if recover() != nil {
			text = unreadable(value)
		}
	}()
	switch v := value.(type) {
	case nil:
		return "<nil>"
	case string:
		return shown(v)
	case error:
		return shown(v.Error())
	case fmt.Stringer:
		return shown(v.String())
	}
	switch v := reflect.ValueOf(value); v.Kind() {
	case reflect.String:
		return shown(v.String())
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint8, reflect.Uint16,
		reflect.Uint32, reflect.Uint64, reflect.Uintptr, reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128:
		return fmt.Sprint(value)
	default:
		return "(" + v.Type().String() + ")"
	}
}

// shown is what is shown of a text: its beginning, without the secrets of URLs in it.
func shown(text string) string { return redact.Text(Cut(text, maxText)) }

// Cut returns s, or if it is longer a copy of at most its first n bytes, which keeps nothing of the rest alive.
func Cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return strings.Clone(s[:n])
}
