package hook

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/trace"
)

// asked is the context of a request.
type asked struct {
	context.Context
	in *Incoming
}

func (a asked) Value(key any) any {
	if key == (IncomingKey{}) {
		return a.in
	}
	return a.Context.Value(key)
}

func request(path, first string) (context.Context, *Incoming) {
	in := new(Incoming)
	in.Begin(Op{}, trace.SpanFromContext(context.Background()), path, &first)
	return asked{context.Background(), in}, in
}

// TestRoutes has routers below each other.
func TestRoutes(t *testing.T) {
	type found struct{ path, pattern string }
	for _, c := range []struct {
		path, first string // of the request, and of net/http's multiplexer
		found       []found
		want        string
	}{
		{"/a", "", nil, ""},
		{"/a/1", "", []found{{"/a/1", "/a/:n"}}, "/a/:n"},
		{"/a/1", "GET /", []found{{"/a/1", "/a/:n"}}, "/a/:n"},
		{"/in/a/1", "GET example.com/in/", []found{{"/a/1", "/a/:n"}}, "/in/a/:n"},
		{"/in/a/1", "/{x}/", []found{{"/a/1", "/a/:n"}}, "/{x}/a/:n"},
		{"/secret/more/a/1", "/", []found{{"/a/1", "/a/:n"}}, "/{...}/a/:n"},
		{"/v1/secret/a/1", "", []found{{"/v1/secret/a/1", "/v1/*rest"}, {"/a/1", "/a/{n}"}}, "/v1/{...}/a/{n}"},
		{"/in/a/1/", "/in/", []found{{"/a/1", "/a/:n"}}, "/in/a/:n"},
		{"/in/", "/in/", []found{{"/", "/"}}, "/in/"},
		{"/in", "/in", []found{{"", "/"}}, "/in/"},
		// A mounted router tells more of the same path.
		{"/api/a/1", "", []found{{"/api/a/1", "/api/*"}, {"/api/a/1", "/api/a/{n}"}}, "/api/a/{n}"},
		// One prefix after the other.
		{"/x/y/z", "", []found{{"/x/y/z", "/x/*"}, {"/y/z", "/y/*"}, {"/z", "/{z}"}}, "/x/y/{z}"},
		// A path that somebody made up, and a pattern that is none.
		{"/a/1", "", []found{{"/a/1", "/a/:n"}, {"/elsewhere", "/:where"}}, "/:where"},
		{"/a/1", "", []found{{"/a/1", "/a/:n"}, {"/a/1", ""}}, "/a/:n"},
		// A router below itself, of which the route has a bound.
		{strings.Repeat("/r", 20), "", func() (all []found) {
			for i := range 20 {
				all = append(all, found{strings.Repeat("/r", 20-i), "/{r" + fmt.Sprint(i) + "}/*"})
			}
			return all
		}(), "/{r0}/{r1}/{r2}/{r3}/{r19}/*"},
	} {
		ctx, in := request(c.path, c.first)
		if !Routing(ctx) {
			t.Error("not wanted")
		}
		for _, f := range c.found {
			Route(ctx, f.path, f.pattern)
		}
		if got := in.End(); got.Route != c.want {
			t.Errorf("%s: %q, and not %q", c.path, got.Route, c.want)
		}
		Route(ctx, c.path, "/late")
		if got := in.End(); got.Route != c.want {
			t.Errorf("%s: %q after its end", c.path, got.Route)
		}
	}
	ctx, in := request("/a", "")
	SetRoute(ctx, "/whole")
	if got := in.End().Route; got != "/whole" {
		t.Error(got)
	}
}

// TestNoRequest has contexts of no request, and hostile ones.
func TestNoRequest(t *testing.T) {
	for _, ctx := range []context.Context{nil, context.Background(), badContext{}} {
		Route(ctx, "/", "/")
		SetRoute(ctx, "/")
		Failed(ctx, errors.New("failed"))
		Recovered(ctx, "panic")
		if Routing(ctx) || Supersede(ctx) != ctx {
			t.Errorf("%T is of a request", ctx)
		}
	}
}

type badContext struct{ context.Context }

func (badContext) Value(any) any { panic("bad") }

// TestToldErrors has errors and panics of an operation that is not recorded, which metrics tell of all the same.
func TestToldErrors(t *testing.T) {
	ctx, in := request("/", "")
	Failed(ctx, nil)
	for range 100 {
		Failed(ctx, uncomparable{"x"})
	}
	Recovered(ctx, fmt.Errorf("wrapped: %w", context.Canceled))
	got := in.End()
	if got.Panic != "" || got.Error != "" {
		t.Errorf("%+v: more than %d errors", got, maxErrors)
	}
	ctx, in = request("/", "")
	Recovered(ctx, "as asked")
	if got := in.End(); got.Panic != "string" {
		t.Errorf("%+v", got)
	}
	ctx, in = request("/", "")
	Supersede(ctx)
	Recovered(ctx, "as asked")
	if got := in.End(); got.Panic != "" || !got.Superseded {
		t.Errorf("%+v", got)
	}
}

// uncomparable is an error that panics where it is compared.
type uncomparable []string

func (u uncomparable) Error() string { return u[0] }
