package main

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/adaptor"
	"github.com/gofiber/fiber/v3/middleware/recover"
)

// v3 is what main does by v3.
func v3(program string) {
	app := fiber.New()
	app.Use(recover.New())
	app.Use("/api", func(c fiber.Ctx) error { return c.Next() })
	app.Get("/", func(c fiber.Ctx) error { return c.SendString("home" + stack()) })
	app.Get("/users/:id", func(c fiber.Ctx) error { return c.SendString("user " + c.Params("id")) })
	app.All("/files/*", func(c fiber.Ctx) error { return c.SendString(c.Params("*")) })
	api := app.Group("/api/:version")
	api.Put("/items/:item", func(c fiber.Ctx) error { return c.Status(201).SendString(c.Route().Path) })
	sub := fiber.New()
	sub.Get("/down/:level", func(c fiber.Ctx) error { return c.SendString("down " + c.Params("level")) })
	app.Use("/deep", sub)
	app.Get("/broken", func(c fiber.Ctx) error {
		return errors.New("there is no database at postgres://user:secret@example.com/db")
	})
	app.Get("/bad", func(c fiber.Ctx) error { return fiber.NewError(400, "not like this") })
	app.Get("/panic", func(c fiber.Ctx) error { panic("as asked") })
	app.Get("/abort", func(c fiber.Ctx) error { panic(errors.New("as asked, too")) })
	app.Get("/stream", func(c fiber.Ctx) error {
		c.RequestCtx().SetBodyStreamWriter(func(w *bufio.Writer) { fmt.Fprint(w, "0;1;2;") })
		return nil
	})
	app.Get("/out/*", adaptor.HTTPHandler(http.StripPrefix("/out", nested())))
	if program == "many" {
		listen(func(l net.Listener) error { return app.Listener(l, fiber.ListenConfig{DisableStartupMessage: true}) }, many)
		return
	}
	listen(func(l net.Listener) error { return app.Listener(l, fiber.ListenConfig{DisableStartupMessage: true}) }, func(ask func(method, path string)) {
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
