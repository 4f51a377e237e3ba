//go:build weave_adapter

package chi

import "net/http"

// weaveWanted reports whether somebody wants the route of a request, and weaveRoute is told it. The hooks set them.
var (
	weaveWanted func(*http.Request) bool
	weaveRoute  func(*http.Request, string)
)

// weaveFound tells the route of a request, of which a router has found its part.
func weaveFound(r *http.Request, c *Context) {
	if weaveWanted == nil || weaveRoute == nil || c == nil || !weaveWanted(r) {
		return
	}
	pattern := c.RoutePattern()
	if pattern == "" {
		pattern = "/" // old versions cut the slash off
	}
	weaveRoute(r, pattern)
}
