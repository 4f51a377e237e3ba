//go:build weave_adapter

package httprouter

import "net/http"

// weaveRoute is told the route of a request, and weaveRecovered a panic that was recovered. The hooks set them.
var (
	weaveRoute     func(*http.Request, string)
	weaveRecovered func(*http.Request, interface{})
)

// weaveRouted returns a handler that tells its path and is the given one.
func weaveRouted(path string, handle Handle) Handle {
	if handle == nil || weaveRoute == nil {
		return handle
	}
	return func(w http.ResponseWriter, req *http.Request, ps Params) {
		weaveRoute(req, path)
		handle(w, req, ps)
	}
}
