//go:build weave_adapter

package restful

import "net/http"

// weaveRoute is told the route of a request, and weaveRecovered a panic that was recovered. The hooks set them.
var (
	weaveRoute     func(*http.Request, string)
	weaveRecovered func(*http.Request, interface{})
)

// weaveFound tells the route that was found for a request.
func weaveFound(req *http.Request, route *Route) {
	if weaveRoute != nil && route != nil {
		weaveRoute(req, route.Path)
	}
}
