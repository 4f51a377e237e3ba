// Command go_restful answers requests by go-restful in all ways that there are.
package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"

	"github.com/emicklei/go-restful/v3"
)

func main() {
	c := restful.NewContainer()
	c.RecoverHandler(func(value interface{}, w http.ResponseWriter) {
		http.Error(w, fmt.Sprint("recovered ", value), http.StatusInternalServerError)
	})
	c.DoNotRecover(false)
	users := new(restful.WebService).Path("/users")
	users.Route(users.GET("/{id}").To(func(r *restful.Request, w *restful.Response) {
		fmt.Fprint(w, "user ", r.PathParameter("id"), " ", r.SelectedRoutePath(), stack())
	}))
	api := new(restful.WebService).Path("/api/{version}")
	api.Filter(func(r *restful.Request, w *restful.Response, chain *restful.FilterChain) { chain.ProcessFilter(r, w) })
	api.Route(api.PUT("/items/{item:[0-9]+}").To(text("item")))
	more := new(restful.WebService)
	more.Route(more.GET("/broken").To(func(r *restful.Request, w *restful.Response) {
		w.WriteErrorString(http.StatusInternalServerError, "broken")
	}))
	more.Route(more.GET("/failed").To(func(r *restful.Request, w *restful.Response) {
		w.WriteError(http.StatusInternalServerError, errors.New("there is no database at postgres://user:secret@example.com/db"))
	}))
	more.Route(more.GET("/panic").To(func(r *restful.Request, w *restful.Response) { panic("as asked") }))
	more.Route(more.GET("/stream").To(func(r *restful.Request, w *restful.Response) {
		for i := range 3 {
			fmt.Fprint(w, i, ";")
			w.Flush()
		}
	}))
	more.Route(more.GET("/files/{path:*}").To(text("files")))
	c.Add(users).Add(api).Add(more)
	below := http.NewServeMux()
	below.Handle("/in/", http.StripPrefix("/in", c))
	if os.Args[1] == "many" {
		serve(c, many)
		return
	}
	serve(c, func(ask func(method, path string)) {
		ask("GET", "/users/7")
		ask("PUT", "/api/v1/items/3")
		ask("GET", "/files/a/b")
		ask("GET", "/nothing/7")
		ask("DELETE", "/users/7")
		ask("MADE-UP", "/nothing")
		ask("GET", "/broken")
		ask("GET", "/failed")
		ask("GET", "/panic")
		ask("GET", "/stream")
	})
	serve(below, func(ask func(method, path string)) {
		ask("GET", "/in/users/7")
	})
}

func text(s string) restful.RouteFunction {
	return func(r *restful.Request, w *restful.Response) { fmt.Fprint(w, s) }
}
