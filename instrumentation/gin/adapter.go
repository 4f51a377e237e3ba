//go:build weave_adapter

package gin

import "net/http"

// weaveRoute is told the route of a request, and weaveRecovered a panic that was recovered. The hooks set them.
var (
	weaveRoute     func(*http.Request, string)
	weaveRecovered func(*http.Request, interface{})
)

// weaveFound tells the route of a context's request.
func weaveFound(c *Context, route string) {
	if weaveRoute != nil {
		weaveRoute(c.Request, route)
	}
}

// weavePanicked tells a panic of one of a context's handlers.
func weavePanicked(c *Context, value interface{}) {
	if weaveRecovered != nil {
		weaveRecovered(c.Request, value)
	}
}
