// Package echo has the hooks for github.com/labstack/echo, v4 and v5. The span and the metrics of a request are those of net/http's
// server; echo gives them the route, and the span the errors that the error handler gets, and a panic that Recover does not let through.
//
// An error is an exception of the span, and its text the description of the span's status if the response says that the server has
// failed. What the router itself says of a request that it has no handler for is none. A path that is there for other methods is the
// route of a request that gets 405. With a router of the program's own, which v5 allows, there are errors and no routes.
package echo

import (
	"net/http"
	_ "unsafe" // for linkname

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
)

// gate is before every hook.
var gate hook.Gate

var lib = hook.New("echo")

func init() { gate.Open("echo") }

// What the adapters and the woven middlewares call.
var (
	//go:linkname route4 github.com/labstack/echo/v4.weaveRoute
	route4 = found
	//go:linkname fail4 github.com/labstack/echo/v4.weaveFail
	fail4 = failed
	//go:linkname recovered4 github.com/labstack/echo/v4/middleware.weaveRecovered
	recovered4 = panicked
	//go:linkname route5 github.com/labstack/echo/v5.weaveRoute
	route5 = found
	//go:linkname fail5 github.com/labstack/echo/v5.weaveFail
	fail5 = failed
	//go:linkname recovered5 github.com/labstack/echo/v5/middleware.weaveRecovered
	recovered5 = panicked
)

func found(r *http.Request, pattern string) {
	if gate.Closed() || !lib.On() || r == nil || r.URL == nil {
		return
	}
	defer lib.Recover()
	hook.Route(r.Context(), r.URL.Path, pattern)
}

func failed(r *http.Request, err error) {
	if gate.Closed() || !lib.On() || r == nil {
		return
	}
	defer lib.Recover()
	hook.Failed(r.Context(), err)
}

// panicked is told by a middleware, whose context may be one of the program's.
func panicked(request func() *http.Request, value any) {
	if gate.Closed() || !lib.On() {
		return
	}
	defer lib.Recover()
	var r *http.Request
	if hook.Try(func() { r = request() }); r != nil {
		hook.Recovered(r.Context(), value)
	}
}

// Error is woven into (*context).Error of v4.
func Error(r *http.Request, err error, own bool) {
	if !own {
		failed(r, err)
	}
}

// Registered is woven into (*DefaultRouter).Add of v5. It does nothing: a program that has it has what the adapter calls.
func Registered() {}
