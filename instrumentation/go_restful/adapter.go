//go:build weave_adapter

package restful

import "net/http"

// weaveRoute is told the route of a request, weaveFailed the error that it was answered by, and weaveRecovered a panic that was
// recovered. The hooks set them.
var (
	weaveFailed    func(*http.Request, error)
	weaveRoute     func(*http.Request, string)
	weaveRecovered func(*http.Request, interface{})
)

// weaveFound tells the route that was found for a request.
func weaveFound(req *http.Request, route *Route) {
	if weaveRoute != nil && route != nil {
		weaveRoute(req, route.Path)
	}
}

// weaveAnswered tells the error that a response keeps.
func weaveAnswered(req *http.Request, resp *Response) {
	if weaveFailed == nil || resp == nil {
		return
	}
	if err := resp.Error(); err != nil {
		weaveFailed(req, err)
	}
}
