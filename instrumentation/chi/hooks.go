// Package chi has the hooks for github.com/go-chi/chi/v5. The span and the metrics of a request are those of net/http's server; chi gives
// them the route, that of routers which are mounted in each other as a whole, and the span a panic that Recoverer does not let through.
//
// A request that a mounted router finds no handler for has the route of the mount, "/api/*".
package chi

import (
	"net/http"
	_ "unsafe" // for linkname

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
)

// gate is before every hook.
var gate hook.Gate

var lib = hook.New("chi")

func init() { gate.Open("chi") }

// What the adapter and the woven middleware call.
var (
	//go:linkname wanted github.com/go-chi/chi/v5.weaveWanted
	wanted = routing
	//go:linkname route github.com/go-chi/chi/v5.weaveRoute
	route = found
	//go:linkname recovered github.com/go-chi/chi/v5/middleware.weaveRecovered
	recovered = panicked
)

func routing(r *http.Request) bool {
	return !gate.Closed() && lib.On() && r != nil && r.URL != nil && hook.Routing(r.Context())
}

func found(r *http.Request, pattern string) {
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

// Registered is woven into (*Mux).handle. It does nothing: a program that has it has what the adapter calls.
func Registered() {}
