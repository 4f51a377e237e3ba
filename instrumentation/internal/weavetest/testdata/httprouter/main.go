// Command httprouter answers requests by httprouter in all ways that there are.
package main

import (
	"fmt"
	"net/http"
	"os"

	"github.com/julienschmidt/httprouter"
)

func main() {
	r := httprouter.New()
	r.PanicHandler = func(w http.ResponseWriter, r *http.Request, value interface{}) {
		http.Error(w, fmt.Sprint("recovered ", value), http.StatusInternalServerError)
	}
	r.GET("/", func(w http.ResponseWriter, r *http.Request, _ httprouter.Params) { fmt.Fprint(w, "home", stack()) })
	r.GET("/users/:id", func(w http.ResponseWriter, r *http.Request, p httprouter.Params) {
		fmt.Fprint(w, "user ", p.ByName("id"))
	})
	r.Handler("POST", "/files/*path", text("files"))
	r.HandlerFunc("PUT", "/api/:version/items/:item", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, httprouter.ParamsFromContext(r.Context()))
	})
	r.GET("/broken", func(w http.ResponseWriter, r *http.Request, _ httprouter.Params) {
		http.Error(w, "broken", http.StatusInternalServerError)
	})
	r.GET("/panic", func(http.ResponseWriter, *http.Request, httprouter.Params) { panic("as asked") })
	r.HandlerFunc("GET", "/stream", func(w http.ResponseWriter, r *http.Request) {
		for i := range 3 {
			fmt.Fprint(w, i, ";")
			w.(http.Flusher).Flush()
		}
	})
	r.Handler("GET", "/out/*rest", http.StripPrefix("/out", nested()))
	below := http.NewServeMux()
	below.Handle("/in/", http.StripPrefix("/in", r))
	if os.Args[1] == "many" {
		serve(r, many)
		return
	}
	handle, params, _ := r.Lookup("GET", "/users/7")
	fmt.Println(handle != nil, params)
	serve(r, func(ask func(method, path string)) {
		ask("GET", "/")
		ask("GET", "/users/7")
		ask("POST", "/files/a/b")
		ask("PUT", "/api/v1/items/3")
		ask("GET", "/users/7/")
		ask("GET", "/nothing/7")
		ask("DELETE", "/users/7")
		ask("MADE-UP", "/nothing")
		ask("GET", "/broken")
		ask("GET", "/panic")
		ask("GET", "/stream")
		ask("GET", "/out/rooms/5")
	})
	serve(below, func(ask func(method, path string)) {
		ask("GET", "/in/users/7")
		ask("GET", "/in/nothing")
	})
}

func text(s string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, s) }
}

// nested is a multiplexer of net/http.
func nested() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /rooms/{room}", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "room ", r.PathValue("room")) })
	return mux
}
