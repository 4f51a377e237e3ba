// Package cron has the hooks for github.com/robfig/cron/v3: a span for each run of a job, which begins a trace, named by the function or
// the type of the job. It is inside of the chain that the program has put around its jobs: a run that SkipIfStillRunning skips has none,
// and of one that panics the panic is recorded before Recover recovers it.
package cron

import (
	"context"
	"reflect"
	"runtime"
	_ "unsafe" // for linkname

	"go.opentelemetry.io/otel/attribute"

	"github.com/rules-go-weave/rules_go_weave/runtime/active"
	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
)

// gate is before every hook.
var gate hook.Gate

var lib = hook.NewAt("cron", "1.43.0")

func init() { gate.Open("cron") }

// run is what the woven package runs jobs by.
//
//go:linkname run github.com/robfig/cron/v3.weaveRun
var run = Run

// Run runs a job.
func Run(job any, body func()) {
	end := begin(job)
	if end != nil {
		defer end()
	}
	body()
}

// begin begins the span of a run; nil for none.
func begin(job any) (end func()) {
	if gate.Closed() || !lib.On() {
		return nil
	}
	defer lib.Recover()
	// It is no part of what the scheduler was started in.
	hidden := active.Hide()
	name, function := described(job)
	mark := hook.PanicMark()
	_, op := lib.Start(context.Background(), hook.Internal, "run "+name, attribute.String("code.function.name", function))
	return func() {
		active.LeaveStay() // a message that the run has taken is worked on no longer
		if value, panicked := mark.Value(); panicked {
			op.Panicked(value)
		}
		op.End(nil)
		hidden.Show()
	}
}

// described returns what a job is called, and the function that it runs.
func described(job any) (name, function string) {
	v := reflect.ValueOf(job)
	if v.Kind() == reflect.Func {
		if f := runtime.FuncForPC(v.Pointer()); f != nil {
			return f.Name(), f.Name()
		}
	}
	name = v.Type().String()
	t := v.Type()
	if t.Kind() == reflect.Pointer && t.Elem().Name() != "" {
		return name, t.Elem().PkgPath() + ".(*" + t.Elem().Name() + ").Run"
	}
	return name, t.PkgPath() + "." + t.Name() + ".Run"
}
