// Command echo answers requests by echo, v4 and v5, in all ways that there are.
package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
)

func main() {
	if program, yes := strings.CutPrefix(os.Args[1], "v5 "); yes {
		v5(program)
		return
	}
	e := echo.New()
	e.Logger.SetOutput(io.Discard)
	e.Use(middleware.RecoverWithConfig(middleware.RecoverConfig{DisableStackAll: true}))
	e.GET("/", func(c echo.Context) error { return c.String(http.StatusOK, "home"+stack()) })
	e.GET("/users/:id", func(c echo.Context) error { return c.String(http.StatusOK, "user "+c.Param("id")) })
	e.Any("/files/*", func(c echo.Context) error { return c.String(http.StatusOK, c.Param("*")) })
	api := e.Group("/api/:version")
	api.PUT("/items/:item", func(c echo.Context) error { return c.String(http.StatusCreated, c.Path()) })
	e.GET("/broken", func(c echo.Context) error {
		return errors.New("there is no database at postgres://user:secret@example.com/db")
	})
	e.GET("/bad", func(c echo.Context) error { return echo.NewHTTPError(http.StatusBadRequest, "not like this") })
	e.GET("/panic", func(c echo.Context) error { panic("as asked") })
	e.GET("/abort", func(c echo.Context) error { panic(errors.New("as asked, too")) })
	e.GET("/stream", func(c echo.Context) error {
		for i := range 3 {
			fmt.Fprint(c.Response(), i, ";")
			c.Response().Flush()
		}
		return nil
	})
	e.GET("/out/*", echo.WrapHandler(http.StripPrefix("/out", nested())))
	below := http.NewServeMux()
	below.Handle("/in/", http.StripPrefix("/in", e))
	if os.Args[1] == "many" {
		serve(e, many)
		return
	}
	serve(e, func(ask func(method, path string)) {
		ask("GET", "/")
		ask("GET", "/users/7")
		ask("POST", "/files/a/b")
		ask("PUT", "/api/v1/items/3")
		ask("GET", "/nothing/7")
		ask("DELETE", "/users/7")
		ask("MADE-UP", "/nothing")
		ask("GET", "/broken")
		ask("GET", "/bad")
		ask("GET", "/panic")
		ask("GET", "/abort")
		ask("GET", "/stream")
		ask("GET", "/out/rooms/5")
	})
	// Middlewares before the router.
	e.Pre(middleware.RemoveTrailingSlash())
	serve(below, func(ask func(method, path string)) {
		ask("GET", "/in/users/7/")
		ask("GET", "/in/nothing")
	})
}

// nested is a multiplexer of net/http.
func nested() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /rooms/{room}", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "room ", r.PathValue("room")) })
	return mux
}
