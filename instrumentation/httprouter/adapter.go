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
	if handle == nil {
		return nil
	}
	return func(w http.ResponseWriter, req *http.Request, ps Params) {
		if weaveRoute != nil {
			weaveRoute(req, path)
		}
		if asked, ok := w.(*weaveOwn); ok {
			asked.handle = handle
			return
		}
		handle(w, req, ps)
	}
}

// weaveOwn asks what weaveRouted returned for the program's own handler, which is in no function of ours then.
type weaveOwn struct {
	http.ResponseWriter
	handle Handle
}

// weaveFound tells the path of a handler of the router's, and returns the program's own.
func weaveFound(handle Handle, req *http.Request) Handle {
	asked := new(weaveOwn)
	handle(asked, req, nil)
	return asked.handle
}
