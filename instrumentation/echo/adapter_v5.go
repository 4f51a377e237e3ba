//go:build weave_adapter

package echo

import "net/http"

// weaveRoute is told the route of a request, and weaveFailed an error of its handlers. The hooks set them.
var (
	weaveRoute func(*http.Request, string)
	weaveFail  func(*http.Request, error)
)

// weaveFound tells the route of a context's request, if it is one: of a request that nothing is there for the router has the pattern
// that it was at last.
func weaveFound(c *Context, route string, found bool) {
	if found && weaveRoute != nil {
		weaveRoute(c.request, route)
	}
}

// weaveOwn reports whether an error is the router's own, of a request that nothing is there for.
func weaveOwn(err error) bool {
	return err == ErrNotFound || err == ErrMethodNotAllowed
}

// weaveFailed tells an error that the handlers of a context return.
func weaveFailed(c *Context, err error) {
	if weaveFail != nil && !weaveOwn(err) {
		weaveFail(c.request, err)
	}
}
