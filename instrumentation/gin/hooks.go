// Package gin has the hooks for github.com/gin-gonic/gin. The span and the metrics of a request are those of net/http's server; gin gives
// them the route, and the span the errors that handlers leave with the context (Context.Error, AbortWithError) and a panic that Recovery
// does not let through.
//
// An error is an exception of the span, and its text the description of the span's status if the response says that the server has
// failed. Errors that a handler appends to Context.Errors by itself are not seen.
package gin

import (
	"net/http"
	_ "unsafe" // for linkname

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
)

// gate is before every hook.
var gate hook.Gate

var lib = hook.New("gin")

func init() { gate.Open("gin") }

// What the adapter calls.
var (
	//go:linkname route github.com/gin-gonic/gin.weaveRoute
	route = found
	//go:linkname recovered github.com/gin-gonic/gin.weaveRecovered
	recovered = panicked
)

func found(r *http.Request, pattern string) {
	if gate.Closed() || !lib.On() || r == nil || r.URL == nil {
		return
	}
	defer lib.Recover()
	hook.Route(r.Context(), r.URL.Path, pattern)
}

func panicked(r *http.Request, value any) {
	if gate.Closed() || !lib.On() || r == nil {
		return
	}
	defer lib.Recover()
	hook.Recovered(r.Context(), value)
}

// Error is woven into (*Context).Error.
func Error(r *http.Request, err error) {
	if gate.Closed() || !lib.On() || r == nil {
		return
	}
	defer lib.Recover()
	hook.Failed(r.Context(), err)
}
