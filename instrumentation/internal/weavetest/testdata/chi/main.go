// Command chi answers requests by chi in all ways that there are.
package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"os"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
)

func main() {
	r := chi.NewRouter()
	r.Use(middleware.RequestLogger(&middleware.DefaultLogFormatter{Logger: log.New(io.Discard, "", 0), NoColor: true}))
	r.Use(middleware.Recoverer)
	r.Get("/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "home", stack()) })
	r.Get("/users/{id}", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "user ", chi.URLParam(r, "id")) })
	r.Handle("/files/*", text("files"))
	r.Route("/api/{version}", func(r chi.Router) {
		r.Get("/", text("api"))
		r.Group(func(r chi.Router) {
			r.Use(middleware.NoCache)
			r.Put("/items/{item:[0-9]+}", text("item"))
		})
		r.With(middleware.NoCache).Get("/with", text("with"))
		r.Mount("/deep", deep())
	})
	r.Get("/broken", func(w http.ResponseWriter, r *http.Request) { http.Error(w, "broken", http.StatusInternalServerError) })
	r.Get("/panic", func(w http.ResponseWriter, r *http.Request) { panic("as asked") })
	r.Get("/abort", func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) })
	r.Get("/stream", func(w http.ResponseWriter, r *http.Request) {
		for i := range 3 {
			fmt.Fprint(w, i, ";")
			w.(http.Flusher).Flush()
		}
	})
	r.Handle("/out/*", http.StripPrefix("/out", nested()))
	below := http.NewServeMux()
	below.Handle("/in/", http.StripPrefix("/in", r))
	if os.Args[1] == "many" {
		serve(r, many)
		return
	}
	log.SetOutput(io.Discard)
	serve(r, func(ask func(method, path string)) {
		ask("GET", "/")
		ask("GET", "/users/7")
		ask("POST", "/files/a/b")
		ask("GET", "/api/v1/")
		ask("PUT", "/api/v1/items/3")
		ask("GET", "/api/v1/with")
		ask("GET", "/api/v1/deep/down/1")
		ask("GET", "/api/v1/nothing")
		ask("GET", "/nothing/7")
		ask("DELETE", "/users/7")
		ask("MADE-UP", "/users/7")
		ask("GET", "/broken")
		ask("GET", "/panic")
		ask("GET", "/abort")
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

// deep is a router that another one mounts.
func deep() http.Handler {
	r := chi.NewRouter()
	r.Get("/down/{level}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "down ", chi.URLParam(r, "version"), chi.URLParam(r, "level"), " ", chi.RouteContext(r.Context()).RoutePattern())
	})
	return r
}

// nested is a multiplexer of net/http.
func nested() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /rooms/{room}", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "room ", r.PathValue("room")) })
	return mux
}
