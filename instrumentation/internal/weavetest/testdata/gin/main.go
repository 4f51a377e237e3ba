// Command gin answers requests by gin in all ways that there are.
package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/gin-gonic/gin"
)

func main() {
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	e.HandleMethodNotAllowed = true
	e.Use(gin.RecoveryWithWriter(io.Discard))
	e.GET("/", func(c *gin.Context) { c.String(http.StatusOK, "home"+stack()) })
	e.GET("/users/:id", func(c *gin.Context) { c.String(http.StatusOK, "user "+c.Param("id")) })
	e.Any("/files/*path", func(c *gin.Context) { c.String(http.StatusOK, c.Param("path")) })
	api := e.Group("/api/:version")
	api.Use(func(c *gin.Context) { c.Next() })
	api.PUT("/items/:item", func(c *gin.Context) { c.String(http.StatusCreated, c.Param("version")+c.Param("item")) })
	api.GET("/again", func(c *gin.Context) {
		c.Request.URL.Path = "/users/again"
		e.HandleContext(c)
	})
	e.GET("/broken", func(c *gin.Context) {
		err := c.AbortWithError(http.StatusInternalServerError, errors.New("there is no database at postgres://user:secret@example.com/db"))
		c.Writer.WriteString(err.Error())
	})
	e.GET("/bad", func(c *gin.Context) {
		c.Error(errors.New("first"))
		c.Error(fmt.Errorf("second: %w", os.ErrNotExist))
		c.String(http.StatusBadRequest, fmt.Sprint(len(c.Errors)))
	})
	e.GET("/panic", func(c *gin.Context) { panic("as asked") })
	e.GET("/abort", func(c *gin.Context) { panic(errors.New("as asked, too")) })
	e.GET("/stream", func(c *gin.Context) {
		n := 0
		c.Stream(func(w io.Writer) bool {
			n++
			fmt.Fprint(w, n, ";")
			return n < 3
		})
	})
	below := http.NewServeMux()
	below.Handle("/in/", http.StripPrefix("/in", e))
	e.GET("/out/*rest", gin.WrapH(http.StripPrefix("/out", nested())))
	if os.Args[1] == "many" {
		serve(e, many)
		return
	}
	serve(e, func(ask func(method, path string)) {
		ask("GET", "/")
		ask("GET", "/users/7")
		ask("POST", "/files/a/b")
		ask("PUT", "/api/v1/items/3")
		ask("GET", "/api/v1/again")
		ask("GET", "/users/7/")
		ask("GET", "/nothing/7")
		ask("DELETE", "/users/7")
		ask("MADE-UP", "/users/7")
		ask("GET", "/broken")
		ask("GET", "/bad")
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

// nested is a multiplexer of net/http.
func nested() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /rooms/{room}", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "room ", r.PathValue("room")) })
	return mux
}
