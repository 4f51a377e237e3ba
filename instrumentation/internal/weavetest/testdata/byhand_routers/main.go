// Command byhand_routers has a router whose requests a middleware describes that the program was given by hand: woven, it has no span twice.
package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/emicklei/go-restful/v3"
	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/gofiber/contrib/otelfiber/v2"
	"github.com/gofiber/fiber/v2"
	"github.com/gorilla/mux"
	"github.com/labstack/echo/v4"
	"github.com/riandyrn/otelchi"
	"go.opentelemetry.io/contrib/instrumentation/github.com/emicklei/go-restful/otelrestful"
	"go.opentelemetry.io/contrib/instrumentation/github.com/gin-gonic/gin/otelgin"
	"go.opentelemetry.io/contrib/instrumentation/github.com/gorilla/mux/otelmux"
	"go.opentelemetry.io/contrib/instrumentation/github.com/labstack/echo/otelecho"
	"go.opentelemetry.io/otel"
)

// work is what handlers do, in a span of their own.
func work(ctx context.Context) {
	_, span := otel.Tracer("by hand").Start(ctx, "work")
	span.End()
}

var handlers = map[string]func() http.Handler{
	"gin": func() http.Handler {
		gin.SetMode(gin.ReleaseMode)
		e := gin.New()
		e.Use(otelgin.Middleware("byhand", otelgin.WithFilter(func(r *http.Request) bool { return r.URL.Path != "/filtered" })))
		e.GET("/users/:id", func(c *gin.Context) { work(c.Request.Context()) })
		e.GET("/filtered", func(c *gin.Context) { work(c.Request.Context()) })
		e.GET("/broken", func(c *gin.Context) { c.AbortWithError(http.StatusInternalServerError, errors.New("broken")) })
		return e
	},
	"chi": func() http.Handler {
		r := chi.NewRouter()
		r.Use(otelchi.Middleware("byhand", otelchi.WithChiRoutes(r), otelchi.WithFilter(func(r *http.Request) bool { return r.URL.Path != "/filtered" })))
		return routes(r, r.Get, "/users/{id}")
	},
	"mux": func() http.Handler {
		r := mux.NewRouter()
		r.Use(otelmux.Middleware("byhand", otelmux.WithFilter(func(r *http.Request) bool { return r.URL.Path != "/filtered" })))
		return routes(r, func(path string, h http.HandlerFunc) { r.HandleFunc(path, h) }, "/users/{id}")
	},
	"echo": func() http.Handler {
		e := echo.New()
		e.Use(otelecho.Middleware("byhand", otelecho.WithSkipper(func(c echo.Context) bool { return c.Path() == "/filtered" })))
		return routes(e, func(path string, h http.HandlerFunc) { e.GET(path, echo.WrapHandler(h)) }, "/users/:id")
	},
	"restful": func() http.Handler {
		c := restful.NewContainer()
		c.Filter(otelrestful.OTelFilter("byhand"))
		ws := new(restful.WebService)
		c.Add(routes(ws, func(path string, h http.HandlerFunc) {
			ws.Route(ws.GET(path).To(func(r *restful.Request, w *restful.Response) { h(w, r.Request) }))
		}, "/users/{id}"))
		return c
	},
}

// routes adds the routes that all have to a router.
func routes[R any](router R, get func(string, http.HandlerFunc), users string) R {
	get(users, func(w http.ResponseWriter, r *http.Request) { work(r.Context()) })
	get("/filtered", func(w http.ResponseWriter, r *http.Request) { work(r.Context()) })
	get("/broken", func(w http.ResponseWriter, r *http.Request) { http.Error(w, "broken", http.StatusInternalServerError) })
	return router
}

// byFiber is a server of fasthttp.
func byFiber() {
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Use(otelfiber.Middleware(otelfiber.WithNext(func(c *fiber.Ctx) bool { return c.Path() == "/filtered" })))
	for _, path := range []string{"/users/:id", "/filtered"} {
		app.Get(path, func(c *fiber.Ctx) error {
			work(c.UserContext())
			return nil
		})
	}
	app.Get("/broken", func(c *fiber.Ctx) error { return errors.New("broken") })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go app.Listener(l)
	ask("http://" + l.Addr().String())
}

func main() {
	if os.Args[1] == "fiber" {
		byFiber()
		return
	}
	h := handlers[os.Args[1]]()
	s := httptest.NewServer(h)
	defer s.Close()
	ask(s.URL)
	// A caller without a trace.
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/users/7", nil))
}

// ask asks a server for all that it has.
func ask(server string) {
	for _, path := range []string{"/users/7", "/filtered", "/broken"} {
		resp, err := http.Get(server + path)
		if err != nil {
			panic(err)
		}
		resp.Body.Close()
	}
}
