// Package go_restful has the hooks for github.com/emicklei/go-restful/v3. The span and the metrics of a request are those of net/http's
// server; the container gives them the route, and the span an error that a handler answers by and a panic that it does not let through.
package go_restful

import (
	"net/http"
	_ "unsafe" // for linkname

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
)

// gate is before every hook.
var gate hook.Gate

var lib = hook.New("go_restful")

func init() { gate.Open("go_restful") }

// What the adapter calls.
var (
	//go:linkname route github.com/emicklei/go-restful/v3.weaveRoute
	route = found
	//go:linkname answered github.com/emicklei/go-restful/v3.weaveFailed
	answered = failed
	//go:linkname recovered github.com/emicklei/go-restful/v3.weaveRecovered
	recovered = panicked
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

func panicked(r *http.Request, value any) {
	if gate.Closed() || !lib.On() || r == nil {
		return
	}
	defer lib.Recover()
	hook.Recovered(r.Context(), value)
}

// Registered is woven into (*Container).Add. It does nothing: a program that has it has what the adapter calls.
func Registered() {}
