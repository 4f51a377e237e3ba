// Command fiber answers requests by fiber, v2 and v3, in all ways that there are.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/gofiber/fiber/v2/middleware/recover"
)

func main() {
	program := os.Args[1]
	if program, yes := strings.CutPrefix(program, "v3 "); yes {
		v3(program)
		return
	}
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Use(recover.New())
	app.Use("/api", func(c *fiber.Ctx) error { return c.Next() })
	app.Get("/", func(c *fiber.Ctx) error { return c.SendString("home" + stack()) })
	app.Get("/users/:id", func(c *fiber.Ctx) error { return c.SendString("user " + c.Params("id")) })
	app.All("/files/*", func(c *fiber.Ctx) error { return c.SendString(c.Params("*")) })
	api := app.Group("/api/:version")
	api.Put("/items/:item", func(c *fiber.Ctx) error { return c.Status(201).SendString(c.Route().Path) })
	sub := fiber.New()
	sub.Get("/down/:level", func(c *fiber.Ctx) error { return c.SendString("down " + c.Params("level")) })
	app.Mount("/deep", sub)
	app.Get("/broken", func(c *fiber.Ctx) error {
		return errors.New("there is no database at postgres://user:secret@example.com/db")
	})
	app.Get("/bad", func(c *fiber.Ctx) error { return fiber.NewError(400, "not like this") })
	app.Get("/panic", func(c *fiber.Ctx) error { panic("as asked") })
	app.Get("/abort", func(c *fiber.Ctx) error { panic(errors.New("as asked, too")) })
	app.Get("/stream", func(c *fiber.Ctx) error {
		c.Context().SetBodyStreamWriter(func(w *bufio.Writer) { fmt.Fprint(w, "0;1;2;") })
		return nil
	})
	app.Get("/out/*", adaptor.HTTPHandler(http.StripPrefix("/out", nested())))
	if program == "many" {
		listen(app.Listener, many)
		return
	}
	listen(app.Listener, func(ask func(method, path string)) {
		ask("GET", "/")
		ask("GET", "/users/7")
		ask("POST", "/files/a/b")
		ask("PUT", "/api/v1/items/3")
		ask("GET", "/deep/down/1")
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
}

// nested is a multiplexer of net/http.
func nested() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /rooms/{room}", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "room ", r.PathValue("room")) })
	return mux
}
