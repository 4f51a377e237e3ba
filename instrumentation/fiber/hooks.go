// Package fiber has the hooks for github.com/gofiber/fiber, v2 and v3. The span and the metrics of a request are those of fasthttp's server;
// fiber gives them the route, and the span the errors that the error handler gets and a panic that the recover middleware does not let
// through.
//
// An error is an exception of the span, and its text the description of the span's status if the response says that the server has
// failed. What says 404 or 405 is none. The path of a middleware (Use) is not a route.
package fiber

import (
	"context"
	_ "unsafe" // for linkname

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
)

// gate is before every hook.
var gate hook.Gate

var lib = hook.New("fiber")

func init() { gate.Open("fiber") }

// What the adapters and the woven middlewares call.
var (
	//go:linkname route2 github.com/gofiber/fiber/v2.weaveRoute
	route2 = found
	//go:linkname recovered2 github.com/gofiber/fiber/v2/middleware/recover.weaveRecovered
	recovered2 = panicked
	//go:linkname route3 github.com/gofiber/fiber/v3.weaveRoute
	route3 = found
	//go:linkname recovered3 github.com/gofiber/fiber/v3/middleware/recover.weaveRecovered
	recovered3 = panicked
)

func found(ctx context.Context, path, pattern string) {
	if gate.Closed() || !lib.On() {
		return
	}
	defer lib.Recover()
	hook.Route(ctx, path, pattern)
}

func panicked(ctx context.Context, value any) {
	if gate.Closed() || !lib.On() {
		return
	}
	defer lib.Recover()
	hook.Recovered(ctx, value)
}

// Error is woven into (*App).ErrorHandler.
func Error(ctx context.Context, err error, own bool) {
	if gate.Closed() || !lib.On() || own {
		return
	}
	defer lib.Recover()
	hook.Failed(ctx, err)
}
