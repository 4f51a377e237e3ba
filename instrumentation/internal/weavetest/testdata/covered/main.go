// Command covered serves by libraries that stand on net/http, and so need no instrumentation.
package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"

	"github.com/coder/websocket"
	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	gorilla "github.com/gorilla/websocket"
	"github.com/justinas/alice"
	"github.com/urfave/negroni/v3"
	"go.opentelemetry.io/otel"
)

// mux is what the libraries are around.
func mux() *http.ServeMux {
	m := http.NewServeMux()
	m.HandleFunc("GET /users/{id}", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "user ", r.PathValue("id")) })
	return m
}

// work is what handlers do, in a span of their own.
func work(ctx context.Context) {
	_, span := otel.Tracer("by hand").Start(ctx, "work")
	span.End()
}

// over has the context of a request whose connection was taken over, which ends when the handler has returned.
var over = make(chan context.Context, 1)

var handlers = map[string]func() http.Handler{
	"alice": func() http.Handler {
		return alice.New(func(h http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(w, r.WithContext(r.Context())) })
		}).Then(mux())
	},
	"negroni": func() http.Handler {
		n := negroni.New(negroni.NewRecovery())
		n.UseHandler(mux())
		return n
	},
	"huma": func() http.Handler {
		m := http.NewServeMux()
		type user struct {
			ID string `path:"id"`
		}
		huma.Get(humago.New(m, huma.DefaultConfig("users", "1")), "/users/{id}", func(ctx context.Context, u *user) (*struct{ Body string }, error) {
			work(ctx)
			return &struct{ Body string }{"user " + u.ID}, nil
		})
		return m
	},
	"proxy": func() http.Handler {
		u, err := url.Parse(httptest.NewServer(mux()).URL)
		check(err)
		return httputil.NewSingleHostReverseProxy(u)
	},
	"gorilla": func() http.Handler {
		m := http.NewServeMux()
		m.HandleFunc("/users/{id}", func(w http.ResponseWriter, r *http.Request) {
			over <- r.Context()
			up := gorilla.Upgrader{}
			conn, err := up.Upgrade(w, r, nil)
			check(err)
			for {
				kind, message, err := conn.ReadMessage()
				if err != nil {
					return
				}
				work(context.Background())
				check(conn.WriteMessage(kind, message))
			}
		})
		return m
	},
	"coder": func() http.Handler {
		m := http.NewServeMux()
		m.HandleFunc("/users/{id}", func(w http.ResponseWriter, r *http.Request) {
			over <- r.Context()
			conn, err := websocket.Accept(w, r, nil)
			check(err)
			for {
				kind, message, err := conn.Read(context.Background())
				if err != nil {
					return
				}
				work(context.Background())
				check(conn.Write(context.Background(), kind, message))
			}
		})
		return m
	},
}

func main() {
	s := httptest.NewServer(handlers[os.Args[1]]())
	address := "ws" + strings.TrimPrefix(s.URL, "http") + "/users/7"
	switch os.Args[1] {
	case "gorilla":
		conn, _, err := gorilla.DefaultDialer.Dial(address, nil)
		check(err)
		for range 2 {
			check(conn.WriteMessage(gorilla.TextMessage, []byte("hello")))
			_, message, err := conn.ReadMessage()
			fmt.Println(string(message), err)
		}
		conn.Close()
		<-(<-over).Done()
	case "coder":
		ctx := context.Background()
		conn, _, err := websocket.Dial(ctx, address, nil)
		check(err)
		for range 2 {
			check(conn.Write(ctx, websocket.MessageText, []byte("hello")))
			_, message, err := conn.Read(ctx)
			fmt.Println(string(message), err)
		}
		conn.CloseNow()
		<-(<-over).Done()
	default:
		resp, err := http.Get(s.URL + "/users/7")
		check(err)
		body, err := io.ReadAll(resp.Body)
		check(err)
		resp.Body.Close()
		fmt.Println(resp.StatusCode, strings.TrimSpace(string(body)))
		s.Close()
	}
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
