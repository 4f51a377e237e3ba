//go:build weave_adapter

package fiber

import "context"

// weaveRoute is told the route of a request, by the context of fasthttp. The hooks set it.
var weaveRoute func(ctx context.Context, path, route string)

// weaveFound tells the route that was found for a request. That of a middleware is none.
func weaveFound(c Ctx, route *Route) {
	if weaveRoute == nil || route == nil || route.use || c == nil {
		return
	}
	ctx := c.RequestCtx()
	if ctx != nil {
		weaveRoute(ctx, string(ctx.URI().PathOriginal()), route.Path)
	}
}

// weaveContext returns the context of fasthttp that a request has; nil for none.
func weaveContext(c Ctx) context.Context {
	if c == nil {
		return nil
	}
	if ctx := c.RequestCtx(); ctx != nil {
		return ctx
	}
	return nil
}

// weaveOwn reports whether an error says that there is nothing for a request, as the router's own do.
func weaveOwn(err error) bool {
	e, ok := err.(*Error)
	return ok && e != nil && (e.Code == StatusNotFound || e.Code == StatusMethodNotAllowed)
}
