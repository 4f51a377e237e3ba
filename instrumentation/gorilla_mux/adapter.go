//go:build weave_adapter

package mux

import "net/http"

// weaveRoute is told the route of a request. The hooks set it.
var weaveRoute func(*http.Request, string)

// weaveFound tells the route that was found for a request: that of a subrouter has what is before it.
func weaveFound(req *http.Request, route *Route) {
	if weaveRoute == nil || route == nil {
		return
	}
	if template, err := route.GetPathTemplate(); err == nil {
		weaveRoute(req, template)
	}
}
