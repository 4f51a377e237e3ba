// Package trace is what woven code calls.
package trace

import (
	"context"
	"fmt"
	"strings"
	_ "unsafe" // for go:linkname
)

//go:linkname slotGet __trace_slot_get.V1
var slotGet func() any

//go:linkname slotSet __trace_slot_set.V1
var slotSet func(any)

// Slot is the goroutine's own value.
func Slot() any {
	if slotGet == nil {
		return "none"
	}
	return slotGet()
}

// SetSlot sets it.
func SetSlot(v any) {
	if slotSet != nil {
		slotSet(v)
	}
}

// getenv is called by the standard library.
func getenv(name string) {
	if strings.HasPrefix(name, "PROGRAM_") {
		Print("getenv " + name)
	}
}

// Print says something.
func Print(s string) { fmt.Println("trace:", s) }

// Span is a span.
type Span struct{ name string }

// Start begins one.
func Start(_ context.Context, name string, tags ...string) *Span {
	Print(strings.Join(append([]string{"start", name}, tags...), " "))
	return &Span{name}
}

// Tag is a key and a value.
func Tag(key, value string) string { return key + "=" + value }

// Finish ends it.
func (s *Span) Finish(err error) { Print(fmt.Sprintf("finish %s %v", s.name, err)) }

// Config is a struct.
type Config struct {
	Name  string
	Level int
	Call  func() int
}

// Upper is a function to wrap with.
func Upper(s string) string { return strings.ToUpper(s) }

// Client is a struct.
type Client struct{ Kind, with string }

// With changes a copy.
func (c *Client) With(s string) *Client {
	d := *c
	d.with = s
	return &d
}

// Log prints.
func (c *Client) Log(args ...any) { fmt.Println(append([]any{"log", c.Kind, c.with}, args...)...) }

// Option is an option.
type Option string

// With is an option.
func With(s string) Option { return Option(s) }

// Dial prints its options.
func Dial(target string, options ...Option) { fmt.Println("dial", target, options) }

// Get is called.
func Get(name string, n int) string { return fmt.Sprint("get ", name, n) }

// GetContext is called instead.
func GetContext(ctx context.Context, name string, n int) string {
	return fmt.Sprint("get with context ", ctx != nil, " ", name, n)
}

// Put is called.
func Put(f func() int) { fmt.Println("put", f()) }

// PutContext is called instead.
func PutContext(_ context.Context, f func() int) { fmt.Println("put with context", f()) }
