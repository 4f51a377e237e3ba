// Package gorilla_mux has the hooks for github.com/gorilla/mux. The span and the metrics of a request are those of net/http's server; the
// router gives them the route as it was written, "/users/{id:[0-9]+}", with the prefixes of the subrouters that it is in. A panic that
// the recovery handler of github.com/gorilla/handlers does not let through is on the span.
//
// A route without a path, of a host alone, gives none.
package gorilla_mux

import (
	"net/http"
	_ "unsafe" // for linkname

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
)

// gate is before every hook.
var gate hook.Gate

var lib = hook.New("gorilla_mux")

func init() { gate.Open("gorilla_mux") }

// What the adapter and the woven recovery handler call.
var (
	//go:linkname route github.com/gorilla/mux.weaveRoute
	route = found
	//go:linkname recovered github.com/gorilla/handlers.weaveRecovered
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

// Registered is woven into (*Route).addRegexpMatcher. It does nothing: a program that has it has what the adapter calls.
func Registered() {}
