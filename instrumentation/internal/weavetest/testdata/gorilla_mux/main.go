// Command gorilla_mux answers requests by gorilla/mux in all ways that there are.
package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"os"

	"github.com/gorilla/handlers"
	"github.com/gorilla/mux"
)

func main() {
	r := mux.NewRouter()
	r.Use(handlers.RecoveryHandler(handlers.RecoveryLogger(log.New(io.Discard, "", 0))))
	r.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "home", stack()) })
	r.HandleFunc("/users/{id:[0-9]+}", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "user ", mux.Vars(r)["id"]) }).Methods("GET")
	r.PathPrefix("/files/").Handler(text("files"))
	api := r.PathPrefix("/api/{version}").Subrouter()
	api.Handle("/items/{item}", text("item")).Methods("PUT")
	deep := api.PathPrefix("/deep").Subrouter()
	deep.HandleFunc("/down/{level}", func(w http.ResponseWriter, r *http.Request) {
		template, err := mux.CurrentRoute(r).GetPathTemplate()
		fmt.Fprint(w, "down ", mux.Vars(r)["level"], " ", template, err)
	})
	r.Host("only.example.com").Handler(text("host"))
	r.HandleFunc("/broken", func(w http.ResponseWriter, r *http.Request) { http.Error(w, "broken", http.StatusInternalServerError) })
	r.HandleFunc("/panic", func(w http.ResponseWriter, r *http.Request) { panic("as asked") })
	r.HandleFunc("/stream", func(w http.ResponseWriter, r *http.Request) {
		for i := range 3 {
			fmt.Fprint(w, i, ";")
			w.(http.Flusher).Flush()
		}
	})
	r.PathPrefix("/out").Handler(http.StripPrefix("/out", nested()))
	below := http.NewServeMux()
	below.Handle("/in/", http.StripPrefix("/in", r))
	if os.Args[1] == "many" {
		serve(r, many)
		return
	}
	serve(r, func(ask func(method, path string)) {
		ask("GET", "/")
		ask("GET", "/users/7")
		ask("POST", "/files/a/b")
		ask("PUT", "/api/v1/items/3")
		ask("GET", "/api/v1/deep/down/1")
		ask("GET", "/api/v1/nothing")
		ask("GET", "/users//7")
		ask("GET", "/nothing/7")
		ask("DELETE", "/users/7")
		ask("MADE-UP", "/files/7")
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
