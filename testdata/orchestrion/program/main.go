// A program into which aspects of every kind are woven.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"

	"example.com/program/clock"
	"example.com/program/trace"
)

//trace:enabled
var enabled = false

var version string

//trace:span name:work color:"dark blue" other:
func work(ctx context.Context, fail bool) (int, error) {
	inner := func() {}
	//trace:span name:literal
	other := func(context.Context) { inner() }
	other(ctx)
	if fail {
		return 0, errors.New("failed")
	}
	return 1, nil
}

//trace:span
func plain() {}

func withContext(ctx context.Context) string {
	trace.Put(func() int {
		// Calls inside of an argument are woven, too.
		fmt.Println(trace.Get("inner", 1))
		_, _, line, _ := runtime.Caller(0)
		return line
	})
	return trace.Get(
		"outer",
		2,
	)
}

//dd:ignore
func ignored(ctx context.Context) string { return trace.Get("ignored", 3) }

func partly(ctx context.Context) string {
	//orchestrion:ignore
	a := trace.Get("kept", 4)
	return a + ", " + trace.Get("woven", 5)
}

func main() {
	ctx := context.Background()
	fmt.Println("enabled", enabled, "version", version, builtIn)
	for _, fail := range []bool{false, true} {
		_, err := work(ctx, fail)
		fmt.Println("work:", err)
	}
	plain()
	fmt.Println(withContext(ctx))
	fmt.Println(trace.Get("package", 0), ignored(ctx), partly(ctx))

	c := trace.Config{Name: "name", Level: 4}
	d := trace.Config{
		Level: 1 + 1,
		Call: func() int {
			_, _, line, _ := runtime.Caller(0)
			return line
		},
	}
	e := &trace.Config{Level: 3}
	fmt.Println(c.Name, c.Level, d.Name, d.Level, d.Call(), e.Name, e.Level)

	client := &trace.Client{Kind: "client"}
	client.Log("pointer", trace.Get("argument", 6))
	value := trace.Client{Kind: "value"}
	value.Log("value")
	(&value).Log("address")

	list := []trace.Option{"given"}
	trace.Dial("one")
	trace.Dial("two", "given")
	trace.Dial("three", list...)
	fmt.Println(len(list), strings.ToTitle("Title"))

	var b bytes.Buffer
	_ = clock.Clock{}.Tell(&b)
	new(clock.Clock).Show(&b, 1)
	clock.Clock{}.Quiet(1)
	fmt.Println(b.String())

	trace.SetSlot("main")
	done := make(chan any)
	go func() { done <- trace.Slot() }()
	fmt.Println("slot", trace.Slot(), <-done)
	fmt.Println("environment", os.Getenv("PROGRAM_NAME"))
}

//orchestrion:enabled
var builtIn = false
