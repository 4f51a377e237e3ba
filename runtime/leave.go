package weaveruntime

import (
	"reflect"
	"runtime"
)

// Leave returns the function that a woven function defers before all else. It calls exit, which a hook returned, with the values behind
// results as the caller gets them, after the function's own deferred calls. It does not call exit if a panic or runtime.Goexit leaves the
// function.
//
// The type of exit is func(R...) or func(R...) R... for results of type *R; what it returns becomes the results.
// If exit is a pointer to such a function, it is called if it is not nil by then.
//
// Without an exit, Leave is called by the deferred function itself: it returns a function if the function that deferred the caller
// returns, and nil if a panic or runtime.Goexit leaves that.
func Leave(exit any, results ...any) func() {
	if exit == nil {
		if returns(4) {
			return nothing
		}
		return nil
	}
	if f, ok := exit.(func(error)); ok && len(results) == 1 {
		if err, ok := results[0].(*error); ok {
			return func() {
				if returns(3) {
					f(*err)
				}
			}
		}
	}
	return func() {
		f := reflect.ValueOf(exit)
		if f.Kind() == reflect.Pointer {
			f = f.Elem()
		}
		if f.IsNil() || !returns(3) {
			return
		}
		values := make([]reflect.Value, len(results))
		for i, result := range results {
			values[i] = reflect.ValueOf(result).Elem()
		}
		for i, value := range f.Call(values) {
			values[i].Set(value)
		}
	}
}

// returns reports whether the function that deferred the caller returns. Otherwise the runtime runs the deferred calls of a
// function that a panic or Goexit leaves. Skip counts Callers, this, and what is called up to the deferred function.
func returns(skip int) bool {
	var caller [1]uintptr
	if runtime.Callers(skip, caller[:]) == 0 {
		return true
	}
	f := runtime.FuncForPC(caller[0] - 1)
	return f == nil || f.Name() != "runtime.gopanic" && f.Name() != "runtime.Goexit"
}

func nothing() {}
